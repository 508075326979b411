import EventLoop
import Orders
import Postgres
import TestSupport
import Testing

@testable import Store

/// What is open, what ended and in which change: lists beside `orders`, which say the same whoever wrote.
@Suite(.timeLimit(.minutes(2))) struct OrderListTests {
  @Test func theListsAreThoseOfTheOrders() async throws {
    let bench = try await Bench()
    var orders: [Order] = []
    for path: [Status] in [
      [], [.sending], [.sending, .sent], [.sending, .unresolved], [.sending, .sent, .held], [.sending, .completed],
      [.failed], [.cancelled], [.sending, .pending, .sending, .sent, .failed],
    ] {
      var order = try await bench.order()
      for status in path {
        try await bench.store.apply(await bench.move(order, to: status))
        order = try await bench.load(order.id)
        try await expectLists(bench)
      }
      orders.append(order)
    }
    // As a person at a console, or a program from before.
    for (order, status) in zip(orders, [Status.held, .unresolved, .completed, .sent, .pending]) {
      _ = try await bench.sql(
        """
        UPDATE orders SET came_from = status, status = $2::text, version = version + 1, reason = 'by hand', provider_id = 1,
          provider_reference = 'x', due_at = CASE WHEN $2::text IN (\(Status.literals(Status.open))) THEN now() END,
          changed = order_change()
        WHERE id = $1::uuid
        """, .text(order.id.description), .text(status.rawValue))
      try await expectLists(bench)
    }
    let changed = try #require(
      try await bench.store.changedOrders(tenant: bench.tenant, statuses: [], after: .start, limit: 100))
    #expect(changed.orders.suffix(5).map(\.id) == orders.prefix(5).map(\.id), "the last that changed are the last")
    #expect(Set(changed.orders.map(\.id)) == Set(orders.map(\.id)) && changed.orders.count == orders.count)
    // What another transaction took back was never there.
    _ = try? await bench.pool.script("UPDATE orders SET status = 'failed', came_from = 'held'; SELECT 1 / 0")
    try await expectLists(bench)
    _ = try await bench.sql("TRUNCATE orders CASCADE")
    try await expectLists(bench)
  }

  @Test func anInstallationOfBeforeIsUpgraded() async throws {
    let url = try await PrivatePostgres.shared.createDatabase()
    let pool = PostgresPool(url: url, connectionsMax: 2, planner: Statements.planner)
    try await pool.script(
      "CREATE TABLE schema_migrations (version int PRIMARY KEY, applied_at timestamptz, oldest_program int)")
    for version in 1...17 {
      let migration = Migrator.migrations[version - 1]
      try await pool.script("INSERT INTO schema_migrations (version) VALUES (\(version));\n" + migration.script)
      for index in migration.indexes { try await pool.script(index.statement) }
    }
    try await pool.script(
      """
      INSERT INTO tenants (name) VALUES ('shop');
      INSERT INTO providers (name, adapter, base_url, credentials) VALUES ('panel', 'znet', 'http://x', '');
      INSERT INTO orders (id, status, came_from, tenant_id, product, fields, priority, quantity, idempotency_key, request_hash,
        due_at, provider_id, provider_reference, reason, changed)
      SELECT ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, status, came_from, 1, 'p', '{}', 'normal', 1,
        'k' || n, sha256(''), CASE WHEN is_open THEN now() END, 1, 'r' || n, 'why', CASE n WHEN 7 THEN 0 ELSE 20 - n END
      FROM (VALUES (1, 'pending', '', true), (2, 'sending', 'pending', true), (3, 'sent', 'sending', true),
        (4, 'unresolved', 'sending', true), (5, 'held', 'sent', false), (6, 'completed', 'sent', false),
        (7, 'failed', 'sent', false), (8, 'cancelled', 'pending', false), (9, 'completed', 'sent', false))
        AS o (n, status, came_from, is_open);
      INSERT INTO attempts (order_id, number, provider_id, reference, state)
      SELECT id, 1, 1, provider_reference, 'accepted' FROM orders WHERE status = 'completed';
      """)
    #expect(try await Migrator(pool: pool).migrate() == Array(18...Migrator.version))
    #expect(try await Migrator(pool: pool).unfinishedIndexes() == nil)
    let store = Store(pool: pool, vault: nil)
    let changed = try #require(try await store.changedOrders(tenant: 1, statuses: [], after: .start, limit: 100))
    func numbers(_ orders: [Order]) -> [Int] { orders.compactMap { Int($0.id.description.suffix(12)) } }
    #expect(numbers(changed.orders) == [7, 9, 8, 6, 5, 4, 3, 2, 1], "in the order of their changes, each once")
    var place = ChangePlace.start
    var paged: [Int] = []
    while paged.count < 9 {
      let page = try #require(try await store.changedOrders(tenant: 1, statuses: [], after: place, limit: 2))
      paged += numbers(page.orders)
      place = page.next
    }
    #expect(paged == [7, 9, 8, 6, 5, 4, 3, 2, 1])
    for (status, expected) in [(Status.failed, [7]), (.cancelled, [8]), (.held, [5]), (.sent, [3]), (.sending, [2])] {
      let found = try await store.orders(
        tenant: 1, statuses: [status], shopReference: nil, before: nil, limit: 10)
      #expect(numbers(found) == expected, "\(status)")
    }
    #expect(
      try await store.openOrders(after: nil, limit: 10).map(\.status) == [.pending, .sending, .sent, .unresolved])
    #expect(try await store.settledReference(provider: 1) == "r9")
    // The next change of an old order takes it out of its old place.
    let sent = try #require(try await store.order(changed.orders[6].id))
    try await store.apply(Transition(sent, to: .failed))
    let next = try #require(try await store.changedOrders(tenant: 1, statuses: [], after: .start, limit: 100))
    #expect(numbers(next.orders) == [7, 9, 8, 6, 5, 4, 2, 1, 3])
    await pool.close()
  }

  private func expectLists(_ bench: Bench, _ location: SourceLocation = #_sourceLocation) async throws {
    let final = Status.literals(Status.final)
    let wrong = try await bench.sql(
      """
      SELECT 'unsettled', count(*) FROM (SELECT id, status, tenant_id FROM orders WHERE status NOT IN (\(final))) AS o
        FULL JOIN unsettled_orders u ON u.order_id = o.id AND u.status = o.status AND u.tenant_id = o.tenant_id
      WHERE u.order_id IS NULL OR o.id IS NULL
      UNION ALL
      SELECT 'settled', count(*) FROM (SELECT id FROM orders WHERE status IN (\(final))) AS o
        FULL JOIN (SELECT unnest(order_ids) AS id FROM settled_orders) AS s ON s.id = o.id
      WHERE s.id IS NULL OR o.id IS NULL
      UNION ALL
      SELECT 'unfulfilled', count(*)
      FROM (SELECT id, status FROM orders WHERE status IN (\(final)) AND status <> 'completed') AS o
        FULL JOIN unfulfilled_orders f ON f.order_id = o.id AND f.status = o.status
      WHERE f.order_id IS NULL OR o.id IS NULL
      UNION ALL
      SELECT 'changed', count(*) FROM orders WHERE changed <> -1
      """)
    for row in wrong {
      let (list, count) = (try row.text(0), try row.int(1))
      #expect(count == 0, "\(list)", sourceLocation: location)
    }
  }
}
