import EventLoop
import OrderWork
import Orders
import Testing

/// What a process has just written need not be read.
@LoopActor
@Suite(.timeLimit(.minutes(1))) struct RecentOrdersTests {
  private func order(_ milliseconds: UInt64) -> Order {
    var random = SystemRandomNumberGenerator()
    var order = Order(
      id: OrderID(milliseconds: milliseconds, using: &random), version: 3, status: .sent, tenantID: 1,
      product: "pubg-60", fields: [:], shopReference: nil, priority: .normal, quantity: 1, reason: nil, providerID: 1,
      sendReference: "1", sends: 1, checks: 1, age: .seconds(9), sinceSend: .seconds(5), untilDue: .seconds(3),
      cost: nil, hasPin: false, createdAt: 0, updatedAt: 0, trace: nil)
    order.witness = Witness(.completed, fingerprint: [1], age: .zero)
    return order
  }

  @Test func anOrderIsGivenOutOnceAndIsAsOldAsItIsThen() throws {
    let recent = RecentOrders()
    let written = order(1_700_000_000_000)
    recent.keep(written)
    let found = try #require(recent.take(written.id, at: .now + .milliseconds(30)))
    let passed = found.age - .seconds(9)
    #expect(passed >= .milliseconds(30))
    #expect(found.sinceSend == .seconds(5) + passed && found.untilDue == .seconds(3) - passed)
    #expect(found.witness?.age == passed)
    #expect(found.version == written.version && found.status == written.status)
    #expect(recent.take(written.id) == nil, "who tries again reads it")
  }

  @Test func onlySoManyAreKept() {
    let recent = RecentOrders()
    let orders = (0..<10_000).map { order(1_700_000_000_000 + $0) }
    for order in orders { recent.keep(order) }
    #expect(orders.count { recent.take($0.id) != nil } <= 8192)
  }
}
