/// The head of one request: what we ask of it above what llhttp does.
///
/// The proxy in front of us and we must agree where each request ends, or what one shop hides in a body becomes another's
/// request (RFC 9112, section 11.2): what two readers could read in two ways is refused. llhttp sees to it that a length
/// stands once and in digits and never beside a transfer coding, and that a name is a token up to its colon; ``LineCheck``
/// to the ends of lines; this to the rest: `chunked` is alone and of HTTP/1.1, a host stands once.
struct RequestHead {
  enum Framing: Equatable {
    case none, length(Int), chunked
  }

  static let headersMax = 100
  private static let lengthDigitsMax = 15

  var method: String
  var target: RequestTarget
  var headers: [(name: String, value: String)]
  /// The blanks behind the values of headers, by their index.
  var blanks: [Int: String]
  var framing = Framing.none
  /// Whether the connection ends with the answer: the client says so, or speaks HTTP/1.0.
  var isLast: Bool
  let isHTTP10: Bool
  /// Whether the client waits for leave before it sends the body.
  var expectsContinue = false

  init(_ plain: PlainHead, _ parsed: ParsedHead) throws(ServerProblem) {
    guard parsed.version == (1, 1) || parsed.version == (1, 0) else { throw .wrongVersion }
    isHTTP10 = parsed.version == (1, 0)
    isLast = isHTTP10 || parsed.asksToClose
    method = plain.method
    target = try parsed.target.withUnsafeBufferPointer { bytes throws(ServerProblem) in
      try RequestTarget(UnsafeRawBufferPointer(bytes)[...], method: plain.method)
    }
    guard parsed.headers.count <= Self.headersMax else { throw .tooManyHeaders(max: Self.headersMax) }
    headers = parsed.headers
    blanks = plain.blanks
    try readFraming(parsed)
    try readExpectation()
    try readHost()
  }

  private func values(_ name: String) -> [String] {
    headers.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
  }

  private mutating func readFraming(_ parsed: ParsedHead) throws(ServerProblem) {
    if let length = parsed.contentLength {
      guard let bytes = Int(exactly: length),
        values("Content-Length").allSatisfy({ $0.utf8.count <= Self.lengthDigitsMax })
      else { throw .badRequest("Content-Length has too many digits") }
      framing = .length(bytes)
    }
    let codings = values("Transfer-Encoding")
    guard !codings.isEmpty || parsed.isChunked else { return }
    guard parsed.isChunked, !isHTTP10, codings.count == 1, codings[0].equalsIgnoringCase("chunked") else {
      throw .badRequest("Transfer-Encoding must be chunked, stand once, and be of HTTP/1.1")
    }
    framing = .chunked
  }

  private mutating func readExpectation() throws(ServerProblem) {
    for value in values("Expect") {
      guard value.equalsIgnoringCase("100-continue") else { throw .wrongExpectation }
      expectsContinue = !isHTTP10
    }
  }

  private mutating func readHost() throws(ServerProblem) {
    let hosts = values("Host")
    guard hosts.count < 2, isHTTP10 || !hosts.isEmpty else { throw .badRequest("the header Host must stand once") }
    guard hosts.allSatisfy({ $0.isEmpty || Self.isHost($0) }) else {
      throw .badRequest("the header Host must be a host and a port")
    }
    guard let authority = target.authority else { return }
    if let place = headers.firstIndex(where: { $0.name.equalsIgnoringCase("Host") }) {
      headers[place].value = authority
    } else {
      headers.append(("Host", authority))
    }
  }

  /// Whether a text may be a host with its port: nothing that would end it in a URL.
  static func isHost(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        byte > 0x20 && byte < 0x7F && !"/?#@\\,\"<>".utf8.contains(byte)
      }
  }
}
