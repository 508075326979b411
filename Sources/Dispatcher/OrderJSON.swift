import CommandLine
import Orders
import Store

/// Orders and their stories as the API shows them.
enum OrderJSON {
  /// - Parameter currency: of the cost, where it is known.
  static func text(_ order: Order, pin: Pin? = nil, currency: String? = nil) -> String {
    JSONText.object([
      "id": JSONText.quote(order.id.description),
      "status": JSONText.quote(order.status.rawValue),
      "reason": order.reason.map(JSONText.quote),
      "reason_code": order.reasonCode.map { JSONText.quote($0.rawValue) },
      "product": JSONText.quote(order.product),
      "reference": order.shopReference.map(JSONText.quote),
      "fields": JSONText.map(order.fields),
      "priority": JSONText.quote(order.priority.rawValue),
      "quantity": "\(order.quantity)",
      "cost": cost(of: order).map { JSONText.quote($0.description) },
      "cost_currency": cost(of: order) == nil ? nil : currency.map(JSONText.quote),
      "has_pin": order.hasPin ? "true" : "false",
      "pin": pin.map { JSONText.quote($0.secret) },
      "version": "\(order.version)",
      "created_at": JSONText.quote(Timestamp.rfc3339(order.createdAt)),
      "updated_at": JSONText.quote(Timestamp.rfc3339(order.updatedAt)),
    ])
  }

  /// What the provider said that it took for the send that counts. Of what was not delivered it takes nothing: it gives
  /// that back, or never had it.
  static func cost(of order: Order) -> Money? {
    switch order.status {
    case .sent, .unresolved, .held, .completed: order.cost
    case .pending, .sending, .failed, .cancelled: nil
    }
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
            "reason_code": step.reasonCode.map { JSONText.quote($0.rawValue) },
          ])
        case .send(let number, let reference, let provider):
          JSONText.object([
            "time": JSONText.quote(step.time), "event": JSONText.quote("attempt"), "attempt": "\(number)",
            "provider": JSONText.quote(provider), "provider_reference": JSONText.quote(reference),
          ])
        case .exchange(let exchange, let send):
          JSONText.object([
            "time": JSONText.quote(step.time), "event": JSONText.quote(exchange.kind.rawValue),
            "attempt": "\(send)", "answered": exchange.error == nil ? "true" : "false",
            "duration_ms": "\(exchange.duration.milliseconds)",
          ])
        }
      })
  }
}
