/// An error that the server itself answers, as RFC 9457 has it.
enum ServerProblem: Sendable {
  case bodyTooLarge(bytesMax: Int)
  case headTooLarge(bytesMax: Int)
  case overloaded
  case unusableAnswer

  private var words: (status: Int, title: String, detail: String) {
    switch self {
    case .bodyTooLarge(let bytesMax):
      (413, "Content Too Large", "the body may have at most \(bytesMax) bytes")
    case .headTooLarge(let bytesMax):
      (431, "Request Header Fields Too Large", "the request line and headers may have at most \(bytesMax) bytes")
    case .overloaded:
      (503, "Service Unavailable", "too many requests at once; try again in a second")
    case .unusableAnswer:
      (500, "Internal Server Error", "the server made an answer that cannot be sent")
    }
  }

  private var json: String {
    let (status, title, detail) = words
    return #"{"type":"about:blank","title":"\#(title)","status":\#(status),"detail":"\#(detail)"}"#
  }

  /// As an answer that libmicrohttpd sends.
  var response: HTTPResponse {
    var response = HTTPResponse(
      status: words.status, headers: [("Content-Type", "application/problem+json")], body: Array(json.utf8))
    if case .overloaded = self { response.headers.append(("Retry-After", "1")) }
    return response
  }

  /// As the last bytes on a connection.
  func lastBytes(withBody: Bool) -> [UInt8] {
    let retry = if case .overloaded = self { "Retry-After: 1\r\n" } else { "" }
    let head = """
      HTTP/1.1 \(words.status) \(words.title)\r
      Content-Type: application/problem+json\r
      Content-Length: \(json.utf8.count)\r
      Connection: close\r
      \(retry)\r

      """
    return Array((head + (withBody ? json : "")).utf8)
  }
}
