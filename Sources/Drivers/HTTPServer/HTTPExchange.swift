internal import CMicroHTTPD
import EventLoop

/// One request and its answer. Its life:
///
/// 1. `reading`: the head is here, the body arrives.
/// 2. `running`: the request is whole; the connection is suspended and the handler runs.
/// 3. `answered`: the handler is done; libmicrohttpd asks for the answer, once the connection is resumed.
/// 4. `sending`: the answer is libmicrohttpd's.
///
/// Or `refused`: an error was sent while the body still arrives; the rest is read and dropped.
/// Or `stalled`: the handler wants the client to wait in vain.
/// At last `gone`: libmicrohttpd has let go, and what the handler still answers is dropped.
@LoopActor
final class HTTPExchange {
  enum Phase {
    case reading, refused, running, answered(HTTPResponse), sending, stalled, gone
  }

  /// After a refusal, this much is still read so that the client gets to see the answer.
  private static let droppedBytesMax = 4 * 1024 * 1024

  let connection: Connection
  let handle: OpaquePointer
  private(set) var phase = Phase.reading
  private(set) var request: HTTPRequest
  private let limits: HTTPServerLimits
  private let bodyBytesMax: Int
  private let budget: BodyBudget
  /// Of the budget, until the exchange ends.
  private var bytesTaken = 0
  /// Runs libmicrohttpd soon, after the connection was resumed.
  private let wake: @LoopActor () -> Void
  private var droppedBytes = 0
  private var feed: BodyFeed?
  private var watch: PeerWatch?
  private var stallTimer: LoopTimer?

  init(
    connection: Connection, handle: OpaquePointer, method: String, path: String, limits: HTTPServerLimits,
    budget: BodyBudget, wake: @escaping @LoopActor () -> Void
  ) {
    self.connection = connection
    self.handle = handle
    self.limits = limits
    self.budget = budget
    self.wake = wake
    request = HTTPRequest(method: method, path: path, headers: handle.headers, peer: connection.peer)
    for (name, value) in handle.arguments { request.query[name] = value }
    bodyBytesMax = limits.bodyBytesMax(method, path)
  }

  // MARK: The request

  /// Looks at the head alone, before a body arrives.
  func checkHead() {
    if sevk_mhd_header_bytes(handle) > limits.headBytesMax {
      refuse(.headTooLarge(bytesMax: limits.headBytesMax))
    } else if let length = request.header("Content-Length").flatMap({ Int($0) }), length > bodyBytesMax {
      refuse(.bodyTooLarge(bytesMax: bodyBytesMax))
    }
  }

  /// - Returns: false when the connection is to be closed.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if case .reading = phase {
      let isTooLarge = request.body.count + bytes.count > bodyBytesMax
      if !isTooLarge, budget.take(bytes.count) {
        bytesTaken += bytes.count
        request.body.append(contentsOf: bytes)
        return true
      }
      request.body = []
      refuse(isTooLarge ? .bodyTooLarge(bytesMax: bodyBytesMax) : .overloaded)
    }
    droppedBytes += bytes.count
    return droppedBytes <= Self.droppedBytesMax
  }

  private func refuse(_ problem: ServerProblem) {
    phase = .refused
    connection.sendLast(problem.lastBytes(withBody: request.method != "HEAD"))
  }

  /// The request is whole: suspends the connection. The server then runs the handler.
  func suspend() {
    phase = .running
    connection.readySince = nil
    MHD_suspend_connection(handle)
  }

  // MARK: The answer

  /// Takes the handler's answer; drops it when the connection is gone.
  func answer(_ response: HTTPResponse) {
    guard case .running = phase else { return }
    if response.abort == .stall {
      stall()
    } else {
      resume(with: response)
    }
  }

  private func stall() {
    phase = .stalled
    watch = PeerWatch(connection) { [weak self] in self?.breakOff() }
    stallTimer = LoopTimer { [weak self] in self?.breakOff() }
    stallTimer?.start(after: limits.idleTimeout)
  }

  private func resume(with response: HTTPResponse) {
    watch?.stop()
    watch = nil
    stallTimer = nil
    phase = .answered(response)
    MHD_resume_connection(handle)
    wake()
  }

  /// Ends the connection, whatever was under way.
  func breakOff() {
    switch phase {
    case .running, .stalled: resume(with: .abort(.close))
    case .sending: feed?.breakOff()
    case .reading, .refused, .answered, .gone: break
    }
  }

  /// Hands the answer to libmicrohttpd, which asks for it.
  ///
  /// - Parameter closing: tell the client that the connection ends.
  /// - Returns: false when the connection is to be closed.
  func send(_ response: HTTPResponse, closing: Bool) -> Bool {
    phase = .sending
    connection.readySince = nil
    if let abort = response.abort {
      if abort == .reset { connection.reset() }
      return false
    }
    guard (200...999).contains(response.status), let made = make(response) else {
      feed?.close()
      return queue(ServerProblem.unusableAnswer.response, closing: closing)
    }
    return queue(made, status: response.status, closing: closing)
  }

  private func queue(_ response: HTTPResponse, closing: Bool) -> Bool {
    guard let made = make(response) else { return false }
    return queue(made, status: response.status, closing: closing)
  }

  private func queue(_ made: OpaquePointer, status: Int, closing: Bool) -> Bool {
    defer { MHD_destroy_response(made) }
    if closing { MHD_add_response_header(made, "Connection", "close") }
    return MHD_queue_response(handle, UInt32(status), made) == .YES
  }

  /// - Returns: nil when it cannot be sent, such as a header with a line break.
  private func make(_ response: HTTPResponse) -> OpaquePointer? {
    let made: OpaquePointer?
    switch response.body {
    case .bytes(let bytes):
      made = bytes.withUnsafeBytes {
        MHD_create_response_from_buffer(
          $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
      }
    case .trickle(let bytes, let pause):
      made = makeFed(size: UInt64(bytes.count)) { $0.start(bytes, every: pause) }
    case .stream(let stream):
      made = makeFed(size: sevk_mhd_size_unknown()) { $0.start(stream) }
    }
    guard let made else { return nil }
    for (name, value) in response.headers where MHD_add_response_header(made, name, value) != .YES {
      MHD_destroy_response(made)
      return nil
    }
    return made
  }

  /// libmicrohttpd asks a ``BodyFeed`` for this many bytes at once.
  private static let pieceBytesMax = 16 * 1024

  private func makeFed(size: UInt64, _ start: (BodyFeed) -> Void) -> OpaquePointer? {
    let feed = BodyFeed(connection: connection, handle: handle, wake: wake)
    self.feed = feed
    start(feed)
    return MHD_create_response_from_callback(
      size, Self.pieceBytesMax, onBody, Unmanaged.passRetained(feed).toOpaque(), onBodyReleased)
  }

  /// libmicrohttpd has let go of the request.
  func finish() {
    phase = .gone
    budget.giveBack(bytesTaken)
    bytesTaken = 0
    feed?.close()
    feed = nil
    watch?.stop()
    watch = nil
    stallTimer = nil
  }
}
