import CommandLine
import Orders
import Store

/// Orders and their stories as the API shows them.
enum OrderJSON {
  /// - Parameters:
  ///   - currency: of the cost, where it is known.
  ///   - pageURL: the link to the customer's page, for whoever may have it.
  ///   - isSandbox: whether it is an order of a sandbox.
  static func text(_ order: Order, pin: Pin? = nil, currency: String? = nil, pageURL: String?, isSandbox: Bool)
    -> String
  {
    var object = JSONObjectText()
    let cost = cost(of: order)
    object.add("id", order.id.description)
    object.add("status", order.status.rawValue)
    object.add("stage", order.stage?.rawValue)
    if isSandbox { object.add("sandbox", json: "true") }
    object.add("reason", order.reason)
    object.add("reason_code", order.reasonCode?.rawValue)
    object.add("refund_safe", order.refundSafety.answer.rawValue)
    object.add("evidence", json: evidence(order.refundSafety, version: order.version))
    object.add("refund_claimed_at", order.refundClaimedAt.map(Timestamp.rfc3339))
    object.add("product", order.product)
    object.add("reference", order.shopReference)
    object.add("fields", json: JSONText.map(order.fields))
    object.add("priority", order.priority.rawValue)
    object.add("quantity", json: "\(order.quantity)")
    if let metadata = order.metadata { object.add("metadata", json: metadata) }
    object.add("cost", cost?.description)
    object.add("cost_currency", cost == nil ? nil : currency)
    object.add("has_pin", json: order.hasPin ? "true" : "false")
    object.add("pin", pin?.secret)
    object.add("page_url", pageURL)
    object.add("version", json: "\(order.version)")
    object.add("created_at", Timestamp.rfc3339(order.createdAt))
    object.add("updated_at", Timestamp.rfc3339(order.updatedAt))
    return object.end()
  }

  /// Which step says whether a refund is safe: the one that led to the version.
  static func evidence(_ safety: RefundSafety, version: Int) -> String {
    JSONText.object([
      "proof": JSONText.quote(safety.proof.rawValue), "version": "\(version)",
      "text": JSONText.quote(safety.proof.words),
    ])
  }

  /// What the provider said that it took for the send that counts. Of what was not delivered it takes nothing: it gives
  /// that back, or never had it.
  static func cost(of order: Order) -> Money? {
    switch order.status {
    case .sent, .unresolved, .held, .completed, .contested: order.cost
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
            "status": JSONText.quote(status.rawValue), "stage": (step.stage?.rawValue).map { JSONText.quote($0) },
            "reason": reason.map(JSONText.quote),
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
        case .pinShown:
          JSONText.object(["time": JSONText.quote(step.time), "event": JSONText.quote("pin_shown")])
        case .rated(let stars):
          JSONText.object([
            "time": JSONText.quote(step.time), "event": JSONText.quote("rated"), "stars": "\(stars)",
          ])
        }
      })
  }
}
