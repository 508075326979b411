import EventLoop
import Orders
import Postgres
import Store
import Testing

/// The list of orders by their last change: whoever reads on from where a page ended misses nothing.
@Suite(.timeLimit(.minutes(1)))
struct ChangeListTests {
  @Test func aTransactionThatCommitsLateIsNotMissed() async throws {
    let bench = try await Bench()
    let early = try await bench.order()
    var place = try await read(bench, from: .start, until: [early.id]).place

    let holder = PostgresPool(url: bench.url, connectionsMax: 1)
    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_lock(42)"), [])
    // It has its number now, and commits only when the lock is free.
    let late = Task {
      try await bench.pool.script(
        "UPDATE orders SET reason = 'late', changed = order_change() WHERE id = '\(early.id)';"
          + "SELECT pg_advisory_xact_lock(42)")
    }
    while try await bench.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")[0].int(0)
      == 0
    {
      try await EventLoop.sleep(for: .milliseconds(5))
    }
    var others: Set<OrderID> = []
    for _ in 0..<3 { others.insert(try await bench.order().id) }
    // They are committed, yet something may still come before them.
    let page = try #require(
      try await bench.store.changedOrders(tenant: bench.tenant, statuses: [], after: place, limit: 100))
    #expect(page.orders.isEmpty && page.next == place)
    place = page.next

    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_unlock(42)"), [])
    try await late.value
    let read = try await read(bench, from: place, until: others.union([early.id]))
    #expect(read.orders.first?.id == early.id && read.orders.first?.reason == "late")
    #expect(read.orders.count == 4)
    await holder.close()
  }

  @Test func everyChangeMovesAnOrderToTheEnd() async throws {
    let bench = try await Bench()
    let first = try await bench.order()
    let second = try await bench.order(.sending, .sent)
    let read = try await read(bench, from: .start, until: [first.id, second.id])
    #expect(read.orders.map(\.id) == [first.id, second.id])
    // A move by a person counts as well; a note of a question does not.
    try await bench.store.apply(bench.move(first, to: .failed))
    try await bench.store.askAgain(second, after: .seconds(1), Reason(.other, "waiting"), exchange: nil)
    let after = try await self.read(bench, from: read.place, until: [first.id])
    #expect(after.orders.map(\.status) == [.failed])
    let failed = try await self.read(bench, from: .start, until: [first.id], statuses: [.failed, .cancelled])
    #expect(failed.orders.map(\.id) == [first.id])
    #expect(ChangePlace("\(after.place)") == after.place)
    for text in ["", "1", "x-\(first.id)", "-1-\(first.id)", "99999999999999999999-\(first.id)", "\(first.id)"] {
      #expect(ChangePlace(text) == nil, "\(text)")
    }
  }

  /// One that runs on with the newer schema while the others are replaced.
  @Test func aChangeByAnOlderProgramIsListedToo() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    let place = try await read(bench, from: .start, until: [order.id]).place
    _ = try await bench.sql(
      "UPDATE orders SET version = version + 1, came_from = status, status = 'failed', due_at = NULL")
    #expect(try await read(bench, from: place, until: [order.id]).orders.map(\.status) == [.failed])
  }

  /// Pages of one give every order once, whatever the limit cuts.
  @Test func pagesGoOnWhereTheLastEnded() async throws {
    let bench = try await Bench()
    // Those of one statement have the same number, and only their ids tell them apart.
    let added = await atOnce(20) { _ in
      let order = await bench.newOrder()
      _ = try await bench.store.add(order)
      return order.id
    }
    let ids = Set(try added.map { try $0.get() })
    let read = try await read(bench, from: .start, until: ids, limit: 1)
    #expect(read.orders.count == 20)
  }

  @Test func aPlaceOfAnotherDatabaseIsRefused() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    let beyond = ChangePlace(change: 1 << 50, id: order.id)
    #expect(try await bench.store.changedOrders(tenant: bench.tenant, statuses: [], after: beyond, limit: 1) == nil)
    // As sevk-restore does, so that what changes from now on comes behind every place that was ever given out.
    _ = try await bench.sql("UPDATE change_base SET base = base + (1::bigint << 51)")
    let next = try await bench.order()
    let read = try await read(bench, from: beyond, until: [next.id])
    #expect(read.orders.map(\.id) == [next.id])
  }

  @Test func whatAnEarlierSendCostSaysNothingOfANewOne() async throws {
    let bench = try await Bench()
    var order = try await bench.order(.sending)
    var accepted = await bench.move(order, to: .unresolved)
    accepted.cost = Money(parsing: "12.5")
    try await bench.store.apply(accepted)
    order = try await bench.load(order.id)
    #expect(order.cost == Money(parsing: "12.5"))
    try await bench.store.apply(bench.move(order, to: .pending))
    order = try await bench.load(order.id)
    try await bench.store.apply(bench.move(order, to: .sending))
    #expect(try await bench.load(order.id).cost == nil)
  }

  /// Reads on until all of `wanted` came: another test's transaction may hold the list up for a moment.
  private func read(
    _ bench: Bench, from start: ChangePlace, until wanted: Set<OrderID>, statuses: Set<Status> = [], limit: Int = 100
  ) async throws -> (orders: [Order], place: ChangePlace) {
    var (orders, place): ([Order], ChangePlace) = ([], start)
    while !wanted.isSubset(of: orders.map(\.id)) {
      let page = try #require(
        try await bench.store.changedOrders(tenant: bench.tenant, statuses: statuses, after: place, limit: limit))
      orders += page.orders
      place = page.next
    }
    return (orders, place)
  }
}
