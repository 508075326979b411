public import Redis

/// The lease under which a relay delivers, as scripts take it.
public struct RelayTerm: Sendable {
  /// The key of the lease.
  public static let key = RedisArgument.string("{\(EventStream.all)}:relay")

  public let key: RedisArgument
  /// The holder's name, and for how long the lease is prolonged, in ms.
  public let holder: [RedisArgument]

  public init(key: RedisArgument = Self.key, holder: [RedisArgument]) {
    self.key = key
    self.holder = holder
  }
}
