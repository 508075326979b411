import EventLoop
import Orders
import Testing

@testable import OrderWork

/// An order that was recorded here is known once, and not for ever.
@LoopActor struct RecordedOrdersTests {
  @Test func anOrderIsTakenOnce() {
    let recorded = RecordedOrders()
    let order = Self.order()
    recorded.keep(order)
    #expect(recorded.take(order.id)?.id == order.id)
    #expect(recorded.take(order.id) == nil)
  }

  @Test func whatNobodyAsksForTakesNoMemoryWithoutEnd() {
    let recorded = RecordedOrders()
    let orders = (0..<3000).map { _ in Self.order() }
    for order in orders { recorded.keep(order) }
    #expect(recorded.take(orders[0].id) != nil)
    #expect(recorded.take(orders[2999].id) == nil)
  }

  private static func order() -> Order {
    var random = SystemRandomNumberGenerator()
    return Order(
      id: OrderID(milliseconds: 1, using: &random), version: 1, status: .pending, tenantID: 1, product: "p",
      fields: [:],
      shopReference: nil, priority: .normal, quantity: 1, reason: nil, providerID: nil, sendReference: nil, sends: 0,
      checks: 0, age: .zero, sinceSend: nil, untilDue: nil, cost: nil, hasPin: false, createdAt: 0, updatedAt: 0,
      trace: nil)
  }
}
