import EventLoop

/// What a handler answers.
public struct HTTPResponse: Sendable {
  /// How the body leaves.
  public enum Body: Sendable {
    /// At once, with a `Content-Length`.
    case bytes([UInt8])
    /// Byte by byte, with a `Content-Length` and this pause before each byte: a slow provider, for the simulator.
    case trickle([UInt8], every: Duration)
    /// Chunk by chunk as the stream yields them, for as long as the client stays (server-sent events). The stream is
    /// cancelled when the client leaves or the server stops.
    case stream(AsyncStream<[UInt8]>)
    /// None: once the head has left, the connection is the handler's, for as long as both sides want (WebSocket with status
    /// 101, server-sent events with 200). The server looks after it no more, but for its end when the server stops.
    case handover(@LoopActor @Sendable (HandedConnection) -> Void)
  }

  /// Instead of an answer: break the connection. For the simulator and for overload.
  public enum Abort: Sendable {
    /// Ends the connection in order, without a byte of an answer.
    case close
    /// Resets the connection (RST).
    case reset
    /// Never answers; until the client leaves or the server's idle timeout passes.
    case stall
  }

  /// 200 to 999, or 101 with a handover; another one is answered as 500.
  public var status: Int
  public var headers: [(String, String)]
  public var body: Body
  /// Set when this is not an answer at all.
  public private(set) var abort: Abort?

  public init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
    self.init(status: status, headers: headers, body: .bytes(body))
  }

  public init(status: Int, headers: [(String, String)] = [], body: Body) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Breaks the connection instead of answering.
  public static func abort(_ abort: Abort) -> HTTPResponse {
    var response = HTTPResponse(status: 0)
    response.abort = abort
    return response
  }

  /// Plain text in UTF-8.
  public static func text(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
  }

  /// Bytes that are JSON already.
  public static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: bytes)
  }
}
