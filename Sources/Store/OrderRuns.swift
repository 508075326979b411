public import EventLoop
public import Orders
internal import Postgres

/// A move of many orders at once. It is drawn up first, with each order's version, so that what was looked at is what is
/// moved; then carried out one after the other, each by its own fenced move.
public struct OrderRun: Sendable {
  public enum State: String, Sendable { case drawn, running, aborted, ended }

  /// What became of one order of it.
  public enum ItemState: String, Sendable, CaseIterable {
    case waiting, done
    /// It takes a second person; that the first wants it is noted.
    case wanted
    case refused
  }

  /// One order of it.
  public struct Item: Sendable {
    public let id: OrderID
    /// As it was looked at.
    public let version: Int
    public let state: ItemState
    /// Why it was refused.
    public let why: String?
  }

  public let id: Int64
  /// Whose orders it is about, where a shop began it through the API; nil: people who run Sevk did.
  public let tenantID: Int64?
  /// A person's choice, or `ask`.
  public let what: String
  /// In words.
  public let filter: String
  public let drawnBy: String
  public let state: State
  /// Who started it, and why.
  public let who: String?
  public let note: String?
  /// With whom a second person is compared, where that is not ``who``.
  public let person: String?
  /// RFC 3339, UTC.
  public let drawnAt: String
  public let startedAt: String?
  public let endedAt: String?
  /// Since its process last said that it goes on.
  public let silentFor: Duration?
  public let counts: [ItemState: Int]

  public var total: Int { counts.values.reduce(0, +) }
  public var left: Int { counts[.waiting] ?? 0 }
  /// Whether the process that carried it out is gone.
  public var isOrphaned: Bool { state == .running && (silentFor ?? .zero) > Self.patience }

  /// A process says more often than this that it goes on.
  public static let patience = Duration.seconds(20)
  /// One that nobody started is dropped after so long: what was looked at is old then.
  public static let drawnLife = Duration.seconds(86_400)
}

/// Runs over many orders, as they are kept.
@LoopActor
public struct OrderRuns {
  private let store: Store
  public nonisolated init(store: Store) { self.store = store }

  private nonisolated static let columns = """
    SELECT r.id, r.what, r.filter, r.drawn_by, r.state, r.who, r.note,
           to_char(r.drawn_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           to_char(r.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           (extract(epoch FROM clock_timestamp() - r.beat_at) * 1000)::bigint,
           (SELECT count(*) FROM order_run_items i WHERE i.run_id = r.id AND i.state = 'waiting'),
           (SELECT count(*) FROM order_run_items i WHERE i.run_id = r.id AND i.state = 'done'),
           (SELECT count(*) FROM order_run_items i WHERE i.run_id = r.id AND i.state = 'wanted'),
           (SELECT count(*) FROM order_run_items i WHERE i.run_id = r.id AND i.state = 'refused'),
           r.tenant_id, r.person
    FROM order_runs r
    """

  /// Writes one down. Those that nobody started in a day are dropped.
  ///
  /// - Parameter tenant: whose it is, where a shop draws it up.
  public func draw(
    _ what: String, filter: String, who: String, tenant: Int64? = nil, _ orders: [(id: OrderID, version: Int)]
  ) async throws -> Int64 {
    let answers = try await store.pool.transaction([
      (
        PostgresStatement(
          name: "drop_drawn_runs",
          sql:
            "DELETE FROM order_runs WHERE state = 'drawn' AND drawn_at < now() - $1::bigint * interval '1 millisecond'"),
        [.int(OrderRun.drawnLife.milliseconds)]
      ),
      (
        PostgresStatement(
          name: "draw_run",
          sql: """
            WITH run AS (INSERT INTO order_runs (what, filter, drawn_by, tenant_id) VALUES ($1, $2, $3, $6) RETURNING id), items AS (
              INSERT INTO order_run_items (run_id, order_id, version)
              SELECT run.id, o.id, o.version FROM run, unnest($4::text[]::uuid[], $5::text[]::int[]) AS o (id, version))
            SELECT id FROM run
            """),
        [
          .text(what), .text(filter), .text(who), .textArray(orders.map(\.id.description)),
          .textArray(orders.map { "\($0.version)" }), .int(tenant),
        ]
      ),
    ])
    return try answers[1].single().int(0)
  }

  public func run(_ id: Int64) async throws -> OrderRun? {
    try await runs("\(Self.columns) WHERE r.id = $1", "order_run", [.int(id)]).first
  }

  /// The newest first.
  ///
  /// - Parameter tenant: only those that this shop began; nil: all.
  public func newest(limit: Int, tenant: Int64? = nil) async throws -> [OrderRun] {
    guard let tenant else {
      return try await runs("\(Self.columns) ORDER BY r.id DESC LIMIT $1", "order_runs", [.int(limit)])
    }
    return try await runs(
      "\(Self.columns) WHERE r.tenant_id = $2 ORDER BY r.id DESC LIMIT $1", "order_runs_of_tenant",
      [.int(limit), .int(tenant)])
  }

  /// Those that were begun and have not ended, the oldest first.
  public func unfinished(limit: Int) async throws -> [OrderRun] {
    try await runs("\(Self.columns) WHERE r.state = 'running' ORDER BY r.id LIMIT $1", "unfinished_runs", [.int(limit)])
  }

  private func runs(_ sql: String, _ name: String, _ parameters: [PostgresParameter]) async throws -> [OrderRun] {
    try await store.pool.run(PostgresStatement(name: name, sql: sql), parameters).map { row in
      var counts: [OrderRun.ItemState: Int] = [:]
      for (column, state) in OrderRun.ItemState.allCases.enumerated() { counts[state] = Int(try row.int(11 + column)) }
      return try OrderRun(
        id: row.int(0), tenantID: row.intOrNil(15), what: row.text(1), filter: row.text(2), drawnBy: row.text(3),
        state: OrderRun.State(rawValue: row.text(4)) ?? .ended, who: row.textOrNil(5), note: row.textOrNil(6),
        person: row.textOrNil(16), drawnAt: row.text(7), startedAt: row.textOrNil(8), endedAt: row.textOrNil(9),
        silentFor: row.intOrNil(10).map { .milliseconds($0) }, counts: counts)
    }
  }

  /// Its orders, newest first.
  public func items(of id: Int64, _ state: OrderRun.ItemState?, limit: Int) async throws -> [OrderRun.Item] {
    try await store.pool.run(
      PostgresStatement(
        name: "order_run_items",
        sql: """
          SELECT order_id, version, state, why FROM order_run_items
          WHERE run_id = $1 AND ($2::text IS NULL OR state = $2) ORDER BY order_id DESC LIMIT $3
          """),
      [.int(id), .text(state?.rawValue), .int(limit)]
    ).compactMap { row in
      guard let order = OrderID(try row.text(0)) else { return nil }
      return try OrderRun.Item(
        id: order, version: Int(row.int(1)), state: OrderRun.ItemState(rawValue: row.text(2)) ?? .refused,
        why: row.textOrNil(3))
    }
  }

  /// Begins one that is drawn up, for this process.
  ///
  /// - Parameters:
  ///   - person: with whom a second person is compared, where that is not `who`.
  ///   - only: of its orders these, each as it was when the run was drawn up; the others are left out of it. Nil: all.
  ///   - words: what is added to its filter then, for who reads it later.
  /// - Returns: false when it was begun or dropped before.
  public func start(
    _ id: Int64, who: String, person: String? = nil, note: String, process: String, only: [OrderID]? = nil,
    words: String = ""
  ) async throws -> Bool {
    try await isChanged(
      "start_run",
      """
      WITH begun AS (
        UPDATE order_runs SET state = 'running', who = $2, note = $3, process = $4, person = $8, started_at = now(),
          beat_at = now(), filter = filter || $7::text
        WHERE id = $1 AND state = 'drawn' AND drawn_at > now() - $5::bigint * interval '1 millisecond' RETURNING id
      ), left_out AS (
        DELETE FROM order_run_items i USING begun
        WHERE i.run_id = begun.id AND i.order_id <> ALL ($6::text[]::uuid[])
      )
      SELECT id FROM begun
      """,
      [
        .int(id), .text(who), .text(note), .text(process), .int(OrderRun.drawnLife.milliseconds),
        only.map { .textArray($0.map(\.description)) } ?? .text(nil), .text(words), .text(person),
      ])
  }

  /// Takes over one whose process is gone.
  public func takeOver(_ id: Int64, process: String) async throws -> Bool {
    try await isChanged(
      "take_run",
      """
      UPDATE order_runs SET process = $2, beat_at = now() WHERE id = $1 AND state = 'running'
        AND beat_at < now() - $3::bigint * interval '1 millisecond' RETURNING id
      """, [.int(id), .text(process), .int(OrderRun.patience.milliseconds)])
  }

  /// Says that this process goes on.
  ///
  /// - Returns: false when it has to stop: the run was aborted, or taken over.
  public func beat(_ id: Int64, process: String) async throws -> Bool {
    try await isChanged(
      "beat_run",
      "UPDATE order_runs SET beat_at = now() WHERE id = $1 AND state = 'running' AND process = $2 RETURNING id",
      [.int(id), .text(process)])
  }

  /// Lets another process take over at once.
  public func leave(_ id: Int64, process: String) async throws {
    _ = try await isChanged(
      "leave_run",
      "UPDATE order_runs SET beat_at = now() - interval '1 hour' WHERE id = $1 AND state = 'running' AND process = $2 RETURNING id",
      [.int(id), .text(process)])
  }

  public func end(_ id: Int64, process: String) async throws {
    _ = try await isChanged(
      "end_run",
      "UPDATE order_runs SET state = 'ended', ended_at = now() WHERE id = $1 AND state = 'running' AND process = $2"
        + " RETURNING id", [.int(id), .text(process)])
  }

  /// Ends one for good: nothing that is not done yet will be.
  public func abort(_ id: Int64) async throws -> Bool {
    try await isChanged(
      "abort_run",
      "UPDATE order_runs SET state = 'aborted', ended_at = now() WHERE id = $1 AND state IN ('drawn', 'running')"
        + " RETURNING id", [.int(id)])
  }

  public func note(_ order: OrderID, of id: Int64, _ state: OrderRun.ItemState, why: String?) async throws {
    _ = try await isChanged(
      "note_run_item",
      "UPDATE order_run_items SET state = $3, why = $4 WHERE run_id = $1 AND order_id = $2::uuid AND state = 'waiting'"
        + " RETURNING run_id", [.int(id), .text(order.description), .text(state.rawValue), .text(why)])
  }

  private func isChanged(_ name: String, _ sql: String, _ parameters: [PostgresParameter]) async throws -> Bool {
    try await store.pool.run(PostgresStatement(name: name, sql: sql), parameters).count == 1
  }
}
