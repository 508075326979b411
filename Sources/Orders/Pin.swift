/// What the customer paid for. Printing it, on purpose or in a log, shows dots.
public struct Pin: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// The provider's text, exactly as received: one opaque string, never split.
  public let secret: String
  public init(_ secret: String) { self.secret = secret }

  /// Whether it can be told from what a panel may print in the PIN's place for every order, such as a sentence: one
  /// word with at least eight letters and digits, of them at least one digit.
  public var isCode: Bool {
    let letters = secret.count { $0.isLetter || $0.isNumber }
    return letters >= 8 && secret.contains { $0.isNumber } && !secret.contains { $0.isWhitespace }
  }

  public var description: String { "••••" }
  public var debugDescription: String { "••••" }
}
