public import EventLoop

/// PostgreSQL for a whole process: a few connections, each with many calls in its pipeline.
///
/// A call is never repeated here once it was sent: when its connection breaks, it throws
/// ``PostgresError/Code/connectionLost`` and its outcome is unknown. Calls are not cancellable, for the same reason.
/// Connections that broke are opened again in the background.
@LoopActor
public final class PostgresPool {
  /// With this many calls under way on each connection, another one is opened.
  private static let busyDepth = 16
  /// Most calls under way on one connection; more wait.
  private static let inFlightMax = 1024
  private static let backoffMin = Duration.milliseconds(50)
  private static let backoffMax = Duration.milliseconds(400)
  private static let parametersMax = 65_535

  private let settings: ConnectionSettings
  private let connectionsMax: Int
  private var connections: [PipelineConnection] = []
  private var opening = 0
  private var waiting = FIFO<PipelineUnit>()
  private var failures = 0
  private var lastFailure: PostgresError?
  private var isClosed = false
  private var errorsTotal = 0
  /// Called for each call that failed for a while; must be cheap. See ``PostgresError/isTransient``.
  public var onTrouble: (@LoopActor (PostgresError) -> Void)?
  private let drained = LoopEvent()
  private lazy var waitTimer = LoopTimer { [weak self] in self?.giveUpWaiting() }

  /// - Parameters:
  ///   - url: any libpq connection URI or keyword string.
  ///   - statementTimeout: how long the server may run one statement; five seconds later the connection is dropped.
  ///   - connectTimeout: for opening a connection, and for a call to wait until there is one.
  ///   - planner: settings of the server's query planner, by name.
  public nonisolated init(
    url: String, connectionsMax: Int = 4, statementTimeout: Duration = .seconds(30),
    connectTimeout: Duration = .seconds(5), planner: [(name: String, value: String)] = []
  ) {
    precondition(connectionsMax > 0, "a pool needs a connection")
    settings = ConnectionSettings(
      url: url, statementTimeout: statementTimeout, connectTimeout: connectTimeout, planner: planner)
    self.connectionsMax = connectionsMax
  }

  /// Whether the connection string names more than one server: a primary, and what may take its place.
  public var namesSeveralServers: Bool { HostList(url: settings.url).isSeveral }

  /// For how long a connection with something under way has not been answered anything.
  public var silence: Duration { connections.map(\.silence).max() ?? .zero }

  /// Opens the first connection. Calls work without it too; this says at start what is wrong.
  ///
  /// - Throws: a ``PostgresError`` whose description is one clear line without the password.
  public func connect() async throws(PostgresError) {
    guard !isClosed else { throw Self.closed }
    guard connections.isEmpty else { return }
    opening += 1
    // A task of its own, so that cancelling the caller does not tear the handshake.
    let outcome = await Task(executorPreference: EventLoop.shared) { await self.openOnce() }.value
    if case .failure(let error) = outcome { throw error }
  }

  /// Runs one statement in its own transaction: it is durable when this returns.
  public func run(
    _ statement: PostgresStatement, _ parameters: [PostgresParameter]
  ) async throws(PostgresError) -> PostgresRows {
    try await transaction([(statement, parameters)])[0]
  }

  /// Runs the statements as one transaction in one round trip; no value flows from one to the next.
  ///
  /// - Returns: their results, in order.
  public func transaction(
    _ statements: [(PostgresStatement, [PostgresParameter])]
  ) async throws(PostgresError) -> [PostgresRows] {
    guard !statements.isEmpty else { return [] }
    for (statement, parameters) in statements {
      precondition(parameters.count <= Self.parametersMax, "\(statement.name) has too many parameters")
      guard !parameters.contains(where: \.hasInnerNul) else {
        throw PostgresError(.server(sqlstate: "22021"), "PostgreSQL: a text with a NUL character cannot be stored")
      }
    }
    do throws(PostgresError) {
      return try await submit(statements, isNamed: true)
    } catch {
      guard error.isStaleStatement else { throw error }
      // The server rolled the unit back, so that this is the first time it takes effect.
      return try await submit(statements, isNamed: false)
    }
  }

  /// Runs a script of several statements as it is, over a connection of its own and without a statement timeout.
  ///
  /// Without BEGIN and COMMIT of its own, the whole script is one transaction.
  public func script(_ sql: String) async throws(PostgresError) {
    guard !isClosed else { throw Self.closed }
    let settings = settings
    let outcome = await Task(executorPreference: EventLoop.shared) { await Self.runScript(sql, settings) }.value
    if case .failure(let error) = outcome { throw error }
  }

  private static func runScript(_ sql: String, _ settings: ConnectionSettings) async -> Result<Void, PostgresError> {
    do throws(PostgresError) {
      return .success(try await ScriptRun.run(sql, settings))
    } catch {
      return .failure(error)
    }
  }

  /// Waits for the calls under way and closes the connections. Calls made from now on are refused.
  public func close() async {
    isClosed = true
    for unit in waiting.removeAll() { unit.refuse(Self.closed) }
    // A task of its own: a cancelled caller must not tear what is under way.
    await Task(executorPreference: EventLoop.shared) { await self.drain() }.value
  }

  private func drain() async {
    while connections.contains(where: { $0.inFlightCount > 0 }) { _ = await drained.wait() }
    for connection in connections { connection.close() }
    connections.removeAll()
    waitTimer.stop()
  }

  private static let closed = PostgresError(.unavailable, "the PostgreSQL pool is closed")

  // MARK: Calls

  private func submit(
    _ statements: [(PostgresStatement, [PostgresParameter])], isNamed: Bool
  ) async throws(PostgresError) -> [PostgresRows] {
    guard !isClosed else { throw Self.closed }
    let deadline = EventLoop.shared.nowMilliseconds + settings.connectTimeout.wholeMilliseconds
    let outcome = await withCheckedContinuation { continuation in
      place(PipelineUnit(statements, isNamed: isNamed, deadline: deadline, continuation: continuation))
    }
    if case .failure(let error) = outcome, error.isTransient {
      errorsTotal += 1
      onTrouble?(error)
    }
    return try outcome.get()
  }

  /// How busy the pool is now.
  public var load: PostgresLoad {
    let busy = connections.count { $0.inFlightCount > 0 }
    return PostgresLoad(
      idle: connections.count - busy, busy: busy, opening: opening, waiting: waiting.count,
      inFlight: connections.reduce(0) { $0 + $1.inFlightCount }, errorsTotal: errorsTotal)
  }

  private func place(_ unit: PipelineUnit) {
    // Who waits already goes first.
    if waiting.isEmpty, let connection = pick() { return connection.send(unit) }
    if waiting.isEmpty { waitTimer.start(after: settings.connectTimeout) }
    waiting.append(unit)
    openMore()
  }

  private func pick() -> PipelineConnection? {
    var best: PipelineConnection?
    for connection in connections where !connection.isRetired && !connection.isClosed {
      if connection.inFlightCount < best?.inFlightCount ?? Self.inFlightMax { best = connection }
    }
    if best?.inFlightCount ?? Self.busyDepth >= Self.busyDepth { openMore() }
    return best
  }

  private func sendWaiting() {
    while !waiting.isEmpty, let connection = pick(), let unit = waiting.popFirst() { connection.send(unit) }
  }

  private func giveUpWaiting() {
    let now = EventLoop.shared.nowMilliseconds
    while let unit = waiting.first {
      guard unit.deadline <= now else { return waitTimer.start(after: .milliseconds(unit.deadline - now)) }
      _ = waiting.popFirst()
      let busy = PostgresError(.unavailable, "all connections to PostgreSQL are busy")
      let down = lastFailure ?? PostgresError(.unavailable, "PostgreSQL does not answer")
      unit.refuse(connections.isEmpty ? down : busy)
    }
  }

  // MARK: Connections

  private func openMore() {
    guard !isClosed, opening == 0, connections.count < connectionsMax else { return }
    opening += 1
    Task(executorPreference: EventLoop.shared) { await self.openPatiently() }
  }

  /// Tries until a connection is up: forever when there is no other, once when there is.
  private func openPatiently() async {
    if failures > 0 { try? await EventLoop.sleep(for: backoff) }
    while true {
      guard !isClosed else { return opening -= 1 }
      guard case .failure = await openOnce() else { return }
      try? await EventLoop.sleep(for: backoff)
      guard connections.isEmpty, opening == 0 else { return }
      opening += 1
    }
  }

  private var backoff: Duration {
    min(Self.backoffMin * (1 << min(max(failures - 1, 0), 10)), Self.backoffMax)
  }

  /// Tries once. The caller has counted it in `opening`; this takes it out.
  private func openOnce() async -> Result<Void, PostgresError> {
    do throws(PostgresError) {
      let connection = try await PipelineConnection.open(settings)
      opening -= 1
      guard !isClosed else {
        connection.close()
        return .failure(Self.closed)
      }
      failures = 0
      lastFailure = nil
      connection.onChange = { [weak self] in self?.changed($0) }
      connections.append(connection)
      sendWaiting()
      return .success(())
    } catch {
      opening -= 1
      failures += 1
      lastFailure = error
      return .failure(error)
    }
  }

  private func changed(_ connection: PipelineConnection) {
    if connection.isClosed {
      connections.removeAll { $0 === connection }
      if connections.isEmpty { openMore() }
    }
    if !waiting.isEmpty { sendWaiting() }
    if isClosed { drained.signal() }
  }
}
