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
  /// - Parameter delivered: what sinks have everything up to, by name; noted with it, so that it costs no commit of its own.
  public func place(limit: Int, delivered: [String: Int64] = [:]) async throws -> OutboxTurn {
    let notes = delivered.sorted { $0.key < $1.key }.map {
      (Statements.advanceSink, [PostgresParameter.text($0.key), .int($0.value)])
    }
    let answers = try await pool.transaction(
      notes + [
        (Statements.lockEventTail, []), (Statements.placeEvents, [.int(limit)]), (Statements.eventCursors, []),
      ]
    ).dropFirst(notes.count)
    let (events, rows) = (answers[notes.count + 1], answers[notes.count + 2])
    var cursors: [String: Int64] = [:]
    var last: Int64 = 0
    for row in rows {
      last = try row.int(0)
      if let name = try row.textOrNil(1) { cursors[name] = try row.int(2) }
    }
    return OutboxTurn(events: try events.map(Self.event), last: last, cursors: cursors)
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

  private static func event(_ row: PostgresRow) throws -> OutboxEvent {
    try OutboxEvent(
      id: row.int(0), orderID: row.text(1), version: Int(row.int(2)), type: row.text(3), status: row.text(4),
      reason: row.textOrNil(5), reasonCode: row.textOrNil(14), time: row.text(6), tenant: row.text(7),
      product: row.text(8),
      shopReference: row.textOrNil(9), provider: row.textOrNil(10), trace: row.textOrNil(11), position: row.int(12),
      wasStreamed: row.bool(13))
  }
}
