/// What a partner who fulfils an order by hand adds to its page. An order that a provider fulfils has none of it.
public struct OrderFulfilment: Sendable, Equatable {
  /// As the API names it, such as `ready`.
  public var stage: String?
  /// What the customer shows when the order is handed over.
  public var handoverCode: String?
  public var partnerName: String?
  /// In E.164.
  public var partnerPhone: String?
  /// Whether somebody who has it is asked to cancel it, and has not answered.
  public var isCancelAsked = false

  public init() {}
}
