/// Where a program runs that is to be on a machine of its own: a network namespace of this one, with an address.
public struct NetworkHost: Sendable, Hashable {
  public let name: String
  /// Of `ip netns`; nil is where this process is.
  public let namespace: String?
  /// IPv4, in which the other hosts reach it.
  public let address: String

  public init(name: String, namespace: String?, address: String) {
    (self.name, self.namespace, self.address) = (name, namespace, address)
  }

  /// The file that stands for its namespace.
  public var file: String? { namespace.map { "\(Self.folder)/\($0)" } }

  /// Where `ip netns` keeps those files.
  public static let folder = "/run/netns"
}
