internal import EventLoop

/// Where Redis is, as `redis://[user:password@]host:port/db` or `unix://[user:password@]/path/to/socket[?db=N]`.
public struct RedisURL: Sendable, CustomStringConvertible {
  let address: SocketAddress
  let user: String?
  let password: String?
  let database: Int

  /// Where Redis is, never the password.
  public var description: String { database == 0 ? "\(address)" : "\(address) database \(database)" }

  /// Reads a URL; user and password may be percent-encoded. The port is 6379 and the database 0 when not given.
  ///
  /// - Throws: ``RedisError`` with code `invalidURL`, whose text does not repeat the URL.
  public init(_ text: String) throws(RedisError) {
    guard let mark = text.firstRange(of: "://") else {
      throw Self.invalid("it has no scheme; expected redis://host:port/db or unix:///path/to/socket")
    }
    let scheme = text[..<mark.lowerBound].lowercased()
    guard scheme == "redis" || scheme == "unix" else {
      throw Self.invalid(
        scheme == "rediss"
          ? "rediss (TLS) is not supported; use redis:// or unix://, with TLS ended by a tunnel"
          // An unknown one may be a piece of the password.
          : "\(["http", "https", "tcp", "postgres"].contains(scheme) ? "the scheme is \(scheme)" : "unknown scheme"); "
            + "expected redis or unix")
    }
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
      self.user = user.isEmpty ? nil : user
      self.password = password
    } else {
      user = nil
      password = nil
    }

    if scheme == "unix" {
      guard authority.isEmpty, path.count > 1 else {
        throw Self.invalid("expected an absolute path, as in unix:///path/to/socket")
      }
      address = .unix(path: try Self.decoded(path))
      guard query.isEmpty || query.hasPrefix("db=") else { throw Self.invalid("the only parameter known is db") }
      database = try Self.database(query.dropFirst(3))
    } else {
      guard query.isEmpty else { throw Self.invalid("parameters after ? are not known") }
      address = try Self.tcp(authority)
      database = try Self.database(path.dropFirst())
    }
  }

  private static func tcp(_ authority: Substring) throws(RedisError) -> SocketAddress {
    var host = authority
    var port = 6379
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
        throw invalid("% is not followed by two hexadecimal digits")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func invalid(_ why: String) -> RedisError { RedisError(.invalidURL, "not a URL of Redis: \(why)") }
}
