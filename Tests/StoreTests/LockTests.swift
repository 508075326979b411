import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// Somebody holds rows locked, by hand or by mistake: only those orders wait.
@Suite(.timeLimit(.minutes(1)), .serialized) struct LockTests {
  private static let ordersCount = 60

  @Test func lockedOrdersKeepNoOthersFromBeingWritten() async throws {
    let bench = try await Bench()
    var orders: [Order] = []
    for _ in 0..<Self.ordersCount { orders.append(try await bench.order()) }
    let (locked, others) = (Array(orders.prefix(2)), Array(orders.dropFirst(2)))
    let holder = try await Holder(
      bench, "SELECT FROM orders WHERE id IN ('\(locked[0].id)', '\(locked[1].id)') FOR UPDATE")

    let waiting = locked.map { order in
      Task {
        try await bench.store.applyPersistently(await bench.move(order, to: .sending))
        try await bench.store.applyPersistently(await bench.move(try await bench.load(order.id), to: .sent))
      }
    }
    // All the way, batch after batch beside the locked ones, which try again all along.
    let outcomes = await atOnce(others.count) { number in
      var order = others[number]
      for status in [Status.sending, .unresolved] {
        try await bench.store.apply(await bench.move(order, to: status))
        order = try await bench.load(order.id)
      }
      try await bench.store.askAgain(order, after: .seconds(1), Reason(.other, "waiting"), exchange: nil)
      try await bench.store.apply(await bench.move(order, to: .completed))
    }
    for outcome in outcomes { _ = try outcome.get() }
    for order in locked { #expect(try await bench.load(order.id).version == 1, "it is locked still") }
    _ = try await bench.store.add(await bench.newOrder())

    try await holder.letGo()
    for task in waiting { try await task.value }
    for order in locked { #expect(try await bench.load(order.id).status == .sent) }
    #expect(try await bench.count("events", where: "order_id = '\(locked[0].id)'") == 3, "each move once")
  }

  @Test func aLockedOrderAloneIsToBeTriedAgain() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .sent)
    let holder = try await Holder(bench, "SELECT FROM orders WHERE id = '\(order.id)' FOR UPDATE")
    let error = await #expect(throws: PostgresError.self) {
      try await bench.store.askAgain(order, after: .seconds(1), Reason(.other, "waiting"), exchange: nil)
    }
    #expect(error?.sqlstate == "55P03" && error?.isTransient == true)
    try await holder.letGo()
    try await bench.store.askAgain(order, after: .seconds(1), Reason(.other, "waiting"), exchange: nil)
    #expect(try await bench.load(order.id).checks == 1)
  }

  @Test func aKeyThatIsBeingTakenKeepsNoOthersFromBeingRecorded() async throws {
    let bench = try await Bench()
    let holder = try await Holder(
      bench,
      """
      INSERT INTO orders (id, status, tenant_id, product, fields, priority, quantity, idempotency_key, request_hash, due_at)
      VALUES (gen_random_uuid(), 'pending', \(bench.tenant), 'p', '{}', 'normal', 1, 'taken', sha256(''), now())
      """)
    let outcomes = await atOnce(Self.ordersCount) { number in
      try await bench.store.add(await bench.newOrder(key: number == 30 ? "taken" : nil))
    }
    for (number, outcome) in outcomes.enumerated() {
      switch outcome {
      case .success(let intake):
        guard number != 30, case .created = intake else { Issue.record("\(number): \(intake)"); continue }
      case .failure(let error):
        #expect(number == 30 && (error as? PostgresError)?.isTransient == true, "\(number): \(error)")
      }
    }
    #expect(try await bench.count("orders") == Int64(Self.ordersCount - 1))
    try await holder.letGo()
  }
}
