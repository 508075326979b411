/// The adapters that a program knows.
public struct AdapterRegistry: Sendable {
  /// All that there are. A provider is one line here.
  public static let sevk = AdapterRegistry([
    Znet(), ZnetTl(), ZnetFatura(), Zdk(), Reloadly(), DTOne(), Turkpin(), Internal(), Sandbox(), Stock(), Desk(),
  ])

  public let all: [any Adapter]

  public init(_ all: [any Adapter]) { self.all = all }

  public func adapter(named name: String) -> (any Adapter)? {
    all.first { type(of: $0).name == name }
  }

  /// Those that a provider can be added with, in alphabetical order: the sandbox is added with a token for it.
  public var names: [String] {
    all.map { type(of: $0) }.filter { $0.channel != .sandbox }.map { $0.name }.sorted()
  }
}
