import Orders
import Service
import Store

/// Orders and their stories as the API shows them.
enum OrderJSON {
  static func text(_ order: Order, pin: Pin? = nil) -> String {
    JSONText.object([
      "id": JSONText.quote(order.id.description),
      "status": JSONText.quote(order.status.rawValue),
      "reason": order.reason.map(JSONText.quote),
      "product": JSONText.quote(order.product),
      "reference": order.reference.map(JSONText.quote),
      "fields": JSONText.map(order.fields),
      "priority": JSONText.quote(order.priority.rawValue),
      "quantity": "\(order.quantity)",
      "cost": order.cost.map { JSONText.quote($0.description) },
      "has_pin": order.hasPin ? "true" : "false",
      "pin": pin.map { JSONText.quote($0.secret) },
      "version": "\(order.version)",
      "created_at": JSONText.quote(Timestamp.rfc3339(order.createdAt)),
      "updated_at": JSONText.quote(Timestamp.rfc3339(order.updatedAt)),
    ])
  }

  /// The story for an upstream service: what happened and when, without what was on the wire.
  static func text(_ steps: [TimelineStep]) -> String {
    JSONText.array(
      steps.map { step in
        switch step.kind {
        case .status(let status, let reason):
          JSONText.object([
            "time": JSONText.quote(step.time), "event": JSONText.quote("status"),
            "status": JSONText.quote(status.rawValue), "reason": reason.map(JSONText.quote),
          ])
        case .attempt(let number, let reference, let provider):
          JSONText.object([
            "time": JSONText.quote(step.time), "event": JSONText.quote("attempt"), "attempt": "\(number)",
            "provider": JSONText.quote(provider), "provider_reference": JSONText.quote(reference),
          ])
        case .exchange(let exchange, let attempt):
          JSONText.object([
            "time": JSONText.quote(step.time), "event": JSONText.quote(exchange.kind.rawValue),
            "attempt": "\(attempt)", "answered": exchange.error == nil ? "true" : "false",
            "duration_ms": "\(exchange.duration.milliseconds)",
          ])
        }
      })
  }
}
