/// The adapters that there are.
public enum AdapterRegistry {
  /// A provider is one line here.
  public static let all: [any Adapter] = [
    Znet()
  ]

  public static func adapter(named name: String) -> (any Adapter)? {
    all.first { type(of: $0).name == name }
  }

  /// In alphabetical order.
  public static var names: [String] { all.map { type(of: $0).name }.sorted() }
}
