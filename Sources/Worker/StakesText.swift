import Orders
import Service
import Store

/// What a person sees before an order is moved by hand.
struct Stakes {
  let order: Order
  let provider: String
  let sends: [Send]
  /// What the catalogue says, where the provider did not say what it took.
  let catalogCost: Money?

  init(_ order: Order, _ frame: ProcessFrame) async throws {
    self.order = order
    sends = try await frame.store.sends(of: order.id)
    provider = sends.last?.provider ?? "the provider"
    catalogCost = try await frame.store.catalogCost(of: order)
  }

  var reference: String { order.providerReference ?? "–" }

  private var money: String {
    if let cost = order.cost ?? sends.last(where: { $0.cost != nil })?.cost {
      return "\(cost), which the provider took"
    }
    if let catalogCost { return "\(catalogCost) by the catalogue" }
    return "unknown; dispatcher provider test reads the catalogue of a provider"
  }

  /// The order and the money, then in words what the choice will do.
  func text(_ consequence: String) -> String {
    var rows: [(String, String)] = [
      ("order", order.id.description + (order.reference.map { " (\($0))" } ?? "")),
      ("product", order.product),
      ("status", "\(order.status.rawValue): \(order.status.meaning)"),
      ("reason", order.reason ?? "–"),
      ("at stake", money),
    ]
    if sends.isEmpty { rows.append(("sends", "none")) }
    for send in sends {
      rows.append(("send \(send.number)", "\(send.provider) \(send.reference) \(send.time): \(send.state.words)"))
    }
    rows.append(("then", consequence))
    return rows.map { $0.0 + String(repeating: " ", count: max(1, 10 - $0.0.count)) + $0.1 }.joined(separator: "\n")
  }

  func consequence(of choice: PersonChoice, pin: Pin?, firstCheck: Duration, deadline: Duration) -> String {
    switch choice {
    case .received:
      "it counts as sent: \(provider) is asked about \(reference) in about \(firstCheck.inWords), and on until it"
        + " delivers or refuses, for up to \(deadline.inWords)"
    case .notReceived:
      "it will be SENT AGAIN under a new reference: if \(provider) has \(reference), it will be paid twice"
    case .completed:
      "it becomes completed, which is final, "
        + (pin == nil ? "WITHOUT A PIN (give one with --pin-file)" : "with the PIN of the file")
        + "; the shop is told so"
    case .failed:
      "it becomes failed, which is final: the shop may refund. If \(provider) delivers \(reference) after all, the money"
        + " is lost"
    case .retry:
      "it is sent now" + (sends.isEmpty ? "" : ", under a new reference; no send so far has reached a provider")
    case .cancel: "it becomes cancelled, which is final: it is not sent, and the shop may refund"
    }
  }

  /// How a person finds out what Sevk can't.
  var advice: String {
    guard !order.status.isFinal, order.status != .pending, order.status != .sending, !sends.isEmpty else { return "" }
    var lines = sends.filter { !$0.state.provesNothingThere }.map {
      "look for reference \($0.reference) on the panel of \($0.provider) (send \($0.number), \($0.time)), then:"
    }
    for (command, when) in PersonCommands.resolutions(order) {
      lines.append("  " + command + String(repeating: " ", count: max(2, 102 - command.count)) + when)
    }
    return "\n" + lines.joined(separator: "\n")
  }
}
