/// The head of one request, read strictly: whatever two readers could read in two ways is refused.
///
/// The proxy in front of us and we must agree where each request ends, or what one shop hides in a body becomes another's
/// request (RFC 9112, section 11.2). So a length stands once and in digits, a transfer coding is `chunked` and alone,
/// never both, a name is a token up to its colon, a line is never folded and ends with CRLF. libmicrohttpd (0.9.75)
/// could not be made to read so: it takes the first of two lengths, a bare CR as a line end, and writes its own errors.
struct RequestHead {
  enum Framing: Equatable {
    case none, length(Int), chunked
  }

  static let headersMax = 100
  static let methodBytesMax = 32
  private static let lengthDigitsMax = 15

  var method: String
  var target: RequestTarget
  var headers: [(name: String, value: String)] = []
  /// The blanks behind the values of headers, by their index.
  var blanks: [Int: String] = [:]
  var framing = Framing.none
  /// Whether the connection ends with the answer: the client says so, or speaks HTTP/1.0.
  var isLast: Bool
  let isHTTP10: Bool
  /// Whether the client waits for leave before it sends the body.
  var expectsContinue = false

  /// - Parameter bytes: the head with its empty line, as ``HeadScan`` found it.
  init(_ bytes: UnsafeRawBufferPointer) throws(ServerProblem) {
    var lines = Lines(bytes)
    guard let request = lines.next() else { throw .badRequest("the request line is missing") }
    let parts = request.split(separator: ASCII.space, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .badRequest("the request line must be: METHOD TARGET HTTP/1.1") }
    guard (1...Self.methodBytesMax).contains(parts[0].count), parts[0].allSatisfy(ASCII.isToken) else {
      throw .badRequest("the method is no token")
    }
    isHTTP10 = try Self.isHTTP10(parts[2])
    isLast = isHTTP10
    method = String(decoding: parts[0], as: UTF8.self)
    guard !parts[1].isEmpty, parts[1].allSatisfy(ASCII.isTarget) else {
      throw .badRequest("the target is empty or has characters that must be percent-encoded")
    }
    target = try RequestTarget(parts[1], method: method)
    while let line = lines.next() {
      guard headers.count < Self.headersMax else { throw .tooManyHeaders(max: Self.headersMax) }
      headers.append(try Self.header(line))
      if let last = line.last, last == ASCII.space || last == ASCII.tab {
        let blanks = line.reversed().prefix { $0 == ASCII.space || $0 == ASCII.tab }
        self.blanks[headers.count - 1] = String(decoding: blanks.reversed(), as: UTF8.self)
      }
    }
    try readFraming()
    try readHost()
  }

  private static func isHTTP10(_ version: UnsafeRawBufferPointer.SubSequence) throws(ServerProblem) -> Bool {
    if version.elementsEqual("HTTP/1.1".utf8) { return false }
    if version.elementsEqual("HTTP/1.0".utf8) { return true }
    let isHTTP = version.count == 8 && version.starts(with: "HTTP/".utf8)
    throw isHTTP ? .wrongVersion : .badRequest("the request line must end with HTTP/1.1")
  }

  private static func header(
    _ line: UnsafeRawBufferPointer.SubSequence
  ) throws(ServerProblem) -> (name: String, value: String) {
    guard let first = line.first, first != ASCII.space, first != ASCII.tab else {
      throw .badRequest("a header must not be folded over lines")
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
      throw .badRequest("a header has no colon")
    }
    let name = line[..<colon]
    guard !name.isEmpty, name.allSatisfy(ASCII.isToken) else {
      throw .badRequest("a header's name must be a token that its colon follows at once")
    }
    var value = line[line.index(after: colon)...]
    while let byte = value.first, byte == ASCII.space || byte == ASCII.tab { value.removeFirst() }
    while let byte = value.last, byte == ASCII.space || byte == ASCII.tab { value.removeLast() }
    guard value.allSatisfy(ASCII.isValue) else {
      throw .badRequest("the header \(String(decoding: name, as: UTF8.self)) has a control character")
    }
    return (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
  }

  private func values(_ name: String) -> [String] {
    headers.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
  }

  private mutating func readFraming() throws(ServerProblem) {
    let lengths = values("Content-Length")
    let codings = values("Transfer-Encoding")
    guard lengths.isEmpty || codings.isEmpty else {
      throw .badRequest("a request has a Content-Length or a Transfer-Encoding, not both")
    }
    guard lengths.count < 2 else { throw .badRequest("Content-Length must stand once") }
    if let length = lengths.first {
      guard (1...Self.lengthDigitsMax).contains(length.utf8.count), length.utf8.allSatisfy(ASCII.isDigit),
        let bytes = Int(length)
      else { throw .badRequest("Content-Length must be a number of bytes, in digits") }
      framing = .length(bytes)
    } else if !codings.isEmpty {
      guard !isHTTP10, codings.count == 1, codings[0].equalsIgnoringCase("chunked") else {
        throw .badRequest("Transfer-Encoding must be chunked, stand once, and be of HTTP/1.1")
      }
      framing = .chunked
    }
    for value in values("Connection") where !isLast {
      isLast = value.split(separator: ",").contains { option in
        String(option.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }).equalsIgnoringCase("close")
      }
    }
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

  /// The lines of a head, each ended by CRLF, up to the empty one.
  private struct Lines {
    private var rest: UnsafeRawBufferPointer.SubSequence
    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

    mutating func next() -> UnsafeRawBufferPointer.SubSequence? {
      guard let end = rest.firstIndex(of: ASCII.cr), end > rest.startIndex else { return nil }
      let line = rest[..<end]
      rest = rest[(end + 2)...]
      return line
    }
  }
}
