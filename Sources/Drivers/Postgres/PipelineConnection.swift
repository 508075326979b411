internal import CPostgres
import EventLoop

/// One connection in pipeline mode: units go out as they come, their answers are matched in order.
@LoopActor
final class PipelineConnection {
  /// Time the client gives the server on top of its own statement timeout before it takes the connection for dead.
  static let answerGrace = Duration.seconds(5)

  /// `host:port` or the socket's path.
  let address: String
  /// Takes no new units, and closes when the last one has been answered.
  private(set) var isRetired = false
  private(set) var isClosed = false
  /// Called whenever there is room again, and once when the connection has ended.
  var onChange: (@LoopActor (PipelineConnection) -> Void)?

  private let connection: OpaquePointer
  private let answerTimeout: Duration
  private let transactionStatement: PostgresStatement
  /// Whether somebody stands between this connection and the server, who may hand each transaction to another session:
  /// then what is set for the session holds for none of them. A pooler has to make up the number by which a query can be
  /// cancelled, and that number holds the server process's own where the connection is direct.
  private(set) var isPooled = false
  private var poll: LoopPoll?
  private var watched: LoopPoll.Events = []
  private var inFlight = FIFO<PipelineUnit>()
  private var prepared: Set<String> = []
  /// Names that can't be relied on over this connection; they go without a prepared statement.
  private var unpreparable: Set<String> = []
  private var isFlushHooked = false
  private var scratch: [UInt8] = []
  /// When the server last answered something, or had nothing left to answer.
  private var progressedAt: UInt64 = 0
  private lazy var watchdog = LoopTimer { [weak self] in self?.checkProgress() }
  private var isWatching = false

  /// Units sent and not yet answered.
  var inFlightCount: Int { inFlight.count }

  /// Takes over an open libpq connection.
  private init(_ connection: OpaquePointer, settings: ConnectionSettings) {
    self.connection = connection
    address = Handshake.address(connection)
    answerTimeout = settings.statementTimeout + Self.answerGrace
    transactionStatement = settings.transactionStatement
  }

  /// Opens a connection and sets its session up.
  static func open(_ settings: ConnectionSettings) async throws(PostgresError) -> PipelineConnection {
    let opened = PipelineConnection(try await Handshake.open(settings), settings: settings)
    guard PQenterPipelineMode(opened.connection) == 1, opened.watch(.readable) else {
      throw PostgresError(.unavailable, "PostgreSQL at \(opened.address): the connection cannot be used")
    }
    let outcome = await withCheckedContinuation { continuation in
      opened.send(
        PipelineUnit(
          [(settings.sessionStatement, [.int(PQbackendPID(opened.connection))])], isNamed: false, deadline: 0,
          continuation: continuation))
    }
    do throws(PostgresError) {
      let process = try outcome.get()[0].single().int(0)
      opened.isPooled = process != Int64(PQbackendPID(opened.connection))
    } catch {
      opened.close()
      throw PostgresError(
        .unavailable, "PostgreSQL at \(opened.address) takes no session: \(error.message)", sqlstate: error.sqlstate)
    }
    return opened
  }

  // MARK: Sending

  /// Sends a unit; its answer resumes who waits for it.
  func send(_ unit: PipelineUnit) {
    if inFlight.isEmpty { progressedAt = EventLoop.shared.nowMilliseconds }
    inFlight.append(unit)
    guard !isClosed else { return fail("closed") }
    guard queue(unit), sevk_pipeline_sync(connection) == 1 else { return fail(lastError) }
    startWatchdog()
    guard !isFlushHooked else { return }
    isFlushHooked = true
    EventLoop.shared.atEndOfTick { [weak self] in
      self?.isFlushHooked = false
      self?.flush()
    }
  }

  private func queue(_ unit: PipelineUnit) -> Bool {
    // Preparations go first, so that none of them is skipped because a statement before it failed.
    if unit.isNamed {
      for (statement, _) in unit.statements where !unpreparable.contains(statement.wireName) {
        guard prepared.insert(statement.wireName).inserted else { continue }
        unit.leading.append(.preparation(statement.wireName))
        guard PQsendPrepare(connection, statement.wireName, statement.sql, 0, nil) == 1 else { return false }
      }
    }
    if isPooled {
      unit.leading.append(.settings)
      guard execute(transactionStatement, [], isNamed: false) else { return false }
    }
    for (statement, parameters) in unit.statements {
      let isNamed = unit.isNamed && prepared.contains(statement.wireName)
      guard execute(statement, parameters, isNamed: isNamed) else { return false }
    }
    return true
  }

  private func execute(
    _ statement: PostgresStatement, _ parameters: [PostgresParameter], isNamed: Bool
  ) -> Bool {
    // All values in one buffer, so that one pin is enough; libpq copies them.
    scratch.removeAll(keepingCapacity: true)
    for parameter in parameters { if let bytes = parameter.terminated { scratch.append(contentsOf: bytes) } }
    let count = Int32(parameters.count)
    return scratch.withUnsafeBytes { bytes in
      withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: parameters.count) { values in
        var offset = 0
        for (index, parameter) in parameters.enumerated() {
          guard let length = parameter.terminated?.count else {
            values.initializeElement(at: index, to: nil)
            continue
          }
          values.initializeElement(
            at: index, to: bytes.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) })
          offset += length
        }
        let base = UnsafePointer(values.baseAddress)
        return isNamed
          ? PQsendQueryPrepared(connection, statement.wireName, count, base, nil, nil, 0) == 1
          : PQsendQueryParams(connection, statement.sql, count, nil, base, nil, nil, 0) == 1
      }
    }
  }

  private func flush() {
    guard !isClosed else { return }
    let left = PQflush(connection)
    guard left >= 0 else {
      readResults()
      return fail(lastError)
    }
    guard watch(left == 0 ? .readable : [.readable, .writable]) else { return fail("its socket cannot be watched") }
    // A flush that could not write everything has read instead, and the socket won't report that input again.
    if left > 0 { readResults() }
  }

  // MARK: Receiving

  private func watch(_ events: LoopPoll.Events) -> Bool {
    guard events != watched else { return true }
    if poll == nil {
      poll = LoopPoll(descriptor: PQsocket(connection)) { [weak self] events in self?.ready(events) }
    }
    poll?.start(events)
    watched = events
    return poll != nil
  }

  private func ready(_ events: LoopPoll.Events) {
    guard !isClosed else { return }
    // An error stops the watching and is reported as both.
    if events.contains(.writable), !watched.contains(.writable) { watched = [] }
    if events.contains(.readable), PQconsumeInput(connection) == 0 {
      // What the server said before the connection broke counts.
      readResults()
      return fail(lastError)
    }
    readResults()
    flush()
  }

  private func readResults() {
    guard !isClosed else { return }
    var finished = 0
    var endsInARow = 0
    while let unit = inFlight.first, PQisBusy(connection) == 0 {
      progressedAt = EventLoop.shared.nowMilliseconds
      guard let result = PQgetResult(connection) else {
        endsInARow += 1
        guard endsInARow == 1 else { return fail("libpq lost its place in the pipeline") }
        unit.statementEnded()
        continue
      }
      endsInARow = 0
      if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
        PQclear(result)
        _ = inFlight.popFirst()
        finished += 1
        finish(unit)
      } else if !take(result, of: unit) {
        return fail("a COPY is not possible here")
      }
    }
    guard finished > 0 else { return }
    if isRetired, inFlight.isEmpty { close() }
    onChange?(self)
  }

  private func take(_ result: OpaquePointer, of unit: PipelineUnit) -> Bool {
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
      if unit.leadingNow == nil { unit.add(PostgresRows(result: ResultBox(result))) } else { PQclear(result) }
    case PGRES_PIPELINE_ABORTED:
      if case .preparation(let name) = unit.leadingNow { prepared.remove(name) }
      PQclear(result)
    case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR, PGRES_BAD_RESPONSE:
      if case .preparation(let name) = unit.leadingNow { prepared.remove(name) }
      unit.fail(ServerReport(result))
      PQclear(result)
    default:
      PQclear(result)
      return false
    }
    return true
  }

  private func finish(_ unit: PipelineUnit) {
    if let error = unit.failure?.error {
      if error.isStaleStatement, unit.isNamed {
        for (statement, _) in unit.statements {
          prepared.remove(statement.wireName)
          unpreparable.insert(statement.wireName)
        }
      }
      // A primary that became a standby: the next connection finds the new primary.
      if error.sqlstate == "25006" { isRetired = true }
    }
    unit.finish()
  }

  // MARK: The end

  private func startWatchdog() {
    guard !isWatching, !isClosed else { return }
    isWatching = true
    watchdog.start(after: answerTimeout)
  }

  /// For how long what is under way has not been answered anything.
  var silence: Duration {
    inFlight.isEmpty ? .zero : .milliseconds(EventLoop.shared.nowMilliseconds - progressedAt)
  }

  /// The server's own timeout did not answer either: it, or the way to it, is gone.
  private func checkProgress() {
    isWatching = false
    guard !isClosed, !inFlight.isEmpty else { return }
    let silent = silence
    guard silent < answerTimeout else { return fail("no answer for \(answerTimeout.components.seconds) s") }
    isWatching = true
    watchdog.start(after: answerTimeout - silent)
  }

  private var lastError: String {
    guard !isClosed else { return "closed" }
    let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
    return text.split(separator: "\n").first.map { String($0) } ?? "no reason given"
  }

  private func fail(_ reason: String) {
    if isClosed, inFlight.isEmpty { return }
    let reason = inFlight.first?.failure.flatMap { $0.isFatal ? $0.error.message : nil } ?? reason
    let error = PostgresError(
      .connectionLost,
      "the connection to PostgreSQL at \(address) was lost (\(reason)); what was under way may have been committed")
    let lost = inFlight.removeAll()
    close()
    for unit in lost { unit.lose(error) }
    onChange?(self)
  }

  /// Ends the connection. Units under way must have been answered.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    watchdog.stop()
    // Before libpq closes the socket.
    poll?.stop()
    poll = nil
    PQfinish(connection)
  }

  isolated deinit { close() }
}
