import CommandLine
public import EventLoop
public import Orders
public import Store

/// What a person sees before an order is moved by hand.
public struct Stakes: Sendable {
  public let order: Order
  let provider: String
  public let sends: [Send]
  /// What the catalogue says, where the provider did not say what it took.
  let catalogCost: Money?
  private let now = LocalTime.now

  /// Before this a request may still be on its way, or its order not yet shown on the provider's panel.
  private static let ageSettled = Duration.seconds(3600)

  @LoopActor
  public init(_ order: Order, _ store: Store) async throws {
    self.order = order
    sends = try await store.sends(of: order.id)
    provider = sends.last?.provider ?? "the provider"
    catalogCost = try await store.catalogCost(of: order)
  }

  var reference: String { order.sendReference ?? "–" }

  /// The current send, if its provider accepted it: to send again then needs more than a yes.
  public var accepted: Send? { sends.last.flatMap { $0.wasAccepted ? $0 : nil } }

  /// All that may have been taken for this order; nil where a part of it is not known.
  public var sum: Money? {
    var total = Money(tenThousandths: 0)
    for send in sends where send.mayHaveCost {
      guard let cost = send.cost ?? catalogCost else { return nil }
      total = total + cost
    }
    return total
  }

  /// What another send costs, as far as anybody knows.
  public var priceOfSend: Money? { [sends.last?.cost, catalogCost].compactMap(\.self).max() }

  /// All that may have been taken for this order, in words.
  public var money: String {
    let open = sends.filter(\.mayHaveCost)
    guard !open.isEmpty else {
      return "nothing so far" + (catalogCost.map { "; a send costs \($0) by the catalogue" } ?? "")
    }
    var total = Money(tenThousandths: 0)
    var isKnown = true
    var parts: [String] = []
    for send in open {
      if let cost = send.cost ?? catalogCost { total = total + cost } else { isKnown = false }
      let of = open.count > 1 ? " for send \(send.number)" : ""
      if let taken = send.cost {
        parts.append("\(taken)\(of), which \(send.provider) took")
      } else if let catalogCost {
        parts.append("\(catalogCost)\(of) by the catalogue, if \(send.provider) took it")
      } else {
        parts.append("an unknown sum\(of); dispatcher provider test reads the catalogue of a provider")
      }
    }
    guard open.count > 1 else { return parts[0] }
    return (isKnown ? "\(total)" : "more than \(total)") + ": "
      + parts.joined(separator: ", ")
  }

  /// The order and the money, then in words what the choice will do and what speaks against it.
  func text(_ consequence: String, warnings: [String]) -> String {
    FieldList.text(facts + warnings.map { ("WARNING", $0) } + [("then", consequence)])
  }

  /// The order and what is at stake, for people: a name and a value each.
  public var facts: [(String, String?)] {
    [
      ("order", order.id.description + (order.shopReference.map { " (\($0))" } ?? "")), ("product", order.product),
      ("status", "\(order.status.rawValue): \(order.status.meaning)"), ("reason", order.reason ?? "–"),
      ("at stake", money), ("sends", sends.isEmpty ? "none" : nil),
    ] + sends.map { ("send \($0.number)", SendText.line($0, now: now)) }
  }

  /// The order, the money and what a person can do about it.
  var choices: String {
    let commands = PersonCommands.advice(order, sends)
    let none = order.status.isFinal ? "\(order.status.rawValue) is final" : "it goes on by itself"
    return FieldList.text(facts) + "\n" + (commands.isEmpty ? "nothing is to be decided: \(none)" : lines(commands))
  }

  /// What speaks against the choice.
  public func warnings(of choice: PersonChoice) -> [String] {
    let isLast = choice == .received || choice == .completed
    var found = sends.filter { $0.wasAccepted && !(isLast && $0.number == order.sends) }.map { send in
      let meaning =
        switch choice {
        case .notReceived, .retry: "sending again PAYS TWICE unless it was cancelled there"
        case .failed, .cancel: "that money is lost unless it was cancelled there"
        case .received, .completed: "this order is PAID TWICE unless it was cancelled there"
        }
      return "\(SendText.acceptance(send, now: now)): \(meaning)"
    }
    if choice == .notReceived || choice == .failed, let last = sends.last, last.mayHaveCost,
      last.age < Self.ageSettled
    {
      found.append(
        "send \(last.number) is only \(last.age.inRoughWords) old: a request may still be on its way or being booked;"
          + " look again when it is an hour old")
    }
    return found
  }

  /// That one person is not enough, who the other is or may be, and that it is sent then.
  ///
  /// - Parameter goesTo: where it is sent.
  public static func warning(_ second: SecondPerson, by person: String, goesTo: SendingAgain?) -> String {
    guard let first = second.first else {
      return "\(second.words); you are the first, and nothing is sent before another person says the same"
    }
    let at = first.milliseconds.map { " at \(LocalTime.minute($0, now: LocalTime.now))" } ?? ""
    guard !first.isBy(person) else {
      return "\(second.words); you have said so already\(at), and another person has to"
    }
    return "\(second.words); \(first.who) was the first\(at) (\(first.note)), and you are the second: it is SENT now"
      + (goesTo.map { ", \($0.words)" } ?? "")
  }

  /// That the product's PIN is missing, and can't be added later.
  public static let lacksPin =
    "its product has a PIN (pin: required), and none is given: it is final, and no PIN can be added later"

  /// What the choice will do, in words.
  ///
  /// - Parameter pinHint: how one gives a PIN that is missing.
  public func consequence(
    of choice: PersonChoice, pin: Pin?, pinHint: String = "give one with --pin-file", firstCheck: Duration,
    deadline: Duration
  ) -> String {
    switch choice {
    case .received:
      "it counts as sent: \(provider) is asked about \(reference) in about \(firstCheck.inWords), and on until it"
        + " delivers or refuses, for up to \(deadline.inWords)"
    case .notReceived where order.isRefundClaimed:
      "it becomes cancelled, which is final: its shop claimed the refund. If \(provider) delivers \(reference) after all,"
        + " the money is lost"
    case .notReceived:
      "it will be SENT AGAIN under a new reference: if \(provider) has \(reference), it will be paid twice"
    case .completed:
      "it becomes completed, which is final, "
        + (pin == nil ? "WITHOUT A PIN (\(pinHint))" : "with the PIN that is given")
        + "; the shop is told so"
    case .failed:
      "it becomes failed, which is final: the shop may refund. If \(provider) delivers \(reference) after all, the money"
        + " is lost"
    case .retry:
      "it is sent now" + (sends.isEmpty ? "" : ", under a new reference; \(noSendThere)")
    case .cancel: "it becomes cancelled, which is final: it is not sent, and the shop may refund"
    }
  }

  private var noSendThere: String {
    sends.contains(where: \.mayHaveCost) ? "see the warnings" : "no send so far has reached a provider"
  }

  /// How a person finds out what Sevk can't.
  var advice: String {
    guard order.status.canBeResolved, !sends.isEmpty else { return "" }
    return "\n" + lines(PersonCommands.lines(PersonCommands.resolutions(order, sends), sends))
  }

  private func lines(_ lines: [String]) -> String { lines.joined(separator: "\n") }
}
