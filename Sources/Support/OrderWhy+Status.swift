import CommandLine
import Jobs
import Orders
import Store

/// What each status says.
extension OrderWhy {
  var base: String {
    let provider = provider ?? "the provider"
    let last = order.reason.map { " (\(ShownText.visible($0)))" } ?? ""
    switch order.status {
    case .pending: return waiting(last)
    case .sending:
      return "A dispatcher has been sending it to \(provider) since \(moment(order.updatedAt)). If it has died, that is"
        + " noticed \(due) and \(provider) is then asked about our reference; it is never sent twice."
    case .sent:
      if let desk { return atDesk(desk) }
      return "\(atProvider(provider)). It is asked again \(due); a PIN or a refusal from \(provider) settles it\(end)."
    case .unresolved:
      return "\(unclear(provider)) \(provider) is asked about our reference \(order.sendReference ?? "") again"
        + " \(due)\(end); it is not sent under another meanwhile. A look at the provider's panel for that reference would settle it."
    case .held:
      return "It has waited for a person since \(moment(order.updatedAt)):"
        + " \(sentence(order.reason ?? "no reason was noted"))"
        + (order.sendReference == nil ? " It was never sent." : "")
    case .completed: return delivered(provider)
    case .failed:
      return person(.failed, "marked it failed").map { "\($0); the shop may refund." }
        ?? "It was not delivered, and a refund is safe\(last)."
    case .contested:
      return "It had ended, and its provider says otherwise since \(moment(order.updatedAt)):"
        + " \(sentence(order.reason ?? "no reason was noted")) A person decides; until then no refund is safe and its PIN"
        + " is not shown."
    case .cancelled:
      return person(.cancel, "withdrew it").map { "\($0); the shop may refund." }
        ?? (order.reasonCode == .refundClaimed
          ? "Its shop claimed the refund, and no provider has it\(last)."
          : "It was withdrawn before it was sent\(last).")
    }
  }

  // MARK: Before and while a provider has it

  private func waiting(_ last: String) -> String {
    let asked = person(.retry, "asked", "to send it now").map { " \($0)." } ?? ""
    if order.sends == 0 {
      return "It has waited to be sent since \(moment(order.createdAt)), \(age)\(last).\(asked)"
        + comingUp
    }
    let next = hindrances.isEmpty ? " A dispatcher tries it again \(due)." : ""
    if let said = person(.notReceived, "decided", "that \(provider ?? "the provider") had not received it") {
      return "\(said), so it is to be sent again under a new reference.\(next)"
    }
    guard asked.isEmpty else { return "It has not been sent.\(asked)\(next)" }
    if let failure = past?.failure(order, .send) { return "It was not sent (\(ShownText.visible(failure))).\(next)" }
    // Such a reason says itself whether it was not sent or not received.
    if order.reasonCode == .sendingAgain, let reason = order.reason { return "It was \(sentence(reason))\(next)" }
    return "It was not sent\(last).\(next)"
  }

  /// When nothing holds up an order that was not sent yet.
  private var comingUp: String {
    guard hindrances.isEmpty, let known = around?.known else { return "" }
    if known.job?.state == .delayed, let wait = known.job?.remaining, wait > .zero {
      return " A dispatcher tries it again at \(moment(now + wait.milliseconds)) (\(wait.untilWords)); nothing else"
        + " holds it up."
    }
    return " Nothing holds it up; a dispatcher sends it within seconds."
  }

  /// Of an order that the provider accepted: that it works on it is said only where it said so.
  private func atProvider(_ provider: String) -> String {
    let note = order.reason.map { ShownText.visible($0) }
    guard order.checks > 0, order.reasonCode == .askingAgain, let note else {
      return "\(provider) has had it for \(sinceSend) and is working on it\(note.map { " (\($0))" } ?? "")"
    }
    let count = past?.questionsAlike(order) ?? 0
    let failure = past?.questionFailure(order).map { ShownText.visible($0) }
    let questions = count > 1 ? "the last \(count) questions" : "the last question"
    let accepted = past?.sends.last?.answeredAt ?? now - (order.sinceSend ?? .zero).milliseconds
    return "\(provider) accepted it at \(moment(accepted)); \(questions)"
      + (failure.map { " failed (\($0))" } ?? " settled nothing (\(note))") + ", so what became of it is not known"
  }

  /// Why the last question got no answer, if it got none.
  private var questionFailed: String? { past?.failure(order, .query).map { ShownText.visible($0) } }

  /// Of a send whose outcome is open: what is known of it, and of the last question.
  private func unclear(_ provider: String) -> String {
    let asked =
      order.checks > 0 ? (questionFailed ?? order.reason).map { " The last question: \(sentence($0))" } ?? "" : ""
    if let answer = past?.answer(order) {
      let text = String(decoding: answer.reply, as: UTF8.self).replacing("\r\n", with: "⏎").replacing("\n", with: "⏎")
      let http = answer.status.map { $0 == 200 ? "" : "HTTP \($0) and " } ?? ""
      let said = text.isEmpty ? "an empty text" : "“\(ShownText.cut(ShownText.visible(text), to: 120))”"
      return "\(provider) answered the send \(sinceSend) ago with \(http)\(said), which does not say whether it took"
        + " it.\(asked)"
    }
    let reason = past?.failure(order, .send) ?? past?.reasonUnresolved ?? (order.checks == 0 ? order.reason : nil)
    let own = reason.map { " (\(ShownText.visible($0)))" }
    return "The answer to the send was lost \(sinceSend) ago\(own ?? "").\(asked)"
  }

  private func delivered(_ provider: String) -> String {
    let pin = order.hasPin ? "its PIN is stored" : "they gave no PIN: no PIN is stored"
    let text =
      person(.completed, "marked it delivered").map { "\($0); \(pin)." }
      ?? "It is delivered\(order.hasPin ? " and its PIN is stored" : " (the product has no PIN)")."
    guard let past, !past.pinAlsoGivenTo.isEmpty else { return text }
    let others = past.pinAlsoGivenTo.map(\.description)
    let given = others.count == 1 ? "order \(others[0]) was" : "orders \(others.joined(separator: " and ")) were"
    return text + " But \(given) given the same PIN by \(provider); it may not work."
  }

  // MARK: Parts

  /// Who decided what, when, and why; nil when the last decision was another or the order has moved since.
  private func person(_ choice: PersonChoice, _ did: String, _ what: String = "") -> String? {
    guard let audit = past?.decision(order), audit.choice == choice else { return nil }
    let rest = what.isEmpty ? "" : " \(what)"
    return ShownText.visible("\(audit.who) \(did) at \(moment(audit.at))\(rest) (“\(audit.note)”)")
  }

  private func sentence(_ text: String) -> String {
    let shown = ShownText.visible(text)
    return shown.hasSuffix(".") ? shown : shown + "."
  }

  private var age: String { order.age < .seconds(1) ? "a moment ago" : order.age.inRoughWords }

  private var sinceSend: String { (order.sinceSend ?? .zero).inRoughWords }

  /// When its next step is due, by the clock on the wall.
  private var due: String {
    guard let wait = order.untilDue else { return "at no set time" }
    if wait > .zero { return "at \(moment(now + wait.milliseconds)) (\(wait.untilWords))" }
    let late = Duration.zero - wait
    return late < .seconds(10)
      ? "now" : "now: it was due at \(moment(now - late.milliseconds)), \(late.inRoughWords) ago"
  }

  /// Until when Sevk asks before it asks a person.
  private var end: String {
    guard let deadline, let sinceSend = order.sinceSend else { return "" }
    let left = deadline - sinceSend
    return left > .zero
      ? ", and from \(moment(now + left.milliseconds)) on a person is asked" : ", or a person very soon"
  }
}
