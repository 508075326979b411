/// One request as a handler sees it: whole, with its body.
public struct HTTPRequest: Sendable {
  /// `GET`, `POST`, …; as the client wrote it.
  public var method: String
  /// Percent-decoded, without the query: UTF-8 without control characters. `*` for `OPTIONS *`.
  public var path: String
  /// Path and query as they came, byte for byte: what a signature is over.
  public var target = ""
  /// Percent-decoded, with `+` read as a space, in the order in which they came; a name without `=` has the value "".
  public var parameters: [Parameter]
  /// In the order and spelling the client used. Bytes that are not UTF-8 became U+FFFD.
  public var headers: [(name: String, value: String)]
  /// The blanks behind the values of headers, by their index: HTTP does not count them to a value, so ``headers`` has none.
  var blanks: [Int: String] = [:]
  public var body: [UInt8]
  /// The client's address, without its port.
  public var peer: String
  /// By which logs and answers name it: `X-Request-Id` where it is sane, else made here.
  public var id: String

  /// One name and value of a query.
  public struct Parameter: Sendable, Equatable {
    public var name: String
    public var value: String
    /// False where bytes that are not UTF-8 became U+FFFD.
    public var isUTF8: Bool

    public init(name: String, value: String, isUTF8: Bool = true) {
      (self.name, self.value, self.isUTF8) = (name, value, isUTF8)
    }
  }

  public init(
    method: String = "GET", path: String, query: [String: String] = [:],
    headers: [(name: String, value: String)] = [], body: [UInt8] = [], peer: String = "127.0.0.1", id: String = ""
  ) {
    self.method = method
    self.path = path
    parameters = query.sorted { $0.key < $1.key }.map { Parameter(name: $0.key, value: $0.value) }
    self.headers = headers
    self.body = body
    self.peer = peer
    self.id = id
  }

  /// The query by name; the last of several equal names counts. Whoever must not lose one reads ``parameters``.
  public var query: [String: String] {
    Dictionary(parameters.map { ($0.name, $0.value) }) { $1 }
  }

  /// The first header called `name`, whatever its case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.equalsIgnoringCase(name) }?.value
  }

  /// All headers called `name`, whatever their case.
  public func headers(_ name: String) -> [String] {
    headers.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
  }

  /// As ``headers(_:)``, with the blanks behind each value: for whoever kept values before these were taken away.
  public func headersAsWritten(_ name: String) -> [String] {
    headers.enumerated().filter { $1.name.equalsIgnoringCase(name) }.map { $1.value + blanks[$0, default: ""] }
  }
}

extension String {
  /// Compares ASCII letters without their case.
  func equalsIgnoringCase(_ other: String) -> Bool {
    func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }
    return utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { lower($0) == lower($1) }
  }
}
