public import Orders

/// A command by which a person decides about an order.
public struct PersonCommand: Sendable, Equatable {
  public let choice: PersonChoice
  public let command: String
  /// When it is the right one: what a person sees, or what is so.
  public let sight: String
  /// What follows.
  public let then: String
  /// Whether it may buy the product a second time.
  public let mayBuyTwice: Bool

  /// Both in a line.
  public var when: String { "\(sight): \(then)" }

  init(_ choice: PersonChoice, _ command: String, _ sight: String, then: String, mayBuyTwice: Bool = false) {
    self.choice = choice
    self.command = command
    self.sight = sight
    self.then = then
    self.mayBuyTwice = mayBuyTwice
  }
}
