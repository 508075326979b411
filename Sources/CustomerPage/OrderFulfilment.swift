/// What a partner who fulfils an order by hand adds to its page. An order that a provider fulfils has none of it.
public struct OrderFulfilment: Sendable, Equatable {
  /// As the API names it, such as `ready`.
  public var stage: String?
  /// The same in the customer's words, by language (`en`, `tr` …); the name itself where a language is missing.
  public var stageWords: [String: String] = [:]
  /// What the customer shows when the order is handed over.
  public var handoverCode: String?
  public var partnerName: String?
  /// In E.164.
  public var partnerPhone: String?

  public init() {}
}
