import CommandLine
public import Orders
import Store

/// An order in words.
public enum OrderText {
  public static func show(_ order: Order, tenant: String?, _ why: OrderWhy) -> String {
    let now = LocalTime.now
    let rows: [(String, String?)] = [
      ("order", order.id.description),
      ("status", "\(order.status.rawValue): \(order.status.meaning)"),
      ("reason", order.reason),
      ("product", order.quantity == 1 ? order.product : "\(order.product) × \(order.quantity)"),
      ("tenant", tenant),
      ("shop reference", order.shopReference),
      ("provider", why.provider),
      ("provider reference", order.sendReference),
      ("sends", order.sends == 0 ? "none" : nil),
    ]
    let sends = (why.past?.sends ?? []).map { ("send \($0.number)", SendText.line($0, now: now)) }
    let more: [(String, String?)] = [
      ("checks", order.checks == 0 ? nil : "\(order.checks) since the status changed"),
      (
        "refund safe",
        "\(order.refundSafety.answer.rawValue): \(order.refundSafety.proof.words)"
          + (order.isRefundClaimed ? "; its shop claimed it" : "")
      ),
      ("cost", order.cost?.description),
      ("PIN", order.hasPin ? "stored; the API shows it to a token with the scope pins:read" : nil),
      ("priority", order.priority == .normal ? nil : order.priority.rawValue),
      ("created", LocalTime.minute(order.createdAt, now: now)),
      ("changed", LocalTime.minute(order.updatedAt, now: now)),
      ("trace", order.traceID),
    ]
    let fields = order.fields.sorted { $0.key < $1.key }.map { (ShownText.visible("field \($0.key)"), $0.value) }
    return FieldList.text(rows + sends + more + fields + [("now", why.text)])
  }

  public static func json(_ order: Order, tenant: String?, _ why: OrderWhy) -> String {
    JSONText.object([
      "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
      "reason": order.reason.map(JSONText.quote),
      "refund_safe": JSONText.quote(order.refundSafety.answer.rawValue),
      "evidence": JSONText.object([
        "proof": JSONText.quote(order.refundSafety.proof.rawValue), "version": "\(order.version)",
        "text": JSONText.quote(order.refundSafety.proof.words),
      ]),
      "stage": (order.stage?.rawValue).map { JSONText.quote($0) },
      "refund_claimed_at": order.refundClaimedAt.map { JSONText.quote(Timestamp.rfc3339($0)) },
      "product": JSONText.quote(order.product),
      "reference": order.shopReference.map(JSONText.quote),
      "provider_reference": order.sendReference.map(JSONText.quote), "fields": JSONText.map(order.fields),
      "priority": JSONText.quote(order.priority.rawValue), "quantity": "\(order.quantity)",
      "attempt": "\(order.sends)", "checks": "\(order.checks)", "version": "\(order.version)",
      "cost": order.cost.map { JSONText.quote($0.description) }, "has_pin": "\(order.hasPin)",
      "due_in_ms": order.untilDue.map { "\($0.milliseconds)" },
      "created_at": JSONText.quote(Timestamp.rfc3339(order.createdAt)),
      "updated_at": JSONText.quote(Timestamp.rfc3339(order.updatedAt)),
      "trace": JSONText.quote(order.traceID), "tenant": tenant.map(JSONText.quote),
      "provider": why.provider.map(JSONText.quote),
      "sends": JSONText.array((why.past?.sends ?? []).map(SendText.json)), "now": JSONText.quote(why.text),
    ])
  }
}
