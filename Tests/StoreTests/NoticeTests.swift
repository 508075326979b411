import EventLoop
import Orders
import Postgres
import Store
import Testing

/// Events that are no order's: who gets them, once, and where they stand among all others.
@Suite(.timeLimit(.minutes(2))) struct NoticeTests {
  private static let down = (OperatorEvent.providerDown, "provider/panel", #"{"provider":"panel"}"#)
  private static let up = (OperatorEvent.providerRecovered, "provider/panel", #"{"provider":"panel"}"#)

  @Test func theyStandAmongTheOthersByPositionAndOnlyOperatorsSeeThem() async throws {
    let bench = try await bench()
    let outbox = Outbox(pool: bench.pool)
    let notices = Notices(store: bench.store)
    let rival = try await rival(bench)
    _ = try await bench.order()
    try await notices.tell(ofProvider: bench.provider, id: "a", event: Self.down)
    _ = try await bench.order()
    try await notices.tell(ofProvider: bench.provider, id: "b", event: Self.up)
    let placed = try await outbox.place(limit: 100).events
    #expect(placed.map(\.position) == Array(1...Int64(placed.count)), "no gap")
    let told = placed.filter { $0.notice != nil }
    #expect(told.map(\.type) == ["sevk.provider.down", "sevk.provider.recovered"])
    #expect(told.map(\.name) == ["a", "b"] && told.map(\.version) == [1, 2] && Set(told.map(\.orderID)).count == 1)
    #expect(told.allSatisfy { $0.tenant == "shop" && $0.notice?.subject == "provider/panel" })
    // Every door reads the same.
    #expect(try await outbox.read(after: 0, limit: 100).map(\.name) == placed.map(\.name))
    func list(_ tenant: Int64, _ reach: EventReach, limit: Int = 100) async throws -> [Int64] {
      var (found, after): ([Int64], Int64) = ([], 0)
      while true {
        let page = try await outbox.list(tenant: tenant, after: after, of: reach, limit: limit)
        found += page.events.map(\.position)
        after = page.next
        if !page.hasMore { return found }
      }
    }
    for limit in [1, 2, 100] {
      #expect(try await list(bench.tenant, .all, limit: limit) == placed.map(\.position))
      #expect(
        try await list(bench.tenant, .orders, limit: limit) == placed.filter { $0.notice == nil }.map(\.position))
      #expect(
        try await list(bench.tenant, EventReach(hasOrders: false, hasNotices: true), limit: limit)
          == told.map(\.position))
    }
    #expect(try await list(rival, .all) == [], "none of its products goes there")
    let types = try await outbox.list(
      tenant: bench.tenant, after: 0, types: ["sevk.provider.down"], of: .all, limit: 10)
    #expect(types.events.map(\.name) == ["a"])
    // One whose products go there as well is told, too.
    try await route(bench, rival)
    try await notices.tell(ofProvider: bench.provider, id: "c", event: Self.down)
    let more = try await outbox.place(limit: 100).events
    #expect(Set(more.map(\.tenant)) == ["shop", "rival"] && more.allSatisfy { $0.name == "c" })
    #expect(try await list(rival, .all).count == 1)
  }

  @Test func aChangeIsToldOnceHoweverManySeeIt() async throws {
    let bench = try await bench()
    let outbox = Outbox(pool: bench.pool)
    let notices = Notices(store: bench.store)
    func look(_ isBad: Bool) async throws {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask {
            try await notices.note(
              "provider", of: bench.provider, isBad: isBad, after: .zero, event: isBad ? Self.down : Self.up)
          }
        }
        try await group.waitForAll()
      }
    }
    for isBad in [false, true, false] {
      try await look(isBad)
      try await look(isBad)
    }
    let types = try await outbox.place(limit: 100).events.map(\.type)
    #expect(types == ["sevk.provider.down", "sevk.provider.recovered"])
    // What happened is one event under one name.
    for _ in 0..<3 { try await notices.tell(ofProvider: bench.provider, id: "debit/1", event: Self.down) }
    #expect(try await outbox.place(limit: 100).events.count == 1)
  }

  @Test func ofWhatIsDroppedTheLastOfASubjectSaysWhichIsNext() async throws {
    let bench = try await bench()
    let outbox = Outbox(pool: bench.pool)
    let notices = Notices(store: bench.store)
    for id in ["a", "b"] { try await notices.tell(ofProvider: bench.provider, id: id, event: Self.down) }
    let last = try #require(try await outbox.place(limit: 10).events.last?.position)
    for sink in try await bench.sql("SELECT name FROM event_sinks") {
      try await outbox.advance(try sink.text(0), to: last)
    }
    _ = try await bench.sql("DELETE FROM events")
    _ = try await Retention(pool: bench.pool).sweep(.events, olderThan: .seconds(3600))
    let kept = try await bench.sql("SELECT name FROM notices")
    #expect(try kept.map { try $0.text(0) } == ["b"])
    try await notices.tell(ofProvider: bench.provider, id: "c", event: Self.up)
    #expect(try await outbox.place(limit: 10).events.map(\.version) == [3])
  }

  /// A scheduler of before gives positions and knows no notices.
  @Test func aRelayOfBeforeLeavesThemToTheList() async throws {
    let bench = try await bench()
    try await Notices(store: bench.store).tell(ofProvider: bench.provider, id: "a", event: Self.down)
    try await bench.pool.script(
      """
      INSERT INTO event_places (last, first, least_id, ids) SELECT 1, 1, id, ARRAY[id] FROM events;
      UPDATE event_tail SET last = 1, seen = (SELECT max(id) FROM events);
      """)
    let outbox = Outbox(pool: bench.pool)
    let page = try await outbox.list(tenant: bench.tenant, after: 0, of: .all, limit: 10)
    #expect(page.events.map(\.position) == [1] && page.events.first?.notice?.subject == "provider/panel")
    #expect(try await outbox.read(after: 0, limit: 10).map(\.name) == ["a"])
  }

  @Test func endpointsGetThemByNameAndInOrder() async throws {
    let bench = try await bench()
    for (name, types) in [("all", "{*}"), ("ops", "{sevk.provider.down,sevk.provider.recovered}")] {
      _ = try await bench.sql(
        """
        INSERT INTO endpoints (tenant_id, name, url, types, latest_only, secret)
        SELECT id, $1, 'https://shop.example/', $2::text[], false, '' FROM tenants WHERE name = 'shop' RETURNING id
        """, .text(name), .text(types))
    }
    let notices = Notices(store: bench.store)
    try await notices.tell(ofProvider: bench.provider, id: "a", event: Self.down)
    try await notices.tell(ofProvider: bench.provider, id: "b", event: Self.up)
    let events = try await Outbox(pool: bench.pool).place(limit: 100).events
    let lines = try await DeliveryStore(store: bench.store).add(events, bodies: events.map { _ in "{}" })
    #expect(lines.count == 1, "one line, so that recovered never comes before down")
    let rows = try await bench.sql(
      "SELECT p.name, d.event_id, d.position FROM deliveries d JOIN endpoints p ON p.id = d.endpoint_id ORDER BY d.position"
    )
    #expect(try rows.map { try $0.text(0) } == ["ops", "ops"] && rows.map { try $0.text(1) } == ["a", "b"])
    #expect(try rows.map { try $0.int(2) } == events.map(\.position))
  }

  /// With a tenant whose products go to the provider.
  private func bench() async throws -> Bench {
    let bench = try await Bench()
    try await route(bench, bench.tenant)
    return bench
  }

  private func route(_ bench: Bench, _ tenant: Int64) async throws {
    _ = try await bench.sql(
      "INSERT INTO routes (tenant_id, product, provider_id, parameters) VALUES ($1, 'pubg-60', $2, '{}')", .int(tenant),
      .int(bench.provider))
  }

  private func rival(_ bench: Bench) async throws -> Int64 {
    try await Setup(store: bench.store).addTenant("rival")
    return try await bench.sql("SELECT id FROM tenants WHERE name = 'rival'").single().int(0)
  }
}
