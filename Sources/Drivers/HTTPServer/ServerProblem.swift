/// An error that the server itself answers, as RFC 9457 has it.
enum ServerProblem: Error, Sendable, Equatable {
  /// Not HTTP, or HTTP that can be read in two ways.
  case badRequest(String)
  case bodyTooLarge(bytesMax: Int)
  case wrongExpectation
  case headTooLarge(bytesMax: Int)
  case tooManyHeaders(max: Int)
  case notImplemented(String)
  case overloaded
  case unusableAnswer
  case wrongVersion

  private var words: (status: Int, title: String, code: String, detail: String) {
    switch self {
    case .badRequest(let detail): (400, "Bad request", "malformed_request", detail)
    case .bodyTooLarge(let bytesMax):
      (413, "Content Too Large", "body_too_large", "the body may have at most \(bytesMax) bytes")
    case .wrongExpectation:
      (417, "Expectation Failed", "unknown_expectation", "the header Expect must be 100-continue")
    case .headTooLarge(let bytesMax):
      (
        431, "Request Header Fields Too Large", "head_too_large",
        "the request line and headers may have at most \(bytesMax) bytes"
      )
    case .tooManyHeaders(let max):
      (431, "Request Header Fields Too Large", "head_too_large", "a request may have at most \(max) headers")
    case .unusableAnswer:
      (500, "Internal Server Error", "internal_error", "the server made an answer that cannot be sent")
    case .notImplemented(let detail): (501, "Not Implemented", "not_implemented", detail)
    case .overloaded:
      (503, "Service Unavailable", "overloaded", "too many requests at once; try again in a second")
    case .wrongVersion:
      (505, "HTTP Version Not Supported", "unsupported_version", "this server speaks HTTP/1.1 and HTTP/1.0")
    }
  }

  /// The codes of all of them, for whoever documents them.
  static let codes = [
    "malformed_request", "body_too_large", "unknown_expectation", "head_too_large", "internal_error", "not_implemented",
    "overloaded", "unsupported_version",
  ]

  /// The details hold header names, which are tokens, and nothing else from outside: nothing to escape.
  var response: HTTPResponse {
    let (status, title, code, detail) = words
    let json =
      #"{"type":"about:blank","title":"\#(title)","status":\#(status),"code":"\#(code)","detail":"\#(detail)"}"# + "\n"
    var response = HTTPResponse(
      status: status, headers: [("Content-Type", "application/problem+json")], body: Array(json.utf8))
    if case .overloaded = self { response.headers.append(("Retry-After", "1")) }
    return response
  }
}
