import EventLoop
import Orders
import Postgres
import TestSupport
import Testing

@testable import Store

/// Positions of events where several give them at once, and beside schedulers that know none.
@Suite(.timeLimit(.minutes(2))) struct EventPositionTests {
  @Test func relaysThatGivePositionsAtOnceLeaveNoGapAndGiveNoneTwice() async throws {
    let bench = try await Bench()
    let outbox = Outbox(pool: bench.pool)
    let outcomes = await atOnce(24) { number in
      if number % 2 == 0 {
        for _ in 0..<5 { _ = try await bench.order(.sending, .sent) }
        return [Int64]()
      }
      var found: [Int64] = []
      for _ in 0..<20 { found += try await outbox.place(limit: 3).events.map(\.position) }
      return found
    }
    var found = try outcomes.flatMap { try $0.get() }
    while true {
      let rest = try await outbox.place(limit: 50).events.map(\.position)
      guard !rest.isEmpty else { break }
      found += rest
    }
    #expect(found.sorted() == (1...120).map(Int64.init), "two of each of 60 orders, each once")
    // Each order's events in the order of its changes.
    let wrong = try await bench.sql(
      """
      WITH placed AS (
        SELECT e.order_id, e.version, p.first + i.number AS position
        FROM event_places p, unnest(p.ids) WITH ORDINALITY AS i (id, number), events e WHERE e.id = i.id)
      SELECT count(*) FROM placed a JOIN placed b USING (order_id)
      WHERE a.version < b.version AND a.position > b.position
      """)
    #expect(try wrong[0].int(0) == 0)
  }

  /// The statements of schema 13's relay, between those of this one.
  @Test func aRelayOfBeforeAndThisOneTakeTurns() async throws {
    let bench = try await Bench()
    let outbox = Outbox(pool: bench.pool)
    func publishAsBefore() async throws -> [Int64] {
      let ids = try await bench.sql(
        "SELECT id FROM events WHERE published_at IS NULL AND type IS NOT NULL AND id > 0 ORDER BY id LIMIT 500"
      ).map { try $0.int(0) }
      _ = try await bench.sql("UPDATE events SET published_at = now() WHERE id = ANY ($1::bigint[])", .intArray(ids))
      return ids
    }
    let order = try await bench.order()
    // What a program of before writes.
    func write(_ version: Int, _ type: String?) async throws {
      _ = try await bench.sql(
        "INSERT INTO events (order_id, version, status, type) VALUES ($1::uuid, $2::int, 'sent', $3)",
        .text(order.id.description), .int(version), .text(type))
    }
    #expect(try await publishAsBefore() == [], "it leaves alone what it does not know")
    try await write(2, "sevk.order.sent")
    #expect(try await publishAsBefore().count == 1)
    #expect(try await bench.store.orderCounts().unpublished == 2, "it is in the streams, and has no position")
    // Two more changes; this relay places all and dies before it delivers.
    try await write(3, nil)
    try await write(4, "sevk.order.sent")
    let turn = try await outbox.place(limit: 10)
    #expect(turn.events.map(\.position) == [1, 2, 3] && turn.events.map(\.version) == [1, 2, 4])
    #expect(turn.events.map(\.wasStreamed) == [false, true, false], "the streams have the second")
    #expect(try await publishAsBefore() == [], "what has a position is left alone")
    #expect(try await bench.store.orderCounts().unpublished == 3, "and is still owed")
    // One of before publishes, and only then this one delivers what it owed.
    try await write(5, "sevk.order.completed")
    #expect(try await publishAsBefore().count == 1)
    _ = try await outbox.place(limit: 10)
    let owed = try await outbox.read(after: 0, limit: 10)
    #expect(owed.map(\.version) == [1, 2, 4, 5] && owed.map(\.wasStreamed) == [false, true, false, true])
  }

  @Test func anInstallationOfBeforeIsUpgraded() async throws {
    let url = try await PrivatePostgres.shared.createDatabase()
    let pool = PostgresPool(url: url, connectionsMax: 2)
    func run(_ sql: String) async throws -> PostgresRows {
      try await pool.run(PostgresStatement(name: "", sql: sql), [])
    }
    try await pool.script(
      "CREATE TABLE schema_migrations (version int PRIMARY KEY, applied_at timestamptz, oldest_program int)")
    for version in 1...13 {
      try await pool.script(
        "INSERT INTO schema_migrations (version) VALUES (\(version));\n" + Migrator.migrations[version - 1].script)
    }
    try await pool.script(
      """
      INSERT INTO tenants (name) VALUES ('shop');
      INSERT INTO orders (id, status, tenant_id, product, fields, priority, quantity, idempotency_key, request_hash, due_at)
      SELECT '01900000-0000-7000-8000-000000000001', 'pending', id, 'p', '{}', 'normal', 1, 'k',
        decode(repeat('00', 32), 'hex'), now() FROM tenants;
      INSERT INTO events (order_id, version, status, type, published_at)
      SELECT '01900000-0000-7000-8000-000000000001', v, 'pending', CASE WHEN v <> 2 THEN 'sevk.order.created' END,
        CASE WHEN v IN (1, 3) THEN now() END
      FROM generate_series(1, 5) AS v;
      """)
    #expect(try await Migrator(pool: pool).migrate().first == 14)
    let outbox = Outbox(pool: pool)
    let turn = try await outbox.place(limit: 10)
    #expect(turn.events.map(\.version) == [4, 5], "what was published stays so, what was owed is owed")
    #expect(turn.events.map(\.position) == [1, 2] && turn.cursors == ["stream": 0])
    #expect(turn.events.allSatisfy { !$0.wasStreamed })
    #expect(try await run("SELECT count(*) FROM events WHERE position = 0")[0].int(0) == 5)
    #expect(try await outbox.place(limit: 10).events.isEmpty)
    try await outbox.advance("stream", to: 2)
    // Retention drops what was published before there were positions.
    try await pool.script(
      """
      UPDATE orders SET status = 'cancelled', due_at = NULL, version = 9, came_from = 'pending',
        updated_at = now() - interval '10 days';
      UPDATE events SET at = now() - interval '10 days';
      """)
    let retention = Retention(pool: pool)
    #expect(try await retention.sweep(.events, olderThan: .seconds(86_400)) == 0, "the part is not full yet")
    try await pool.script("UPDATE row_parts SET began_at = began_at - interval '10 days'")
    #expect(try await retention.sweep(.events, olderThan: .seconds(86_400)) == 5)
    await pool.close()
  }
}
