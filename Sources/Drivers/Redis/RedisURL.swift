internal import EventLoop
public import TLS

/// Where Redis is:
///
/// - `redis://[user:password@]host:port/db`, or `rediss://` for TLS,
/// - `unix://[user:password@]/path/to/socket[?db=N]`,
/// - `redis+sentinel://[user:password@]host:port,host:port/MASTER[/db]`, or `rediss+sentinel://`: the master that Sentinels
///   name. User and password are those of Redis, not those of the sentinels,
/// - `redis+cluster://[user:password@]host:port,host:port[/0]`, or `rediss+cluster://`: some nodes of a cluster, which name the others.
public struct RedisURL: Sendable, CustomStringConvertible {
  /// Who says where the server is.
  enum Place: Sendable {
    case server(SocketAddress)
    case sentinels(Sentinels)
    case cluster(RedisCluster)
  }

  let place: Place
  let credentials: RedisCredentials?
  let database: Int
  let tls: TLSContext?

  /// Whether connections are sealed.
  public var isTLS: Bool { tls != nil }
  /// Whether sentinels are asked where the master is.
  public var isSentinel: Bool {
    if case .sentinels = place { true } else { false }
  }

  /// Whether it is a cluster, whose keys lie on several servers.
  public var isCluster: Bool {
    if case .cluster = place { true } else { false }
  }

  /// Where Redis is, never the password.
  public var description: String {
    let server =
      switch place {
      case .server(let address): "\(address)"
      case .sentinels(let sentinels): "\(sentinels)"
      case .cluster(let cluster): "\(cluster)"
      }
    return database == 0 ? server : "\(server) database \(database)"
  }

  /// One node of a cluster.
  init(node: SocketAddress, of url: RedisURL) {
    place = .server(node)
    (credentials, database, tls) = (url.credentials, 0, url.tls)
  }

  /// Reads a URL; user and password may be percent-encoded. The port is 6379 (of a sentinel 26379) and the database 0
  /// when not given.
  ///
  /// - Parameters:
  ///   - tls: for `rediss`; with the CAs of the system and no certificate of its own when nil.
  ///   - sentinelCredentials: for the sentinels of `redis+sentinel`.
  /// - Throws: ``RedisError`` with code `invalidURL`, whose text does not repeat the URL.
  public init(_ text: String, tls: TLSContext? = nil, sentinelCredentials: RedisCredentials? = nil) throws(RedisError) {
    guard let mark = text.firstRange(of: "://") else {
      throw Self.invalid("it has no scheme; expected redis://host:port/db or unix:///path/to/socket")
    }
    let scheme = try RedisScheme(text[..<mark.lowerBound])
    let rest = text[mark.upperBound...]
    let pathStart = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let queryStart = rest[pathStart...].firstIndex(of: "?") ?? rest.endIndex
    let path = rest[pathStart..<queryStart]
    let query = rest[queryStart...].dropFirst()
    var authority = rest[..<pathStart]

    if let at = authority.lastIndex(of: "@") {
      let credentials = authority[..<at]
      authority = authority[authority.index(after: at)...]
      let colon = credentials.firstIndex(of: ":") ?? credentials.endIndex
      let user = try Self.decoded(credentials[..<colon])
      let password = try Self.decoded(credentials[colon...].dropFirst())
      guard !password.isEmpty else { throw Self.invalid("it has a user but no password") }
      self.credentials = RedisCredentials(user: user.isEmpty ? nil : user, password: password)
    } else {
      guard scheme == .unix || !rest[pathStart...].contains("@") else {
        throw Self.invalid("an @ stands behind the first / or ?; \(RedisCredentials.encoding)")
      }
      credentials = nil
    }

    if scheme.isTLS {
      do { self.tls = if let tls { tls } else { try TLSContext(TLSFiles()) } } catch {
        throw RedisError(.invalidURL, error.description)
      }
    } else {
      self.tls = nil
    }
    if scheme == .unix {
      guard authority.isEmpty, path.count > 1 else {
        throw Self.invalid("expected an absolute path, as in unix:///path/to/socket")
      }
      place = .server(.unix(path: try Self.decoded(path)))
      guard query.isEmpty || query.hasPrefix("db=") else { throw Self.invalid("the only parameter known is db") }
      database = try Self.database(query.dropFirst(3))
      return
    }
    guard query.isEmpty else { throw Self.invalid("parameters after ? are not known") }
    if scheme.isCluster {
      let seeds = try Self.addresses(authority, port: 6379)
      guard seeds.count <= RedisCluster.seedsMax else {
        throw Self.invalid("it names more than \(RedisCluster.seedsMax) nodes; some are enough, they name the others")
      }
      database = try Self.database(path.dropFirst())
      guard database == 0 else { throw Self.invalid("a Redis Cluster has no database but 0") }
      place = .cluster(RedisCluster(seeds, credentials: credentials, tls: self.tls))
      return
    }
    guard scheme.isSentinel else {
      guard !authority.contains(",") else {
        throw Self.invalid(
          "it names several hosts; redis+sentinel://host,host/MASTER asks the sentinels there, redis+cluster://host,host"
            + " the nodes of a cluster")
      }
      place = .server(try Self.tcp(authority, port: 6379))
      database = try Self.database(path.dropFirst())
      return
    }
    let parts = path.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let master = try Self.decoded(parts.first ?? "")
    guard !master.isEmpty else {
      throw Self.invalid("it names no master, as in redis+sentinel://a:26379,b:26379/MASTER/0")
    }
    let addresses = try Self.addresses(authority, port: 26_379)
    guard addresses.count <= Sentinels.countMax else {
      throw Self.invalid("it names more than \(Sentinels.countMax) sentinels")
    }
    place = .sentinels(Sentinels(addresses, master: master, credentials: sentinelCredentials, tls: self.tls))
    database = try Self.database(parts.count > 1 ? parts[1] : "")
  }

  /// Hosts with commas between, each once.
  private static func addresses(_ authority: Substring, port: Int) throws(RedisError) -> [SocketAddress] {
    var addresses: [SocketAddress] = []
    for host in authority.split(separator: ",", omittingEmptySubsequences: false) {
      let address = try tcp(host, port: port)
      if !addresses.contains(address) { addresses.append(address) }
    }
    return addresses
  }

  private static func tcp(_ authority: Substring, port standard: Int) throws(RedisError) -> SocketAddress {
    var host = authority
    var port = standard
    // The colons inside [::1] separate no port.
    let hostEnd = authority.lastIndex(of: "]") ?? authority.startIndex
    if let colon = authority[hostEnd...].lastIndex(of: ":") {
      host = authority[..<colon]
      guard let number = UInt16(authority[colon...].dropFirst()), number > 0 else {
        throw invalid("the port is not a number from 1 to 65535")
      }
      port = Int(number)
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { throw invalid("it names no host") }
    return .tcp(host: String(host), port: port)
  }

  private static func database(_ text: Substring) throws(RedisError) -> Int {
    if text.isEmpty { return 0 }
    guard let number = UInt16(text) else { throw invalid("the database is not a number") }
    return Int(number)
  }

  private static func decoded(_ text: Substring) throws(RedisError) -> String {
    var bytes: [UInt8] = []
    var rest = Substring(text).utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let value = UInt8(String(Substring(rest.prefix(2))), radix: 16), rest.count >= 2 else {
        throw invalid("% is not followed by two hexadecimal digits; \(RedisCredentials.encoding)")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func invalid(_ why: String) -> RedisError { RedisError(.invalidURL, "not a URL of Redis: \(why)") }
}
