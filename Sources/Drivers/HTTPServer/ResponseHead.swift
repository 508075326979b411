import EventLoop
import Glibc

/// Writes the head of an answer.
enum ResponseHead {
  /// How long the body is, for who reads it.
  enum Framing {
    /// There is none, and by its status there can't be.
    case none
    case length(Int)
    case chunked
    /// It ends with the connection (HTTP/1.0).
    case untilEnd
  }

  /// - Returns: nil when it can't be sent, such as a header with a line break.
  @LoopActor
  static func bytes(
    status: Int, headers: [(String, String)], framing: Framing, isLast: Bool
  ) -> [UInt8]? {
    guard (200...999).contains(status) || status == 101 else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(512)
    func add(_ name: String, _ value: String) {
      out += name.utf8
      out += ": ".utf8
      out += value.utf8
      out += "\r\n".utf8
    }
    out += "HTTP/1.1 \(status) \(reason(status))\r\n".utf8
    add("Date", now())
    if isLast { add("Connection", "close") }
    var hasLength = false
    for (name, value) in headers {
      guard !name.isEmpty, name.utf8.allSatisfy(ASCII.isToken), value.utf8.allSatisfy(ASCII.isValue) else { return nil }
      hasLength = hasLength || name.equalsIgnoringCase("Content-Length")
      add(name, value)
    }
    switch framing {
    case .none, .untilEnd: break
    // One that the handler gave stands as it is: that is how the simulator lies about it.
    case .length(let count): if !hasLength { add("Content-Length", "\(count)") }
    case .chunked: add("Transfer-Encoding", "chunked")
    }
    out += "\r\n".utf8
    return out
  }

  static func isBodyless(_ status: Int) -> Bool { status == 101 || status == 204 || status == 304 }

  @LoopActor private static var date = (second: time_t(-1), text: "")

  /// As RFC 9110 has it; made once a second.
  @LoopActor
  private static func now() -> String {
    var second = time(nil)
    if date.second == second { return date.text }
    var parts = tm()
    gmtime_r(&second, &parts)
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer -> String in
      guard let start = buffer.baseAddress,
        strftime(start, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts) > 0
      else { return "" }
      return String(cString: start)
    }
    date = (second, text)
    return text
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 101: "Switching Protocols"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 409: "Conflict"
    case 410: "Gone"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Unknown"
    }
  }
}
