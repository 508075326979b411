import Cipher
import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct IntakeTests {
  @Test func anOrderIsRecordedAsItCame() async throws {
    let bench = try await Bench()
    let new = await bench.newOrder()
    guard case .created(let created) = try await bench.store.add(new) else {
      Issue.record("not created")
      return
    }
    let order = try await bench.load(new.id)
    #expect(order.version == 1 && order.status == .pending && order.sends == 0 && order.checks == 0)
    #expect(order.fields == new.fields && order.product == new.product && order.shopReference == "shop-778")
    #expect(order.priority == .high && order.quantity == 1 && order.trace == "00-trace")
    #expect(order.createdAt == created.createdAt && order.tenantID == bench.tenant)
    #expect(order.providerID == nil && order.sendReference == nil && order.sinceSend == nil && order.cost == nil)
    #expect(!order.hasPin)
    #expect(try #require(order.untilDue) <= .zero, "it is due at once")
    #expect(try await bench.count("events", where: "type = 'sevk.order.created' AND version = 1") == 1)
    #expect(try await bench.store.order(.random()) == nil)
    #expect(try await bench.store.pin(of: new.id) == nil)
  }

  @Test func aHundredAtOnceUnderOneKeyAreOneOrder() async throws {
    let bench = try await Bench()
    let outcomes = await atOnce(100) { _ in try await bench.store.add(await bench.newOrder(key: "same")) }
    let intakes = try outcomes.map { try $0.get() }
    let created = intakes.compactMap { if case .created(let order) = $0 { order.id } else { nil } }
    let repeated = intakes.compactMap { if case .repeated(let id) = $0 { id } else { nil } }
    #expect(created.count == 1 && repeated.count == 99)
    #expect(Set(repeated) == Set(created))
    #expect(try await bench.count("orders") == 1)
    #expect(try await bench.count("events") == 1)
  }

  @Test func aKeyStandsForOneRequestOfOneTenant() async throws {
    let bench = try await Bench()
    try await Setup(store: bench.store).addTenant("other")
    let other = try await bench.sql("SELECT id FROM tenants WHERE name = 'other'")[0].int(0)
    let first = await bench.newOrder(key: "k")
    _ = try await bench.store.add(first)
    #expect(try await bench.store.add(await bench.newOrder(key: "k")) == .repeated(first.id))
    #expect(try await bench.store.add(await bench.newOrder(key: "k", hash: 2)) == .keyReused(first.id))
    let theirs = await bench.newOrder(key: "k", tenant: other, hash: 2)
    guard case .created(let created) = try await bench.store.add(theirs), created.id == theirs.id else {
      Issue.record("another tenant's key was taken for this one's")
      return
    }
    #expect(try await bench.count("orders") == 2)
  }

  /// To a Swift `String` both keys are one: then both repeats would be answered with the second's order.
  @Test func keysAreComparedAsBytes() async throws {
    let bench = try await Bench()
    let keys = ["sipari\u{15F}", "siparis\u{327}"]
    var ids: [OrderID] = []
    for (number, key) in keys.enumerated() {
      let order = await bench.newOrder(key: key, hash: UInt8(number + 1))
      _ = try await bench.store.add(order)
      ids.append(order.id)
    }
    // Together, so that one statement finds both.
    let intakes = try await atOnce(2) { number in
      try await bench.store.add(await bench.newOrder(key: keys[number], hash: UInt8(number + 1)))
    }.map { try $0.get() }
    #expect(intakes == [.repeated(ids[0]), .repeated(ids[1])])
    #expect(try await bench.count("orders") == 2)
  }

  /// Many orders share a statement; what one caller sent must not fail another's.
  @Test func anOrderThatCannotBeStoredFailsAlone() async throws {
    let bench = try await Bench()
    let outcomes = await atOnce(50) { number in
      var new = await bench.newOrder()
      // jsonb holds no NUL; there is no such tenant; the constraint wants more than none.
      if number == 7 { new.fields["\u{0}"] = "x" }
      if number == 17 { new.tenantID = -1 }
      if number == 27 { new.quantity = 0 }
      return try await bench.store.add(new)
    }
    for (number, outcome) in outcomes.enumerated() {
      if [7, 17, 27].contains(number) {
        #expect(throws: PostgresError.self) { try outcome.get() }
      } else {
        #expect(throws: Never.self) { try outcome.get() }
      }
    }
    #expect(try await bench.count("orders") == 47)
    #expect(try await bench.count("events") == 47)
  }

  /// Two processes that are given the same orders in another order wait for each other, but never in a circle.
  @Test func theSameOrdersAtTwoProcessesDoNotDeadlock() async throws {
    let bench = try await Bench()
    let stores = [bench.store, Store(pool: PostgresPool(url: bench.url), vault: try Vault(keys: Bench.key))]
    for round in 0..<20 {
      let outcomes = await atOnce(400) { number in
        let key = number < 200 ? number : 399 - number
        return try await stores[number / 200].add(await bench.newOrder(key: "\(round)-\(key)"))
      }
      for outcome in outcomes { #expect(throws: Never.self) { try outcome.get() } }
    }
    #expect(try await bench.count("orders") == 4000)
  }

  @Test func pagesAndSearch() async throws {
    let bench = try await Bench()
    var ids: [OrderID] = []
    for _ in 0..<5 { ids.append(try await bench.order().id) }
    ids.sort(by: >)
    func page(_ before: OrderID? = nil, status: Status? = nil, reference: String? = nil) async throws -> [OrderID] {
      try await bench.store.orders(
        tenant: bench.tenant, statuses: status.map { [$0] } ?? [], shopReference: reference, before: before, limit: 2
      ).map(\.id)
    }
    #expect(try await page() == Array(ids[0..<2]))
    #expect(try await page(ids[1]) == Array(ids[2..<4]))
    #expect(try await page(ids[3]) == [ids[4]])
    #expect(try await page(ids[4]).isEmpty)
    #expect(try await page(status: .sent).isEmpty)
    #expect(try await page(reference: "shop-778").count == 2)
    #expect(try await page(reference: "shop-779").isEmpty)
    #expect(try await bench.store.orders(tenant: -1, statuses: [], shopReference: nil, before: nil, limit: 9).isEmpty)
    let sent = try await bench.order(.sending, .sent)
    #expect(try await bench.store.orders(matching: "5123", limit: 100).count == 6)
    #expect(try await bench.store.orders(matching: "shop-778", limit: 3).count == 3)
    #expect(
      try await bench.store.orders(matching: try #require(sent.sendReference), limit: 9).map(\.id) == [sent.id])
    #expect(try await bench.store.orders(matching: "nobody", limit: 9).isEmpty)
  }

  @Test func openOrdersArePagedCompletely() async throws {
    let bench = try await Bench()
    let outcomes = await atOnce(2500) { _ in try await bench.store.add(await bench.newOrder()) }
    var open = Set(
      try outcomes.map { if case .created(let order) = try $0.get() { order.id } else { OrderID.random() } })
    #expect(open.count == 2500)
    // Finished and held ones are not open; sent ones are.
    for path in [[Status.failed], [.held], [.sending, .completed], [.cancelled]] {
      var order = try await bench.order()
      for status in path {
        try await bench.store.apply(await bench.move(order, to: status))
        order = try await bench.load(order.id)
      }
    }
    open.insert(try await bench.order(.sending, .sent).id)
    open.insert(try await bench.order(.sending, .unresolved).id)
    var seen: [OpenOrder] = []
    var pages = 0
    while true {
      let page = try await bench.store.openOrders(after: seen.last?.id, limit: 1000)
      seen += page
      pages += 1
      if page.count < 1000 { break }
    }
    #expect(pages == 3)
    #expect(seen.map(\.id) == seen.map(\.id).sorted())
    #expect(Set(seen.map(\.id)) == open && seen.count == open.count)
    #expect(seen.filter { $0.status == .sent }.count == 1)
    #expect(seen.allSatisfy { $0.priority == .high && $0.trace == "00-trace" })
  }
}
