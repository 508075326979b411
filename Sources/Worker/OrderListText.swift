import Orders
import Service
import Store

/// Several orders, a line each.
struct OrderListText {
  let page: OrderPage
  /// Names by id.
  let tenants: [Int64: String]
  let providers: [Int64: String]

  private static let reasonColumnsMax = 60

  func table(on output: TextOutput) -> String {
    guard !page.orders.isEmpty else {
      return page.next == nil ? "no such order" : "none among the \(page.lookedAt) orders that were looked at"
    }
    var table = TextTable([
      .init("ID"), .init("STATUS"), .init("AGE", isRight: true), .init("TENANT"), .init("PRODUCT"), .init("PROVIDER"),
      .init("REFERENCE", widthMax: 40), .init("REASON", widthMax: output.isTerminal ? Self.reasonColumnsMax : nil),
    ])
    for order in page.orders {
      table.add([
        order.id.description, order.status.rawValue, order.age.inRoughWords, tenants[order.tenantID] ?? "",
        order.product, order.providerID.flatMap { providers[$0] } ?? "-", order.reference ?? "-", order.reason ?? "",
      ])
    }
    return table.text(on: output)
  }

  var json: String {
    let rows = page.orders.map { order in
      JSONText.object([
        "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
        "reason": order.reason.map(JSONText.quote), "tenant": tenants[order.tenantID].map(JSONText.quote),
        "product": JSONText.quote(order.product), "reference": order.reference.map(JSONText.quote),
        "provider": order.providerID.flatMap { providers[$0] }.map(JSONText.quote),
        "provider_reference": order.providerReference.map(JSONText.quote), "age_ms": "\(order.age.milliseconds)",
        "due_in_ms": order.untilDue.map { "\($0.milliseconds)" },
        "created_at": JSONText.quote(Timestamp.rfc3339(order.createdAt)),
        "updated_at": JSONText.quote(Timestamp.rfc3339(order.updatedAt)),
      ])
    }
    return JSONText.object([
      "orders": JSONText.array(rows), "looked_at": "\(page.lookedAt)",
      "next": page.next.map { JSONText.quote($0.description) },
    ])
  }
}
