/// One request as a handler sees it: whole, with its body.
public struct HTTPRequest: Sendable {
  /// `GET`, `POST`, …; as the client wrote it.
  public var method: String
  /// Percent-decoded, without the query. Bytes that are not UTF-8 became U+FFFD.
  public var path: String
  /// Percent-decoded, with `+` read as a space. The last of several equal names counts; a name without `=` is "".
  public var query: [String: String]
  /// In the order and spelling the client used.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  /// The client's address, without its port.
  public var peer: String

  public init(
    method: String = "GET", path: String, query: [String: String] = [:],
    headers: [(name: String, value: String)] = [], body: [UInt8] = [], peer: String = "127.0.0.1"
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.peer = peer
  }

  /// The first header called `name`, whatever its case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.equalsIgnoringCase(name) }?.value
  }

  /// All headers called `name`, whatever their case.
  public func headers(_ name: String) -> [String] {
    headers.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
  }
}

extension String {
  /// Compares ASCII letters without their case.
  func equalsIgnoringCase(_ other: String) -> Bool {
    func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }
    return utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { lower($0) == lower($1) }
  }
}
