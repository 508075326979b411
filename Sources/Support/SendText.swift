import CommandLine
import Orders
public import Store

/// One send of an order in words.
public enum SendText {
  /// What became of it, with all that was known of it and not the last word alone.
  public static func outcome(_ send: Send) -> String {
    switch (send.state, send.wasAccepted, send.isDeniedByPerson) {
    case (.notReceived, true, true): "was accepted; a person said it was not received"
    case (.notReceived, true, false): "was accepted, and later proved not received"
    case (.notReceived, false, true): "a person said it was not received"
    default: send.state.words
    }
  }

  /// Its provider, our reference there, when it was begun, and its outcome.
  ///
  /// - Parameter now: milliseconds of Unix time.
  public static func line(_ send: Send, now: Int64) -> String {
    "\(send.provider) \(send.sendReference) at \(LocalTime.minute(send.begunAt, now: now)), \(send.age.inRoughWords) ago: "
      + outcome(send)
      + (send.costOffCatalog.map { "; \(offCatalog($0))" } ?? send.cost.map { "; cost \($0)" } ?? "")
      + (send.choiceWords.map { "; \($0)" } ?? "")
      + (send.providerOrderID.map { "; its own order \($0)" } ?? "")
  }

  /// `cost 1.60, though its catalogue said 1.50`.
  static func offCatalog(_ prices: (cost: Money, catalog: Money)) -> String {
    "cost \(prices.cost), though its catalogue said \(prices.catalog)"
  }

  /// Who accepted it, when, and what they took.
  public static func acceptance(_ send: Send, now: Int64) -> String {
    "\(send.provider) ACCEPTED send \(send.number) (\(send.sendReference)) at "
      + LocalTime.minute(send.answeredAt ?? send.begunAt, now: now) + (send.cost.map { " and took \($0)" } ?? "")
  }

  public static func json(_ send: Send) -> String {
    JSONText.object([
      "number": "\(send.number)", "provider": JSONText.quote(send.provider),
      "provider_reference": JSONText.quote(send.sendReference),
      "provider_order_id": send.providerOrderID.map(JSONText.quote), "state": JSONText.quote(send.state.rawValue),
      "outcome": JSONText.quote(outcome(send)), "was_accepted": "\(send.wasAccepted)",
      "cost": send.cost.map { JSONText.quote($0.description) },
      "catalog_cost": send.catalogCost.map { JSONText.quote($0.description) },
      "choice": send.choice.map { JSONText.quote($0.rawValue) }, "choice_words": send.choiceWords.map(JSONText.quote),
      "begun_at": JSONText.quote(Timestamp.rfc3339(send.begunAt)),
      "answered_at": send.answeredAt.map { JSONText.quote(Timestamp.rfc3339($0)) },
    ])
  }
}
