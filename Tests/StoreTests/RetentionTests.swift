import Orders
import Postgres
import Store
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RetentionTests {
  private static let age = Duration.seconds(5 * 86_400)

  /// What open and held orders have in an old part is kept, and so is what ended a moment ago.
  @Test func onlyWhatEndedLongAgoIsDropped() async throws {
    let bench = try await Bench()
    let oldEnded = try await bench.ended()
    let oldOpen = try await bench.order(.sending, .sent)
    let oldHeld = try await bench.order(.sending, .sent, .held)
    let lateEnd = try await bench.ended()
    let all = [oldEnded, oldOpen, oldHeld, lateEnd]
    for order in all { try await bench.addExchanges(to: order, 1) }
    let retention = Retention(pool: bench.pool)
    try await bench.fillParts(retention)
    for order in all where order.id != lateEnd.id { try await bench.age(order) }
    // In a part that is still written to.
    let young = try await bench.ended()
    try await bench.addExchanges(to: young, 1)
    try await bench.age(young)

    #expect(try await retention.sweep(.events, olderThan: Self.age) == 0, "no sink has anything")
    try await bench.publishAll()
    #expect(try await retention.sweep(.exchanges, olderThan: Self.age) == 1)
    #expect(try await retention.sweep(.events, olderThan: Self.age) == 4)
    for (order, exchanges, events) in [
      (oldEnded, 0, 0), (oldOpen, 1, 3), (oldHeld, 1, 4), (lateEnd, 1, 4), (young, 1, 4),
    ] {
      #expect(try await bench.count("exchanges", where: "order_id = '\(order.id)'") == exchanges)
      #expect(try await bench.count("events", where: "order_id = '\(order.id)'") == events)
    }
    #expect(try await bench.count("events_rest") == 11)
    #expect(try await bench.count("exchanges_rest") == 3)
    #expect(try await bench.load(oldEnded.id).status == .completed)
    #expect(try await bench.count("row_parts", where: "number = 0") == 0)
    #expect(try await bench.count("pg_class", where: "relname IN ('events_0', 'exchanges_0')") == 0)
    #expect(try await retention.sweep(.exchanges, olderThan: Self.age) == 0)

    // Once it has ended for as long, what was kept of it goes as well.
    try await bench.age(lateEnd)
    #expect(try await retention.sweep(.exchanges, olderThan: Self.age) == 1)
    #expect(try await retention.sweep(.events, olderThan: Self.age) == 4)
    #expect(try await bench.count("events_rest") == 7)
    #expect(try await bench.count("exchanges_rest") == 2)
  }

  /// What people did goes after a long time; a run that has not ended never does, and nothing that is young, whatever is
  /// asked for.
  @Test func whatPeopleDidIsKeptForLong() async throws {
    let bench = try await Bench()
    let retention = Retention(pool: bench.pool)
    for days in [10, 29, 31, 399, 401] {
      let at = "now() - interval '\(days) days'"
      _ = try await bench.sql("INSERT INTO acts (who, what, target, note, at) VALUES ('a', 'x', '', '', \(at))")
      _ = try await bench.sql("INSERT INTO setup_audits (who, what, changes, at) VALUES ('a', 'x', '{}', \(at))")
      for (state, end) in [("ended", at), ("aborted", "NULL"), ("running", "NULL"), ("drawn", "NULL")] {
        _ = try await bench.sql(
          "INSERT INTO order_runs (what, filter, drawn_by, drawn_at, state, who, note, ended_at)"
            + " VALUES ('ask', '', 'a', \(at), '\(state)', 'a', '', \(end))")
      }
    }
    func counts() async throws -> [Int64] {
      var counts: [Int64] = []
      for table in ["acts", "setup_audits", "order_runs"] { counts.append(try await bench.count(table)) }
      return counts
    }
    let first = try await retention.sweepActs(olderThan: .seconds(400 * 86_400))
    #expect(first.map(\.count) == [1, 1, 2] && first.map(\.table) == ["acts", "setup_audits", "order_runs"])
    #expect(try await counts() == [4, 4, 18])
    // Nobody may ask for less than 30 days.
    #expect(try await retention.sweepActs(olderThan: .zero).map(\.count) == [2, 2, 4])
    #expect(try await counts() == [2, 2, 14])
    #expect(try await bench.count("order_runs", where: "state IN ('running', 'drawn')") == 10)
  }

  @Test func whatASinkLacksIsKept() async throws {
    let bench = try await Bench()
    let orders = [try await bench.ended(), try await bench.ended()]
    let (outbox, retention) = (Outbox(pool: bench.pool), Retention(pool: bench.pool))
    try await bench.fillParts(retention)
    for order in orders { try await bench.age(order) }
    let turn = try await outbox.place(limit: 100)
    #expect(turn.events.count == 6 && turn.last == 6)
    try await outbox.advance("stream", to: 6)
    try await outbox.register("second")
    #expect(try await retention.sweep(.events, olderThan: Self.age) == 0, "the second sink has none of them")
    #expect(try await bench.store.orderCounts().unpublished == 6)
    #expect(try await bench.store.diagnosis(late: .zero).lateEvents == 6)
    try await outbox.advance("second", to: 5)
    #expect(try await retention.sweep(.events, olderThan: Self.age) == 0)
    #expect(try await outbox.read(after: 0, limit: 10).map(\.position) == [1, 2, 3, 4, 5, 6])
    // One that was drawn and is not placed yet: its transaction ended late.
    _ = try await bench.sql(
      "UPDATE event_tail SET gaps = int8multirange(int8range(1, 2)) WHERE one")
    try await outbox.advance("second", to: 6)
    #expect(try await retention.sweep(.events, olderThan: Self.age) == 0)
    _ = try await bench.sql("UPDATE event_tail SET gaps = '{}' WHERE one")
    #expect(try await retention.sweep(.events, olderThan: Self.age) == 8)
    #expect(try await outbox.read(after: 0, limit: 10).isEmpty)
    // Positions go on where they were, though nothing is left that has one, and ids have leapt.
    _ = try await bench.order()
    #expect(try await outbox.place(limit: 10).events.map(\.position) == [7])
  }

  /// In the rest, where it goes row by row, more than a page of rows that must stay lies before what is to go.
  @Test func itGoesOnBehindPagesThatStay() async throws {
    let bench = try await Bench()
    let open = try await bench.order(.sending, .sent)
    let late = try await bench.ended()
    let ended = try await bench.ended()
    for (order, count) in [(open, 1200), (late, 1300), (ended, 2500)] {
      try await bench.addExchanges(to: order, count)
    }
    let retention = Retention(pool: bench.pool)
    try await bench.fillParts(retention)
    for order in [open, ended] { try await bench.age(order) }
    #expect(try await retention.sweep(.exchanges, olderThan: Self.age) == 2500)
    #expect(try await bench.count("exchanges") == 2500)
    try await bench.age(late)
    #expect(try await retention.sweep(.exchanges, olderThan: Self.age) == 1300)
    #expect(try await bench.count("exchanges") == 1200)
  }

  @Test func keysOfEndedOrdersAreForgottenAndTheOrdersStay() async throws {
    let bench = try await Bench()
    let ended = try await bench.ended()
    let held = try await bench.order(.sending, .sent, .held)
    let young = try await bench.ended()
    for order in [ended, held] {
      _ = try await bench.sql(
        "UPDATE orders SET created_at = created_at - interval '10 days' WHERE id = $1::uuid",
        .text(order.id.description))
    }
    let retention = Retention(pool: bench.pool)
    #expect(try await retention.sweepKeys(olderThan: Self.age) == 1)
    #expect(try await retention.sweepKeys(olderThan: Self.age) == 0)
    #expect(try await bench.count("orders", where: "idempotency_key IS NULL AND id = '\(ended.id)'") == 1)
    #expect(try await bench.count("orders", where: "idempotency_key IS NOT NULL") == 2)
    #expect(try await bench.load(ended.id).version == ended.version)
    // A repetition within the time is answered with the order; after it, it is a new one.
    for order in [held, young] {
      guard case .repeated = try await bench.store.add(bench.newOrder(key: order.id.description)) else {
        Issue.record("\(order.id) was not known")
        continue
      }
    }
    guard case .created = try await bench.store.add(bench.newOrder(key: ended.id.description)) else {
      Issue.record("a key that was forgotten is taken")
      return
    }
  }

  @Test func aSweepOfKeysGoesOnWhereTheLastEnded() async throws {
    let bench = try await Bench()
    for _ in 0..<3 { _ = try await bench.ended() }
    _ = try await bench.sql("UPDATE orders SET created_at = created_at - interval '10 days'")
    let retention = Retention(pool: bench.pool)
    #expect(try await retention.sweepKeys(olderThan: Self.age) == 3)
    #expect(
      try await bench.count("retention_marks", where: "order_id = (SELECT id FROM orders ORDER BY id DESC LIMIT 1)")
        == 1)
    let later = try await bench.ended()
    #expect(try await retention.sweepKeys(olderThan: Self.age) == 0)
    _ = try await bench.sql("UPDATE orders SET created_at = created_at - interval '10 days'")
    #expect(try await retention.sweepKeys(olderThan: Self.age) == 1)
    #expect(try await bench.count("orders", where: "idempotency_key IS NULL AND id = '\(later.id)'") == 1)
  }

  @Test func pinsOfEndedOrdersAreForgotten() async throws {
    let bench = try await Bench()
    let old = try await bench.ended()
    let young = try await bench.ended()
    for (number, order) in [old, young].enumerated() {
      _ = try await bench.sql(
        "INSERT INTO pins (print, order_id) VALUES (md5($1)::uuid, $2::uuid)",
        .text("\(number)"), .text(order.id.description))
    }
    // As programs of before schema 21 did: it is claimed in both.
    _ = try await bench.sql(
      "INSERT INTO pin_prints (print, order_id) VALUES ($1, $2::uuid)",
      .bytea([UInt8](repeating: 7, count: 32)), .text(old.id.description))
    try await bench.age(old)
    let retention = Retention(pool: bench.pool)
    #expect(try await retention.sweepPinPrints(olderThan: Self.age) == 3)
    #expect(try await bench.count("pins", where: "order_id = '\(young.id)'") == 1)
    #expect(try await bench.count("pins") == 1)
    #expect(try await bench.count("pin_prints") == 0)
    #expect(try await retention.sweepPinPrints(olderThan: Self.age) == 0)
    // It began anew with the first print, so it comes to what grew old meanwhile.
    try await bench.age(young)
    #expect(try await retention.sweepPinPrints(olderThan: Self.age) == 1)
  }
}

extension Bench {
  fileprivate func ended() async throws -> Order { try await order(.sending, .sent, .completed) }

  fileprivate func addExchanges(to order: Order, _ count: Int) async throws {
    _ = try await sql(
      """
      INSERT INTO exchanges (order_id, attempt, kind, request, reply, duration_ms)
      SELECT $1::uuid, 1, 'query', 'GET', '', 1 FROM generate_series(1, $2::int)
      """, .text(order.id.description), .int(count))
  }

  /// Every sink has every event.
  fileprivate func publishAll() async throws {
    let outbox = Outbox(pool: pool)
    while try await !outbox.place(limit: 500).events.isEmpty {}
    _ = try await sql("UPDATE event_sinks SET position = (SELECT last FROM event_tail WHERE one)")
  }

  /// What is written from now on goes into new parts, and the old ones have been full for ten days.
  fileprivate func fillParts(_ retention: Retention) async throws {
    for table in Retention.Table.allCases {
      #expect(try await retention.sweep(table, olderThan: .seconds(5 * 86_400)) == 0)
    }
    _ = try await sql("UPDATE row_parts SET began_at = began_at - interval '10 days'")
  }

  /// Makes everything of an order ten days older.
  fileprivate func age(_ order: Order) async throws {
    for (table, column, key) in [
      ("orders", "updated_at", "id"), ("exchanges", "at", "order_id"), ("events", "at", "order_id"),
    ] {
      _ = try await sql(
        "UPDATE \(table) SET \(column) = \(column) - interval '10 days' WHERE \(key) = $1::uuid",
        .text(order.id.description))
    }
  }
}
