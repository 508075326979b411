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

  /// Whether it may be a code at all, where the product is one: no markup, no line end, not only a sentence. A panel prints
  /// "Onaylandı" or "your code comes in 5 minutes" in the PIN's place.
  public var isPlausible: Bool {
    guard
      !secret.unicodeScalars.contains(where: { $0 == "<" || $0 == ">" || $0.properties.generalCategory == .control })
    else { return false }
    let words = secret.split(whereSeparator: \.isWhitespace)
    let hasCode = words.contains { word in
      word.count { $0.isLetter || $0.isNumber } >= 4 && word.contains { $0.isNumber }
    }
    // One word of capitals may be a code without digits.
    return hasCode || words.count == 1 && words[0].count >= 4 && words[0].allSatisfy { !$0.isLowercase }
  }

  /// Byte for byte, as everything else about a PIN.
  public static func == (left: Self, right: Self) -> Bool { left.secret.isExactly(right.secret) }
  public func hash(into hasher: inout Hasher) { hasher.combine(ExactText(secret)) }

  public var description: String { "••••" }
  public var debugDescription: String { "••••" }
}
