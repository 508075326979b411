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
    return OutboxTurn(events: try events.map { try Self.event($0) }, last: last, cursors: cursors)
  }

  /// The events that follow a position, in order.
  public func read(after position: Int64, limit: Int) async throws -> [OutboxEvent] {
    try await pool.run(Statements.readEvents, [.int(limit), .int(position)]).map { try Self.event($0) }
  }

  /// Most events that are looked at for a page where only some types are wanted; then it ends before it is full.
  private static let scannedMax = 5_000

  /// A tenant's events that follow a position, in order.
  ///
  /// - Parameters:
  ///   - types: only of these; of all that `reach` has, when it is empty.
  ///   - order: only of this order, by its id.
  ///   - limit: a page may have fewer though more follow, see ``EventPage/hasMore``.
  public func list(
    tenant: Int64, after position: Int64, types: [String] = [], order: String? = nil, of reach: EventReach = .orders,
    limit: Int
  ) async throws -> EventPage {
    // One more tells whether there is one more.
    let common: [PostgresParameter] = [.int(limit + 1), .int(position), .int(tenant), .textArray(types)]
    let scanMax = types.isEmpty ? limit + 1 : max(Self.scannedMax, limit + 1)
    let rows =
      if let order {
        try await pool.run(Statements.listOrderEvents, common + [.text(order)])
      } else {
        try await pool.run(
          Statements.listEvents, common + [.int(scanMax), .bool(reach.hasOrders), .bool(reach.hasNotices)])
      }
    guard let first = rows.first else { throw StoreError.schema("the table event_tail is empty") }
    let events = try rows.filter { try $0.intOrNil(4) != nil }.map { try Self.event($0, from: 4) }
    let page = Array(events.prefix(limit))
    let looked = Int(try first.int(3))
    let wasCut = order == nil && looked >= scanMax
    let scanned = try first.intOrNil(2)
    let next =
      if events.count > limit { page.last?.position } else if wasCut { scanned } else { page.last?.position }
    return EventPage(
      events: page, next: next ?? position, hasMore: events.count > limit || wasCut, last: try first.int(0),
      keptAfter: try first.int(1))
  }

  /// The tenants' ids, by their names.
  public func tenants() async throws -> [String: Int64] {
    let rows = try await pool.run(PostgresStatement(name: "tenants_by_name", sql: "SELECT name, id FROM tenants"), [])
    return try Dictionary(rows.map { (try $0.text(0), try $0.int(1)) }) { first, _ in first }
  }

  /// The last position that was given.
  public func last() async throws -> Int64 {
    try await pool.run(Statements.eventCursors, []).first?.int(0) ?? 0
  }

  /// Notes a sink, if it is new: events are kept for it from now on, and it gets all that are kept.
  public func register(_ sink: String) async throws {
    _ = try await pool.run(Statements.registerSink, [.text(sink)])
  }

  /// Notes that a sink has everything up to a position; one that is behind what was noted changes nothing.
  public func advance(_ sink: String, to position: Int64) async throws {
    _ = try await pool.run(Statements.advanceSink, [.text(sink), .int(position)])
  }

  /// - Parameter start: the column in which it begins.
  private static func event(_ row: PostgresRow, from start: Int = 0) throws -> OutboxEvent {
    func text(_ column: Int) throws(PostgresError) -> String { try row.text(start + column) }
    func textOrNil(_ column: Int) throws(PostgresError) -> String? { try row.textOrNil(start + column) }
    let notice = try textOrNil(15).map {
      try OutboxEvent.Notice(name: $0, subject: text(16), data: text(17))
    }
    var event = try OutboxEvent(
      id: row.int(start), orderID: text(1), version: Int(row.int(start + 2)), type: text(3), status: text(4),
      reason: textOrNil(5), reasonCode: textOrNil(14), time: text(6), tenant: text(7), product: textOrNil(8) ?? "",
      shopReference: textOrNil(9), provider: textOrNil(10), trace: textOrNil(11), position: row.int(start + 12),
      wasStreamed: row.bool(start + 13), stage: textOrNil(18), notice: notice)
    event.stars = try row.intOrNil(start + 19).map { Int($0) }
    return event
  }
}
