import EventLoop
import Orders
import Postgres
@testable import Store
import TestSupport
import Testing

/// Events and exchanges are kept in parts; orders never notice which there are.
@Suite(.timeLimit(.minutes(1)))
struct RowPartTests {
  private static let age = Duration.seconds(5 * 86_400)

  @Test func aPartBeginsOnlyWhenTheLastHasRowsAndIsNotYoung() async throws {
    let bench = try await Bench()
    let retention = Retention(pool: bench.pool)
    _ = try await retention.sweep(.events, olderThan: Self.age)
    #expect(try await bench.parts("events") == [0], "there is nothing in it")
    _ = try await bench.order(.sending)
    for _ in 0..<2 { _ = try await retention.sweep(.events, olderThan: Self.age) }
    #expect(try await bench.parts("events") == [0, 1])
    #expect(try await bench.parts("exchanges") == [0])
    _ = try await bench.sql("UPDATE row_parts SET began_at = began_at - interval '2 days'")
    _ = try await retention.sweep(.events, olderThan: Self.age)
    #expect(try await bench.parts("events") == [0, 1], "the second has no rows")
    _ = try await bench.order(.sending)
    #expect(try await bench.count("events_0") == 2)
    #expect(try await bench.count("events_1") == 2)
    _ = try await retention.sweep(.events, olderThan: Self.age)
    #expect(try await bench.parts("events") == [0, 1, 2])
  }

  /// A part that somebody took away, and ids that went on behind the last one, stop no order: the rest takes the rows.
  @Test func aMissingPartStopsNothing() async throws {
    let bench = try await Bench()
    let retention = Retention(pool: bench.pool)
    try await bench.pool.script(
      """
      ALTER TABLE events DETACH PARTITION events_0;
      DROP TABLE events_0;
      ALTER TABLE exchanges DETACH PARTITION exchanges_0;
      DROP TABLE exchanges_0;
      SELECT setval(pg_get_serial_sequence('exchanges', 'id'), 5::bigint << 32);
      """)
    let order = try await bench.order(.sending, .sent)
    try await bench.store.askAgain(order, after: .seconds(1), Reason(.other, "waiting"), exchange: .sample(.query))
    #expect(try await bench.count("events_rest") == 3)
    #expect(try await bench.count("exchanges_rest") == 1)
    #expect(try await Outbox(pool: bench.pool).place(limit: 10).events.count == 2)
    for table in Retention.Table.allCases { _ = try await retention.sweep(table, olderThan: Self.age) }
    // Behind what is in the rest, where no row of it is in the way.
    #expect(try await bench.parts("events") == [0, 1])
    #expect(try await bench.parts("exchanges") == [0, 6])
    let next = try await bench.load(order.id)
    try await bench.store.askAgain(next, after: .seconds(1), Reason(.other, "waiting"), exchange: .sample(.query))
    #expect(try await bench.count("exchanges_6") == 1)
    #expect(try await bench.store.timeline(of: order.id).count >= 5)
    // What is missing is forgotten when it would have been dropped.
    _ = try await bench.sql("UPDATE row_parts SET began_at = began_at - interval '10 days'")
    for table in Retention.Table.allCases { _ = try await retention.sweep(table, olderThan: Self.age) }
    #expect(try await bench.count("row_parts", where: "number = 0") == 0)
  }

  /// Parts begin and are dropped under orders that move, and each has its whole story at the end.
  @Test func partsBeginAndEndBesideOrders() async throws {
    let bench = try await Bench(connectionsMax: 4)
    let retention = Retention(pool: bench.pool)
    let done = Done()
    let count = 60
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        var sweeps = 0
        while await !done.isSo || sweeps < 3 {
          for table in Retention.Table.allCases { _ = try await retention.sweep(table, olderThan: .zero) }
          _ = try await bench.sql("UPDATE row_parts SET began_at = began_at - interval '1 hour'")
          sweeps += 1
        }
      }
      group.addTask {
        for _ in 0..<count {
          let order = try await bench.order(.sending, .sent)
          try await bench.store.askAgain(
            order, after: .seconds(1), Reason(.other, "waiting"), exchange: .sample(.query))
        }
        await done.set()
      }
      try await group.waitForAll()
    }
    #expect(try await bench.parts("events").count > 1)
    #expect(try await bench.count("events") == 3 * count)
    #expect(try await bench.count("exchanges") == count)
    let outbox = Outbox(pool: bench.pool)
    var placed = 0
    while case let turn = try await outbox.place(limit: 50), !turn.events.isEmpty { placed += turn.events.count }
    #expect(placed == 2 * count)
  }

  /// A running installation of schema 20: no row moves, what its programs prepared goes on, and so do their PINs.
  @Test func anInstallationOfSchema20IsUpgraded() async throws {
    let url = try await PrivatePostgres.shared.createDatabase()
    let pool = PostgresPool(url: url, connectionsMax: 2)
    let old = PostgresPool(url: url, connectionsMax: 1)
    try await pool.script(
      "CREATE TABLE schema_migrations (version int PRIMARY KEY, applied_at timestamptz, oldest_program int)")
    for version in 1...20 {
      try await pool.script(
        "INSERT INTO schema_migrations (version) VALUES (\(version));\n" + Migrator.migrations[version - 1].script)
    }
    let id = "01900000-0000-7000-8000-000000000001"
    try await pool.script(
      """
      INSERT INTO tenants (name) VALUES ('shop');
      INSERT INTO orders (id, status, tenant_id, product, fields, priority, quantity, idempotency_key, request_hash, due_at)
      SELECT '\(id)', 'pending', id, 'p', '{}', 'normal', 1, 'k', decode(repeat('00', 32), 'hex'), now() FROM tenants;
      INSERT INTO pin_prints VALUES (decode(repeat('ab', 32), 'hex'), '\(id)');
      """)
    func write(_ version: Int) async throws {
      for (name, sql) in [
        (
          "event",
          "INSERT INTO events (order_id, version, status, type, position, published_at) "
            + "VALUES ($1::uuid, $2::int, 'pending', 'sevk.order.created', 0, 'infinity') RETURNING id"
        ),
        (
          "exchange",
          "INSERT INTO exchanges (order_id, attempt, kind, request, reply, duration_ms) "
            + "VALUES ($1::uuid, $2::int, 'query', 'GET', '', 1) RETURNING id"
        ),
      ] {
        let row = try await old.run(PostgresStatement(name: name, sql: sql), [.text(id), .int(version)]).single()
        #expect(try row.int(0) == version)
      }
    }
    for version in 1...3 { try await write(version) }
    #expect(try await Migrator(pool: pool).migrate() == Array(21...Migrator.version))
    for version in 4...5 { try await write(version) }
    func count(_ from: String) async throws -> Int64 {
      try await pool.run(PostgresStatement(name: "", sql: "SELECT count(*) FROM \(from)"), []).single().int(0)
    }
    for table in ["events_0", "exchanges_0"] { #expect(try await count(table) == 5) }
    for table in ["events_rest", "exchanges_rest"] { #expect(try await count(table) == 0) }
    #expect(try await count("pin_prints") == 1)
    #expect(try await Outbox(pool: pool).place(limit: 10).events.map(\.version) == [1, 2, 3, 4, 5])
    // Retention of a scheduler from before.
    #expect(
      try await old.run(PostgresStatement(name: "", sql: "DELETE FROM events WHERE id = 1 RETURNING id"), []).count == 1
    )
    #expect(try await Migrator(pool: pool).unfinishedIndexes() == nil)
    await old.close()
    await pool.close()
  }
}

/// Whether the other task has come to its end.
private actor Done {
  private(set) var isSo = false
  func set() { isSo = true }
}

extension Bench {
  fileprivate func parts(_ table: String) async throws -> [Int64] {
    try await sql("SELECT number FROM row_parts WHERE parent = $1 ORDER BY number", .text(table)).map { try $0.int(0) }
  }
}
