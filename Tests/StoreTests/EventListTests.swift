import EventLoop
import Orders
import Postgres
import Store
import Testing

/// A tenant's events by position: what is listed, what is no longer, and at which price.
@Suite(.timeLimit(.minutes(2))) struct EventListTests {
  @Test func pagesHaveEachEventOnceAndNoOthers() async throws {
    let bench = try await Bench()
    let outbox = Outbox(pool: bench.pool)
    try await Setup(store: bench.store).addTenant("rival")
    let rival = try await bench.sql("SELECT id FROM tenants WHERE name = 'rival'").single().int(0)
    var placed: [OutboxEvent] = []
    for turn in 0..<5 {
      for _ in 0..<3 { _ = try await bench.order(.sending, .sent) }
      if turn % 2 == 0 { _ = try await bench.store.add(bench.newOrder(tenant: rival)) }
      placed += try await outbox.place(limit: 100).events
    }
    for (tenant, name) in [(bench.tenant, "shop"), (rival, "rival")] {
      let wanted = placed.filter { $0.tenant == name }.map(\.position)
      for limit in [1, 2, 7, 100] {
        var (found, after): ([Int64], Int64) = ([], 0)
        while true {
          let page = try await outbox.list(tenant: tenant, after: after, limit: limit)
          #expect(page.events.count <= limit && page.events.allSatisfy { $0.tenant == name })
          found += page.events.map(\.position)
          after = page.next
          if !page.hasMore { break }
          #expect(page.events.count == limit)
        }
        #expect(found == wanted, "\(name), \(limit) a page")
        #expect(after == wanted.last)
      }
    }
    let sent = try await outbox.list(tenant: bench.tenant, after: 0, types: ["sevk.order.sent"], limit: 100)
    #expect(sent.events.count == 15 && sent.events.allSatisfy { $0.type == "sevk.order.sent" })
    let order = try #require(placed.first { $0.tenant == "shop" }?.orderID)
    let own = try await outbox.list(tenant: bench.tenant, after: 0, order: order, limit: 10)
    #expect(own.events.map(\.position) == placed.filter { $0.orderID == order }.map(\.position))
    #expect(try await outbox.list(tenant: rival, after: 0, order: order, limit: 10).events.isEmpty)
  }

  @Test func aSchedulerOfBeforeIsListedToo() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    // What it writes: no reach, and no runs of tenants.
    try await bench.pool.script(
      """
      INSERT INTO event_places (last, first, least_id, ids) SELECT 1, 1, id, ARRAY[id] FROM events;
      UPDATE event_tail SET last = 1, seen = (SELECT max(id) FROM events);
      """)
    let outbox = Outbox(pool: bench.pool)
    #expect(try await outbox.list(tenant: bench.tenant, after: 0, limit: 10).events.map(\.position) == [1])
    let own = try await outbox.list(tenant: bench.tenant, after: 0, order: order.id.description, limit: 10)
    #expect(own.events.map(\.position) == [1])
  }

  @Test func whatRetentionDropsIsSaidToBeGone() async throws {
    let bench = try await Bench()
    let outbox = Outbox(pool: bench.pool)
    for _ in 0..<3 { _ = try await bench.order(.sending, .sent, .completed) }
    let open = try await bench.order()
    let old = try await outbox.place(limit: 100).events
    try await bench.pool.script(
      "UPDATE events SET at = now() - interval '31 days'; UPDATE orders SET updated_at = now() - interval '31 days';")
    _ = try await bench.order()
    let new = try await outbox.place(limit: 100).events
    try await outbox.register("stream")
    try await outbox.advance("stream", to: new.last?.position ?? 0)
    _ = try await Retention(pool: bench.pool).sweep(.events, olderThan: .seconds(30 * 86_400))
    let page = try await outbox.list(tenant: bench.tenant, after: 0, limit: 100)
    #expect(page.keptAfter == old.last?.position, "of what is older some is kept, and who reads can't rely on it")
    let kept = try await outbox.list(tenant: bench.tenant, after: page.keptAfter, limit: 100)
    #expect(kept.events.map(\.position) == new.map(\.position))
    let ofOpen = try await outbox.list(tenant: bench.tenant, after: 0, order: open.id.description, limit: 10)
    #expect(ofOpen.events.count == 1)
    for table in ["tenant_event_runs", "late_events"] {
      #expect(
        try await bench.count(
          table, where: table == "late_events" ? "true" : "last NOT IN (SELECT last FROM event_places)")
          == 0)
    }
  }

  /// However many events others have, and however far back the own ones are.
  @Test func aPageIsFoundByIndexes() async throws {
    let bench = try await Bench(connectionsMax: 1)
    let outbox = Outbox(pool: bench.pool)
    try await Setup(store: bench.store).addTenant("rival")
    let rival = try await bench.sql("SELECT id FROM tenants WHERE name = 'rival'").single().int(0)
    let first = await bench.newOrder(tenant: rival)
    _ = try await bench.store.add(first)
    _ = try await outbox.place(limit: 100)
    try await bench.pool.script(
      """
      INSERT INTO events (order_id, version, status, type, position, published_at)
      SELECT (SELECT id FROM orders LIMIT 1), n, 'sent', 'sevk.order.sent', 0, 'infinity' FROM generate_series(2, 20000) AS n;
      """)
    // All of them are of the rival; the shop has one at the end.
    while try await !outbox.place(limit: 500).events.isEmpty {}
    _ = try await bench.order()
    _ = try await outbox.place(limit: 500)
    func read(_ what: () async throws -> EventPage) async throws -> (page: EventPage, rows: Int64) {
      let before = try await fetched(bench)
      let page = try await what()
      return (page, try await fetched(bench) - before)
    }
    for _ in 0..<2 { _ = try await outbox.list(tenant: bench.tenant, after: 0, limit: 100) }
    let own = try await read { try await outbox.list(tenant: bench.tenant, after: 0, limit: 100) }
    #expect(own.page.events.count == 1 && own.rows < 100, "\(own.rows) rows for one event among 20,000 of others")
    let middle = try await read { try await outbox.list(tenant: rival, after: 10_000, limit: 100) }
    #expect(middle.page.events.first?.position == 10_001 && middle.page.hasMore)
    #expect(middle.rows < 1_500, "\(middle.rows) rows for 100 events")
    let order = try await read {
      try await outbox.list(tenant: rival, after: 19_990, order: first.id.description, limit: 5)
    }
    #expect(order.page.events.map(\.position) == Array(19_991...19_995))
  }

  private func fetched(_ bench: Bench) async throws -> Int64 {
    _ = try await bench.sql("SELECT pg_stat_force_next_flush()")
    return try await bench.sql(
      "SELECT coalesce(sum(idx_tup_fetch + seq_tup_read), 0)::bigint FROM pg_stat_user_tables"
    ).single().int(0)
  }
}
