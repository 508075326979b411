/// How a URL of Redis begins.
enum RedisScheme: String {
  case redis, rediss, unix
  case sentinel = "redis+sentinel"
  case sentinels = "rediss+sentinel"
  case cluster = "redis+cluster"
  case sealedCluster = "rediss+cluster"

  var isTLS: Bool { self == .rediss || self == .sentinels || self == .sealedCluster }
  var isSentinel: Bool { self == .sentinel || self == .sentinels }
  var isCluster: Bool { self == .cluster || self == .sealedCluster }

  init(_ text: Substring) throws(RedisError) {
    let name = text.lowercased()
    guard let scheme = RedisScheme(rawValue: name) else {
      switch name {
      case "sentinel", "redis-sentinel", "rediss-sentinel":
        throw RedisURL.invalid("the scheme is \(name); expected redis+sentinel")
      case "cluster", "redis-cluster", "rediss-cluster":
        throw RedisURL.invalid("the scheme is \(name); expected redis+cluster")
      case "http", "https", "tcp", "tls", "postgres", "postgresql", "valkey":
        throw RedisURL.invalid("the scheme is \(name); \(Self.expected)")
      // An unknown one may be a piece of the password.
      default: throw RedisURL.invalid("unknown scheme; \(Self.expected)")
      }
    }
    self = scheme
  }

  private static let expected = "expected redis, rediss (TLS), unix, redis+sentinel or redis+cluster"
}
