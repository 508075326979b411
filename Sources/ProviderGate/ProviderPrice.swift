/// What is known of a product's cost at a provider, in ten-thousandths.
public struct ProviderPrice: Sendable, Equatable {
  /// What it cost when it was last accepted; where that is not known, what the catalogue asks.
  public var cost: Int64?
  /// The balance at which the provider said that it is too low for this product; nil since it was accepted again.
  public var shortAt: Int64?
  /// Since when sends of it wait for money, and when ``cost`` was learnt: milliseconds by Redis' clock.
  public var waitsSince: Int64?
  public var costAt: Int64?

  public init(cost: Int64? = nil, shortAt: Int64? = nil, waitsSince: Int64? = nil, costAt: Int64? = nil) {
    self.cost = cost
    self.shortAt = shortAt
    self.waitsSince = waitsSince
    self.costAt = costAt
  }

  /// Whether sends of it wait at this balance, as `provider_enter.lua` has it.
  public func isTooMuch(for balance: Int64?) -> Bool {
    guard let balance else { return false }
    if let cost, balance < cost { return true }
    return shortAt.map { balance <= $0 } ?? false
  }
}
