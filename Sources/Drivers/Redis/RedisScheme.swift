/// How a URL of Redis begins.
enum RedisScheme: String {
  case redis, rediss, unix
  case sentinel = "redis+sentinel"
  case sentinels = "rediss+sentinel"

  var isTLS: Bool { self == .rediss || self == .sentinels }
  var isSentinel: Bool { self == .sentinel || self == .sentinels }

  init(_ text: Substring) throws(RedisError) {
    let name = text.lowercased()
    guard let scheme = RedisScheme(rawValue: name) else {
      switch name {
      case "redis+cluster", "rediss+cluster":
        throw RedisURL.invalid(
          "Redis Cluster is not supported, since what Sevk changes together would lie on several nodes; use one Redis"
            + " (redis://), or Sentinel for failover (redis+sentinel://)")
      case "sentinel", "redis-sentinel", "rediss-sentinel":
        throw RedisURL.invalid("the scheme is \(name); expected redis+sentinel")
      case "http", "https", "tcp", "tls", "postgres", "postgresql", "valkey":
        throw RedisURL.invalid("the scheme is \(name); \(Self.expected)")
      // An unknown one may be a piece of the password.
      default: throw RedisURL.invalid("unknown scheme; \(Self.expected)")
      }
    }
    self = scheme
  }

  private static let expected = "expected redis, rediss (TLS), unix or redis+sentinel"
}
