public import EventLoop

/// An HTTP/1.1 server on the event loop, strict about where a request ends (see ``RequestHead``).
///
/// Each request is read whole, then the handler runs as a task of its own on the loop. A handler always runs to its end,
/// even when its client leaves (an order may be half recorded); its answer is then dropped.
@LoopActor
public final class HTTPServer {
  private static let sweepPauseMin = Duration.milliseconds(20)

  let limits: HTTPServerLimits
  let budget: BodyBudget
  private let host: String
  private let wantedPort: Int
  private let identifies: Bool
  private let admission: (@Sendable (HTTPRequest) async -> Admission)?
  private let handler: @Sendable (HTTPRequest) async -> HTTPResponse

  /// One for each address of the host; none while it does not listen.
  private var listeners: [Listener] = []
  private var sweepTimer: LoopTimer?
  private(set) var isStopping = false
  /// Continues ``stop(grace:)`` once no request is under way.
  private var drained: CheckedContinuation<Void, Never>?
  /// Further callers of ``stop(grace:)``, who wait for the first.
  private var stopWaiters: [CheckedContinuation<Void, Never>] = []
  private var connections: [ObjectIdentifier: Connection] = [:]
  private var connectionsByPeer: [String: Int] = [:]
  private var requestsInFlight = 0
  /// While it listens, so that nobody else need keep it.
  private var keepsItself: HTTPServer?

  /// The port it listens on; before ``start()``, the one it was made with.
  public private(set) var port: Int

  /// Makes a server that does not listen yet.
  ///
  /// - Parameters:
  ///   - host: an IPv4 or IPv6 address, or a name of this machine.
  ///   - port: 0 for any free port.
  ///   - identifies: every answer says in `X-Request-Id` by which id the handler knows the request.
  ///   - admit: asked about a request whose body has not come with its head, before more of it is read; nil admits all.
  public nonisolated init(
    host: String, port: Int, limits: HTTPServerLimits = .init(), identifies: Bool = false,
    admit: (@Sendable (HTTPRequest) async -> Admission)? = nil,
    handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
  ) {
    self.host = host
    self.wantedPort = port
    self.port = port
    self.limits = limits
    self.identifies = identifies
    budget = BodyBudget(bytesMax: limits.bodyBytesHeldMax, shareBytesMax: limits.bodyBytesPerCallerMax)
    admission = admit
    self.handler = handler
  }

  /// Listens. The server keeps itself alive until ``stop(grace:)``.
  ///
  /// - Throws: ``HTTPServerError``.
  public func start() throws {
    precondition(listeners.isEmpty, "this server is running already")
    let socket = try ListenSocket.open(host: host, port: wantedPort)
    listeners = socket.descriptors.compactMap { descriptor in
      Listener(
        descriptor: descriptor, hasRoom: { [weak self] in self?.hasRoom ?? false },
        take: { [weak self] in self?.open($0, $1) })
    }
    guard listeners.count == socket.descriptors.count else {
      for listener in listeners { listener.close() }
      listeners = []
      throw HTTPServerError(description: "cannot listen on \(host):\(wantedPort): the server could not be set up")
    }
    port = socket.port
    isStopping = false
    keepsItself = self
    sweepTimer = LoopTimer { [weak self] in self?.sweep() }
  }

  /// Stops accepting, lets requests that have begun be answered for up to `grace`, then closes every connection.
  ///
  /// Handlers that are not done by then run on; their answers are dropped. The server may be started again.
  public func stop(grace: Duration) async {
    guard !listeners.isEmpty else { return }
    guard !isStopping else {
      await withCheckedContinuation { continuation in
        if listeners.isEmpty { continuation.resume() } else { stopWaiters.append(continuation) }
      }
      return
    }
    // Requests that have arrived before this call are still taken.
    for listener in listeners { listener.accept() }
    isStopping = true
    for listener in listeners { listener.close() }
    for connection in Array(connections.values) { connection.takeArrived() }

    await drain(grace: grace)
    for connection in Array(connections.values) { connection.close() }
    sweepTimer = nil
    listeners = []
    keepsItself = nil
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
    if isStopping, connections.values.allSatisfy({ !$0.isBusy }) { endDrain() }
  }

  private func endDrain() {
    drained?.resume()
    drained = nil
  }

  // MARK: Connections

  /// Whether one more may be open, if only because another waits for nothing.
  private var hasRoom: Bool {
    connections.count < limits.connectionsMax || connections.values.contains { $0.waitingSince != nil }
  }

  private func makeRoom() {
    guard connections.count >= limits.connectionsMax else { return }
    let waiting = connections.values.compactMap { connection in connection.waitingSince.map { ($0, connection) } }
    waiting.min { $0.0 < $1.0 }?.1.close()
  }

  private func open(_ descriptor: Int32, _ peer: String) {
    makeRoom()
    let most = limits.connectionsPerAddressMax
    let count = connectionsByPeer[peer, default: 0] + 1
    guard let connection = Connection(descriptor: descriptor, peer: peer, server: self) else { return }
    if connections.isEmpty {
      let interval = max(Self.sweepPauseMin, min(limits.requestTimeout, limits.idleTimeout) / 10)
      sweepTimer?.start(after: interval, every: interval)
    }
    connections[ObjectIdentifier(connection)] = connection
    connectionsByPeer[peer] = count
    if most > 0, count > most { connection.close() }
  }

  func closed(_ connection: Connection) {
    guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
    let count = connectionsByPeer[connection.peer, default: 1] - 1
    connectionsByPeer[connection.peer] = count > 0 ? count : nil
    if connections.isEmpty { sweepTimer?.stop() }
    for listener in listeners { listener.resume() }
    endDrainWhenIdle()
  }

  /// A connection has answered its last request.
  func finished(_ connection: Connection) { endDrainWhenIdle() }

  /// Ends connections that take too long.
  private func sweep() {
    let now = EventLoop.shared.nowMilliseconds
    for connection in Array(connections.values) { connection.sweep(now, limits) }
  }

  // MARK: Requests

  /// Decides about a request of which only the head is here.
  func admit(_ request: HTTPRequest, _ then: @escaping @LoopActor (Admission) -> Void) {
    guard let admission else { return then(.admitted(share: nil)) }
    guard requestsInFlight < limits.requestsInFlightMax else {
      return then(.refused(ServerProblem.overloaded.response))
    }
    requestsInFlight += 1
    Task(executorPreference: EventLoop.shared) { await self.decide(request, admission, then) }
  }

  private func decide(
    _ request: HTTPRequest, _ admission: @Sendable (HTTPRequest) async -> Admission,
    _ then: @LoopActor (Admission) -> Void
  ) async {
    let decided = await admission(request)
    requestsInFlight -= 1
    then(decided)
  }

  /// Has a whole request handled. Never answers from within: many requests in one connection's input would each begin
  /// the next.
  func handle(_ request: HTTPRequest, _ then: @escaping @LoopActor (HTTPResponse) -> Void) {
    let isTaken = requestsInFlight < limits.requestsInFlightMax
    if isTaken { requestsInFlight += 1 }
    Task(executorPreference: EventLoop.shared) { await self.run(request, isTaken: isTaken, then) }
  }

  private func run(_ request: HTTPRequest, isTaken: Bool, _ then: @LoopActor (HTTPResponse) -> Void) async {
    guard isTaken else { return then(ServerProblem.overloaded.response) }
    let response = await handler(request)
    requestsInFlight -= 1
    then(response)
  }

  /// An answer's headers, with the request's id where this server says it.
  func identified(_ headers: [(String, String)], _ request: HTTPRequest) -> [(String, String)] {
    identifies ? headers + [(RequestID.header, request.id)] : headers
  }
}
