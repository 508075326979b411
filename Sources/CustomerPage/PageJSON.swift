import CommandLine
import Orders
import Store

/// What an order's page shows, for programs. A PIN is never in it: that is what `POST …/pin` is for.
enum PageJSON {
  static func text(_ view: PageView, _ words: PageWords) -> String {
    let order = view.order
    var object = JSONObjectText()
    object.add("id", order.id.description)
    object.add("status", order.status.rawValue)
    object.add("status_text", words["s.\(order.status.rawValue)"])
    object.add("next", view.next.map { words[$0] })
    object.add("stage", json: view.fulfilment?.stage.map(JSONText.quote) ?? "null")
    object.add("stage_text", view.stage(words))
    object.add("version", json: "\(order.version)")
    if view.isSandbox { object.add("sandbox", json: "true") }
    object.add("shop", json: JSONText.object(["name": JSONText.quote(view.shop.name)]))
    object.add("product", order.product)
    object.add("quantity", json: "\(order.quantity)")
    object.add("reference", order.shopReference)
    object.add("player", order.player)
    object.add("refund_safe", order.refundSafety.answer.rawValue)
    object.add("refund_claimed_at", order.refundClaimedAt.map(Timestamp.rfc3339))
    object.add("has_pin", json: "\(order.hasPin)")
    object.add("may_show_pin", json: "\(view.pin == .hidden)")
    object.add("may_cancel", json: "\(view.mayCancel)")
    object.add("may_rate", json: "\(view.mayRate)")
    object.add("rating", json: view.rating.map(rating) ?? "null")
    object.add("handover_code", json: view.fulfilment?.handoverCode.map(JSONText.quote) ?? "null")
    object.add("partner", json: view.fulfilment.map(partner) ?? "null")
    object.add(
      "timeline",
      json: JSONText.array(
        view.story.map { step in
          var (event, status): (String, Status?)
          switch step.kind {
          case .status(let reached): (event, status) = ("status", reached)
          case .pinShown: (event, status) = ("pin_shown", nil)
          case .rated: (event, status) = ("rated", nil)
          }
          return JSONText.object([
            "time": JSONText.quote(step.time), "event": JSONText.quote(event),
            "status": status.map { JSONText.quote($0.rawValue) },
            "text": JSONText.quote(words[view.key(of: step)]),
          ])
        }))
    object.add("created_at", Timestamp.rfc3339(order.createdAt))
    object.add("updated_at", Timestamp.rfc3339(order.updatedAt))
    return object.end()
  }

  static func rating(_ rating: OrderRating) -> String {
    JSONText.object(["stars": "\(rating.stars)", "text": JSONText.quote(rating.text)])
  }

  private static func partner(_ fulfilment: OrderFulfilment) -> String {
    guard fulfilment.partnerName != nil || fulfilment.partnerPhone != nil else { return "null" }
    return JSONText.object([
      "name": fulfilment.partnerName.map(JSONText.quote), "phone": fulfilment.partnerPhone.map(JSONText.quote),
    ])
  }
}
