import EventLoop
import Orders
import Postgres
import Store
import Testing

/// Sessions keep the plans that they made while the tables were empty, and those must not read whole tables.
@Suite(.timeLimit(.minutes(1)))
struct PlanTests {
  @Test func noStatementReadsAWholeTable() async throws {
    // One session, so that it makes its plans now and keeps them.
    let bench = try await Bench(connectionsMax: 1)
    for _ in 0..<3 { try await useEverything(bench) }
    try await bench.fill(orders: 3000)
    try await flushStatistics(bench)
    let before = try await rowsReadInOrder(bench)
    for _ in 0..<8 { try await useEverything(bench) }
    try await flushStatistics(bench)
    for (table, count) in try await rowsReadInOrder(bench) {
      #expect(count == before[table], "\(table) was read from end to end")
    }
  }

  private func useEverything(_ bench: Bench) async throws {
    var order = try await bench.order(.sending, .sent)
    try await bench.store.askAgain(order, after: .seconds(1), Reason(.other, "waiting"), exchange: .sample(.query))
    order = try await bench.load(order.id)
    var end = await bench.move(order, to: .completed)
    end.exchange = .sample(.query)
    try await bench.store.apply(end)
    _ = try await bench.store.sendCounts(of: order.id)
    _ = try await bench.store.timeline(of: order.id)
    _ = try await bench.store.existing(bench.newOrder())
    _ = try await bench.store.openOrders(after: nil, limit: 100)
    _ = try await bench.store.orders(matching: "shop-778", limit: 10)
    _ = try await bench.store.settledReference(provider: bench.provider)
    for (status, reference) in [
      (nil, nil), (Status.failed, nil), (.sent, "shop-1"), (nil, "shop-2"), (.completed, nil),
    ] {
      _ = try await bench.store.orders(
        tenant: bench.tenant, statuses: status.map { [$0] } ?? [], shopReference: reference, before: order.id, limit: 20
      )
    }
    for statuses: Set<Status> in [[], [.failed, .held]] {
      _ = try await bench.store.changedOrders(tenant: bench.tenant, statuses: statuses, after: .start, limit: 20)
    }
    for statuses: Set<Status> in [[], [.failed], [.sent, .completed]] {
      for name in ["", "key", "reference", "player"] {
        var filter = OrderFilter(tenantID: bench.tenant, limit: 20)
        (filter.statuses, filter.createdFrom, filter.createdBefore) = (
          statuses, order.createdAt, order.createdAt + 1000
        )
        filter.idempotencyKey = name == "key" ? "fill-1" : nil
        filter.shopReference = name == "reference" ? "shop-1" : nil
        filter.player = name == "player" ? "p-1" : nil
        _ = try await bench.store.orders(filter)
      }
    }
    _ = try await bench.store.changePlace(tenant: bench.tenant, at: order.createdAt)
    _ = try await bench.store.changedOrders(
      tenant: bench.tenant, statuses: [], updatedAfter: order.createdAt, after: .start, limit: 20)
    _ = try await bench.store.digest(
      tenant: bench.tenant, from: .first(at: UInt64(order.createdAt)),
      to: .first(at: UInt64(order.createdAt) + 3_600_000))
    _ = try await bench.store.deliveryTimes(tenant: bench.tenant, nowMilliseconds: order.createdAt + 1000)
    _ = try await bench.store.sandboxSend(reference: order.sendReference ?? "")
    _ = try await bench.store.waitingOrders()
    for statuses in [[], [Status.failed], [.pending, .held], [.completed]] {
      for tenant in [nil, bench.tenant] {
        var search = OrderSearch()
        (search.statuses, search.tenant, search.product, search.limit) = (statuses, tenant, "other", 10)
        _ = try await bench.store.search(search, nowMilliseconds: 0)
        search.olderThan = .seconds(3600)
        _ = try await bench.store.search(search, nowMilliseconds: 1_000_000_000_000_000)
      }
    }
    for name in ["player", "reference"] {
      var search = OrderSearch()
      (search.player, search.shopReference) = name == "player" ? ("p-1", nil) : (nil, "shop-1")
      _ = try await bench.store.search(search, nowMilliseconds: 0)
    }
    for tenant in [nil, bench.tenant] {
      var slow = SlowSearch(from: order.createdAt)
      slow.tenant = tenant
      _ = try await bench.store.slowest(slow, nowMilliseconds: order.createdAt)
    }
    _ = try await bench.store.spent(of: [order.id], nowMilliseconds: 0)
    _ = try await bench.store.waitingSends()
    _ = try await bench.store.held(among: [order.id])
    _ = try await bench.store.orderCounts()
    let looks = SecondLooks(bench.store)
    _ = try await looks.find(after: .seconds(3600), usual: [.seconds(3600)])
    _ = try await looks.lag(usual: [.seconds(3600)])
    try await looks.passOver(usual: [.seconds(3600)])
    _ = try await looks.owed(after: nil, limit: 10)
    _ = try await bench.store.askNow(try await bench.load(order.id), pause: .seconds(10))
    if let look = try await looks.look(at: order.id) { try await looks.end(look) }
    try await looks.contest(try await bench.load(order.id), Reason(.secondLook, "x"), .sample(.query))
    // What is not settled is counted, whole.
    try await bench.store.apply(
      PersonMove(try await bench.load(order.id), to: .failed, .failed, who: "x", note: "x"))
    _ = try await bench.store.claimRefund(of: try await bench.order().id, tenant: bench.tenant, who: "x")
    let outbox = Outbox(pool: bench.pool)
    let turn = try await outbox.place(limit: 20)
    _ = try await outbox.read(after: 0, limit: 20)
    for types in [[], ["sevk.order.sent"]] {
      _ = try await outbox.list(tenant: bench.tenant, after: 0, types: types, limit: 20)
      _ = try await outbox.list(tenant: bench.tenant, after: 0, types: types, order: order.id.description, limit: 20)
    }
    try await outbox.advance("stream", to: turn.last)
    _ = try await bench.store.diagnosis(late: .zero)
    _ = try await Retention(pool: bench.pool).sweep(.exchanges, olderThan: .seconds(86_400))
    _ = try await Retention(pool: bench.pool).sweep(.events, olderThan: .seconds(86_400))
  }

  /// Rows that sequential scans read, by table.
  private func rowsReadInOrder(_ bench: Bench) async throws -> [String: Int64] {
    let rows = try await bench.sql(
      """
      SELECT relname, seq_tup_read FROM pg_stat_user_tables
      WHERE relname IN ('orders', 'attempts', 'pins', 'unsettled_orders', 'settled_orders', 'unfulfilled_orders')
        OR relname ~ '^(events|exchanges)_'
      """)
    return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.text(0), try $0.int(1)) })
  }

  private func flushStatistics(_ bench: Bench) async throws {
    _ = try await bench.sql("SELECT pg_stat_force_next_flush()")
    // In a transaction of its own, since what it counts is flushed at the end of one.
    _ = try await bench.sql("SELECT pg_stat_clear_snapshot()")
  }
}

extension Bench {
  /// Orders that ended, with their events and exchanges.
  fileprivate func fill(orders: Int) async throws {
    try await pool.script(
      """
      INSERT INTO orders (id, status, came_from, tenant_id, product, fields, reference, priority, quantity,
                          idempotency_key, request_hash)
      SELECT gen_random_uuid(), 'completed', 'sent', \(tenant), 'pubg-60', '{"player_id": "1"}', 'shop-' || n, 'normal', 1,
             'fill-' || n, sha256(n::text::bytea)
      FROM generate_series(1, \(orders)) AS n;
      -- Behind what the outbox gives, as events that a later transaction placed.
      INSERT INTO events (order_id, version, status, type, published_at, position)
      SELECT id, v, 'completed', 'sevk.order.completed', 'infinity', 1000000 + row_number() OVER ()
      FROM orders, generate_series(100, 102) AS v;
      UPDATE event_tail SET last = 2000000;
      UPDATE event_sinks SET position = 2000000;
      INSERT INTO exchanges (order_id, attempt, kind, request, reply, duration_ms)
      SELECT id, 1, 'query', 'GET', '', 1 FROM orders;
      INSERT INTO attempts (order_id, number, provider_id, reference, state)
      SELECT id, 99, \(provider), id::text, 'accepted' FROM orders;
      -- What this script read must not be counted later.
      SELECT pg_stat_force_next_flush();
      """)
  }
}
