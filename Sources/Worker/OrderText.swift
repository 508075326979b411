import Orders
import Service

/// An order in words.
enum OrderText {
  static func show(_ order: Order, provider: String?) -> String {
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
    var lines = rows.compactMap { name, value in value.map { pad(name) + $0 } }
    for (name, value) in order.fields.sorted(by: { $0.key < $1.key }) { lines.append(pad("field \(name)") + value) }
    lines.append(pad("now") + why(order, provider: provider))
    return lines.joined(separator: "\n")
  }

  private static func pad(_ name: String) -> String { name + String(repeating: " ", count: max(1, 20 - name.count)) }

  /// One or two sentences: what the order waits for, until when, and what would change it.
  static func why(_ order: Order, provider: String?) -> String {
    let provider = provider ?? "the provider"
    let last = order.reason.map { " (\($0))" } ?? ""
    switch order.status {
    case .pending:
      if order.attempt == 0 {
        return
          "It has waited to be sent for \(rough(order.age)). If that is more than seconds, see whether a dispatcher"
          + " runs: worker inspect ping."
      }
      return "It was not sent\(last) and will be tried again \(due(order)). A dispatcher does that by itself."
    case .sending:
      return "It is being sent to \(provider). If the sender has died, that is noticed \(due(order)) and \(provider)"
        + " is then asked about our reference; it is never sent twice."
    case .sent:
      return
        "\(provider) has had it for \(rough(order.sinceSend ?? .zero)) and is working on it\(last). It is asked again"
        + " \(due(order)); a PIN or a refusal from \(provider) settles it."
    case .unresolved:
      return
        "The answer to the send was lost \(rough(order.sinceSend ?? .zero)) ago\(last). \(provider) is asked about our"
        + " reference \(order.providerReference ?? "") again \(due(order)); it is not sent again. A look at the"
        + " provider's panel for that reference would settle it."
    case .held:
      let reason = "It waits for a person: \(order.reason ?? "no reason was noted")."
      guard let reference = order.providerReference else {
        return reason + " It was never sent: worker order retry sends it, worker order cancel withdraws it."
      }
      return reason + " Look for reference \(reference) on the panel of \(provider) before deciding."
    case .completed: return "It is delivered\(order.hasPin ? " and its PIN is stored" : " (the product has no PIN)")."
    case .failed: return "It was not delivered, and a refund is safe\(last)."
    case .cancelled: return "It was withdrawn before it was sent\(last)."
    }
  }

  static func json(_ order: Order) -> String {
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

  private static func due(_ order: Order) -> String {
    guard let wait = order.untilDue else { return "at no set time" }
    return wait <= .zero ? "now" : "in \(rough(wait))"
  }

  private static func rough(_ duration: Duration) -> String {
    let seconds = duration.milliseconds / 1000
    switch seconds {
    case ..<1: return "\(duration.milliseconds) ms"
    case ..<120: return "\(seconds) s"
    case ..<7200: return "\(seconds / 60) min"
    default: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }
  }
}
