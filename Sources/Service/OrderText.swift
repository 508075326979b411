public import Orders

/// An order in words.
public enum OrderText {
  public static func show(_ order: Order, provider: String?) -> String {
    let rows: [(String, String?)] = [
      ("order", order.id.description),
      ("status", "\(order.status.rawValue): \(order.status.meaning)"),
      ("reason", order.reason),
      ("product", order.quantity == 1 ? order.product : "\(order.product) × \(order.quantity)"),
      ("shop reference", order.reference),
      ("provider", provider),
      ("provider reference", order.providerReference),
      ("sends", order.attempt == 0 ? nil : "\(order.attempt)"),
      ("checks", order.checks == 0 ? nil : "\(order.checks) since the status changed"),
      ("cost", order.cost?.description),
      ("PIN", order.hasPin ? "stored; the API shows it to a token with the scope pins:read" : nil),
      ("priority", order.priority == .normal ? nil : order.priority.rawValue),
      ("created", Timestamp.rfc3339(order.createdAt)),
      ("changed", Timestamp.rfc3339(order.updatedAt)),
      ("trace", order.traceID),
    ]
    let fields = order.fields.sorted { $0.key < $1.key }
    return FieldList.text(
      rows + fields.map { (ShownText.visible("field \($0.key)"), $0.value) } + [
        ("now", OrderWhy(order: order, provider: provider, now: LocalTime.now).text)
      ]
    )
  }

  public static func json(_ order: Order) -> String {
    JSONText.object([
      "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
      "reason": order.reason.map(JSONText.quote), "product": JSONText.quote(order.product),
      "reference": order.reference.map(JSONText.quote),
      "provider_reference": order.providerReference.map(JSONText.quote), "fields": JSONText.map(order.fields),
      "priority": JSONText.quote(order.priority.rawValue), "quantity": "\(order.quantity)",
      "attempt": "\(order.attempt)", "checks": "\(order.checks)", "version": "\(order.version)",
      "cost": order.cost.map { JSONText.quote($0.description) }, "has_pin": "\(order.hasPin)",
      "due_in_ms": order.untilDue.map { "\($0.milliseconds)" },
      "created_at": JSONText.quote(Timestamp.rfc3339(order.createdAt)),
      "updated_at": JSONText.quote(Timestamp.rfc3339(order.updatedAt)),
      "trace": JSONText.quote(order.traceID),
    ])
  }
}
