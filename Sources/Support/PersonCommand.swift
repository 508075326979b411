public import Orders

/// A command by which a person decides about an order.
public struct PersonCommand: Sendable, Equatable {
  public let choice: PersonChoice
  public let command: String
  /// When it is the right one.
  public let when: String
  /// Whether it may buy the product a second time.
  public let mayBuyTwice: Bool

  init(_ choice: PersonChoice, _ command: String, when: String, mayBuyTwice: Bool = false) {
    self.choice = choice
    self.command = command
    self.when = when
    self.mayBuyTwice = mayBuyTwice
  }
}
