import Orders
import Store

@testable import CustomerPage

/// An order and what its page shows.
enum Sample {
  static func order(_ status: Status, hasPin: Bool = false, claimed: Bool = false) -> Order {
    var random = SystemRandomNumberGenerator()
    var order = Order(
      id: OrderID(milliseconds: 1_795_000_000_000, using: &random), version: 3, status: status, tenantID: 1,
      product: "pubg-60", fields: ["player_id": "5101"], shopReference: "shop-<1>", priority: .normal, quantity: 2,
      reason: nil, providerID: nil, sendReference: nil, sends: 0, checks: 0, age: .zero, sinceSend: nil,
      untilDue: nil, cost: nil, hasPin: hasPin, createdAt: 1_795_000_000_000, updatedAt: 1_795_000_000_000, trace: nil)
    order.player = "5101"
    if claimed { order.refundClaimedAt = 1_795_000_000_000 }
    return order
  }

  static func view(
    _ order: Order, shop: TenantPage = TenantPage(tenant: "shop", name: "Ayşe & <Co>"), story: [PageStep] = [],
    rating: OrderRating? = nil, fulfilment: OrderFulfilment? = nil
  ) -> PageView {
    PageView(order: order, shop: shop, isSandbox: false, story: story, rating: rating, fulfilment: fulfilment)
  }

  static func html(_ language: PageLanguage = .english, isChosen: Bool = false) -> PageHTML {
    PageHTML(words: PageWords(language: language), token: "TOKEN", root: "/o/", isChosen: isChosen)
  }
}
