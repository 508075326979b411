public import EventLoop
internal import Orders
public import Postgres

/// The change events that PostgreSQL owes: it gives them positions, and knows how far each sink is.
@LoopActor
public struct Outbox {
  private let pool: PostgresPool

  public nonisolated init(pool: PostgresPool) { self.pool = pool }

  /// Gives the oldest events that have none their position, and reads how far the sinks are: one transaction, which others
  /// of its kind wait for. Those of one order come in the order of its changes: each change starts from the version that
  /// the one before it committed, so its row is younger.
  ///
  /// - Parameter after: an id up to which every event has a position; see ``OutboxMark``.
  public func place(limit: Int, after: Int64 = 0) async throws -> OutboxTurn {
    let answers = try await pool.transaction([
      (Statements.lockEventTail, []), (Statements.placeEvents, [.int(limit), .int(after)]),
      (Statements.eventCursors, []),
    ])
    var cursors: [String: Int64] = [:]
    var last: Int64 = 0
    for row in answers[2] {
      last = try row.int(0)
      if let name = try row.textOrNil(1) { cursors[name] = try row.int(2) }
    }
    return OutboxTurn(events: try answers[1].map(Self.event), last: last, cursors: cursors)
  }

  /// The events that follow a position, in order.
  public func read(after position: Int64, limit: Int) async throws -> [OutboxEvent] {
    try await pool.run(Statements.readEvents, [.int(limit), .int(position)]).map(Self.event)
  }

  /// Notes a sink, if it is new: events are kept for it from now on, and it gets all that are kept.
  public func register(_ sink: String) async throws {
    _ = try await pool.run(Statements.registerSink, [.text(sink)])
  }

  /// Notes that a sink has everything up to a position; one that is behind what was noted changes nothing.
  public func advance(_ sink: String, to position: Int64) async throws {
    _ = try await pool.run(Statements.advanceSink, [.text(sink), .int(position)])
  }

  /// How things stand now.
  public func horizon() async throws -> OutboxHorizon {
    let row = try await pool.run(Statements.outboxHorizon, []).single()
    return try OutboxHorizon(oldestWriting: row.int(0), firstToCome: row.int(1), lastEvent: row.int(2))
  }

  private static func event(_ row: PostgresRow) throws -> OutboxEvent {
    try OutboxEvent(
      id: row.int(0), orderID: row.text(1), version: Int(row.int(2)), type: row.text(3), status: row.text(4),
      reason: row.textOrNil(5), reasonCode: row.textOrNil(14), time: row.text(6), tenant: row.text(7),
      product: row.text(8),
      shopReference: row.textOrNil(9), provider: row.textOrNil(10), trace: row.textOrNil(11), position: row.int(12),
      wasStreamed: row.bool(13))
  }
}
