internal import CMicroHTTPD
public import EventLoop
import Glibc

/// An HTTP/1.1 server: libmicrohttpd on the event loop, without a thread of its own.
///
/// Each request is read whole, then its connection is suspended while the handler runs as a task of its own on the
/// loop. A handler always runs to its end, even when its client leaves (an order may be half recorded); its answer is
/// then dropped.
@LoopActor
public final class HTTPServer {
  private let limits: HTTPServerLimits
  private let host: String
  private let wantedPort: Int
  private let handler: @Sendable (HTTPRequest) async -> HTTPResponse

  private var daemon: OpaquePointer?
  private var poll: LoopPoll?
  private var timer: LoopTimer?
  /// When `timer` fires, in the loop's milliseconds.
  private var timerDue: UInt64?
  private var sweepTimer: LoopTimer?
  private var isRunning = false
  private var isHooked = false
  private var isStopping = false
  /// Continues ``stop(grace:)`` once no request is under way.
  private var drained: CheckedContinuation<Void, Never>?
  /// Further callers of ``stop(grace:)``, who wait for the first.
  private var stopWaiters: [CheckedContinuation<Void, Never>] = []
  private var connections: [ObjectIdentifier: Connection] = [:]
  private var requestsInFlight = 0
  private let budget: BodyBudget

  /// The port it listens on; before ``start()``, the one it was made with.
  public private(set) var port: Int

  /// Makes a server that does not listen yet.
  ///
  /// - Parameters:
  ///   - host: an IPv4 or IPv6 address, or a name of this machine.
  ///   - port: 0 for any free port.
  public nonisolated init(
    host: String, port: Int, limits: HTTPServerLimits = .init(),
    handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
  ) {
    self.host = host
    self.wantedPort = port
    self.port = port
    self.limits = limits
    budget = BodyBudget(bytesMax: limits.bodyBytesHeldMax)
    self.handler = handler
  }

  /// Listens. The server keeps itself alive until ``stop(grace:)``.
  ///
  /// - Throws: ``HTTPServerError``.
  public func start() throws {
    precondition(daemon == nil, "this server is running already")
    let socket = try ListenSocket.open(host: host, port: wantedPort)
    let flags =
      MHD_USE_EPOLL.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue | (socket.isIPv6 ? MHD_USE_IPv6.rawValue : 0)
    let context = Unmanaged.passRetained(self).toOpaque()
    let idleSeconds = max(1, (limits.idleTimeout.wholeMilliseconds + 999) / 1000)
    daemon = sevk_mhd_start(
      flags, socket.descriptor, onRequest, onCompleted, onConnection, context,
      // libmicrohttpd keeps the head, its index and the answer's head in this memory.
      2 * limits.headBytesMax, UInt32(limits.connectionsMax), UInt32(limits.connectionsPerAddressMax),
      UInt32(idleSeconds))
    guard let daemon,
      let poll = LoopPoll(descriptor: sevk_mhd_epoll_fd(daemon), { [weak self] _ in self?.run() })
    else {
      if let daemon { MHD_stop_daemon(daemon) } else { close(socket.descriptor) }
      self.daemon = nil
      Unmanaged<HTTPServer>.fromOpaque(context).release()
      throw HTTPServerError(description: "cannot listen on \(host):\(wantedPort): the server could not be set up")
    }
    port = socket.port
    isStopping = false
    self.poll = poll
    timer = LoopTimer { [weak self] in
      self?.timerDue = nil
      self?.run()
    }
    sweepTimer = LoopTimer { [weak self] in self?.sweep() }
    poll.start(.readable)
  }

  /// Stops accepting, lets requests that have begun be answered for up to `grace`, then closes every connection.
  ///
  /// Handlers that are not done by then run on; their answers are dropped. The server may be started again.
  public func stop(grace: Duration) async {
    guard let daemon else { return }
    guard !isStopping else {
      await withCheckedContinuation { continuation in
        if self.daemon == nil { continuation.resume() } else { stopWaiters.append(continuation) }
      }
      return
    }
    // Requests that have arrived before this call are still taken.
    run()
    isStopping = true
    let listening = MHD_quiesce_daemon(daemon)
    if listening >= 0 { close(listening) }
    for connection in connections.values where connection.exchange == nil { connection.end() }
    run()

    await drain(grace: grace)
    release(daemon)
    for waiter in stopWaiters { waiter.resume() }
    stopWaiters = []
  }

  /// Waits until no request is under way, at most `grace` long.
  private func drain(grace: Duration) async {
    let timer = LoopTimer { [weak self] in self?.endDrain() }
    await withCheckedContinuation { continuation in
      // All in here: an await may let others run first, who would then find nobody waiting.
      drained = continuation
      timer.start(after: grace)
      endDrainWhenIdle()
    }
    timer.stop()
  }

  private func endDrainWhenIdle() {
    if connections.values.allSatisfy({ $0.exchange == nil }) { endDrain() }
  }

  private func endDrain() {
    drained?.resume()
    drained = nil
  }

  private func release(_ daemon: OpaquePointer) {
    // libmicrohttpd must not be stopped with a connection suspended.
    for connection in connections.values { connection.exchange?.breakOff() }
    isRunning = true
    MHD_run(daemon)
    poll?.stop()
    poll = nil
    timer = nil
    timerDue = nil
    sweepTimer = nil
    MHD_stop_daemon(daemon)
    isRunning = false
    self.daemon = nil
    Unmanaged.passUnretained(self).release()
  }

  // MARK: On the loop

  /// Runs libmicrohttpd at the end of this tick: connections were resumed.
  private func runSoon() {
    guard !isHooked else { return }
    isHooked = true
    EventLoop.shared.atEndOfTick { [self] in
      isHooked = false
      run()
    }
  }

  private func run() {
    guard let daemon, !isRunning else { return }
    isRunning = true
    MHD_run(daemon)
    isRunning = false
    schedule(daemon)
  }

  private func schedule(_ daemon: OpaquePointer) {
    var milliseconds: UInt64 = 0
    guard MHD_get_timeout(daemon, &milliseconds) == .YES else { return }
    let due = EventLoop.shared.nowMilliseconds + milliseconds
    // Timeouts mostly move later: firing early once is cheaper than setting the timer for every request.
    if let timerDue, timerDue <= due { return }
    timerDue = due
    timer?.start(after: .milliseconds(milliseconds))
  }

  /// Ends connections that take too long to deliver a request.
  private func sweep() {
    let now = EventLoop.shared.nowMilliseconds
    for connection in connections.values {
      if let since = connection.readySince, now - since >= limits.requestTimeout.wholeMilliseconds {
        connection.end()
      }
    }
    if connections.isEmpty { sweepTimer?.stop() }
  }

  // MARK: Called by libmicrohttpd

  func opened(_ handle: OpaquePointer) -> UnsafeMutableRawPointer {
    let connection = Connection(handle: handle)
    if connections.isEmpty {
      let interval = max(.milliseconds(20), limits.requestTimeout / 10)
      sweepTimer?.start(after: interval, every: interval)
    }
    connections[ObjectIdentifier(connection)] = connection
    return Unmanaged.passUnretained(connection).toOpaque()
  }

  func closed(_ context: UnsafeMutableRawPointer) {
    let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
    connections[ObjectIdentifier(connection)] = nil
  }

  func begun(_ handle: OpaquePointer, method: String, path: String) -> UnsafeMutableRawPointer? {
    guard let context = sevk_mhd_socket_context(handle) else { return nil }
    let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
    let exchange = HTTPExchange(
      connection: connection, handle: handle, method: method, path: path, limits: limits,
      budget: budget, wake: { [weak self] in self?.runSoon() })
    connection.exchange = exchange
    exchange.checkHead()
    return Unmanaged.passRetained(exchange).toOpaque()
  }

  /// - Returns: false when the connection is to be closed.
  func proceed(_ exchange: HTTPExchange) -> Bool {
    switch exchange.phase {
    case .reading:
      guard requestsInFlight < limits.requestsInFlightMax else {
        return exchange.send(ServerProblem.overloaded.response, closing: isStopping)
      }
      requestsInFlight += 1
      exchange.suspend()
      Task(executorPreference: EventLoop.shared) { await self.handle(exchange) }
      return true
    case .answered(let response): return exchange.send(response, closing: isStopping)
    case .running, .stalled, .sending: return true
    case .refused, .gone: return false
    }
  }

  private func handle(_ exchange: HTTPExchange) async {
    let response = await handler(exchange.request)
    requestsInFlight -= 1
    exchange.answer(response)
  }

  func completed(_ exchange: HTTPExchange) {
    exchange.finish()
    exchange.connection.exchange = nil
    exchange.connection.readySince = EventLoop.shared.nowMilliseconds
    if isStopping {
      exchange.connection.end()
      endDrainWhenIdle()
    }
  }
}
