/// The adapters that there are.
public enum AdapterRegistry {
  private static let adapters: [any Adapter] = [Znet()]

  public static func adapter(named name: String) -> (any Adapter)? {
    adapters.first { type(of: $0).name == name }
  }

  /// In alphabetical order.
  public static var names: [String] { adapters.map { type(of: $0).name }.sorted() }
}
