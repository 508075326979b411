/// What the customer paid for. Printing it, on purpose or in a log, shows dots.
public struct Pin: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// The provider's text, exactly as received: one opaque string, never split.
  public let secret: String
  public init(_ secret: String) { self.secret = secret }

  /// Whether it can be told from what a panel may print in the PIN's place for every order, such as a sentence: one
  /// word with at least eight letters and digits, of them at least one digit, or groups of capitals.
  public var isCode: Bool {
    if let word = asciiWord { return word.signs >= 8 && word.digits > 0 || isInGroups }
    let letters = secret.count { $0.isLetter || $0.isNumber }
    return letters >= 8 && secret.contains { $0.isNumber } && !secret.contains { $0.isWhitespace }
  }

  /// Whether it may be a code at all, where the product is one: no markup, no line end, not only a sentence. A panel prints
  /// "Onaylandı" or "your code comes in 5 minutes" in the PIN's place.
  public var isPlausible: Bool {
    // Nearly every PIN is one word of letters and digits.
    if let word = asciiWord, word.digits > 0 { return word.signs >= 4 }
    guard
      !secret.unicodeScalars.contains(where: { $0 == "<" || $0 == ">" || $0.properties.generalCategory == .control })
    else { return false }
    let words = secret.split(whereSeparator: \.isWhitespace)
    func signs(_ word: Substring) -> Int { word.count { $0.isLetter || $0.isNumber } }
    func isGroup(_ word: Substring) -> Bool {
      word.allSatisfy { $0.isNumber || $0 == "-" || $0.isLetter && !$0.isLowercase }
    }
    let hasDigit = secret.contains(where: \.isNumber)
    switch words.count {
    case 0: return false
    // Without a digit only groups of capitals: ABCD-EFGH, and not ONAYLANDI.
    case 1: return signs(words[0]) >= 4 && (hasDigit || words[0].contains("-") && isGroup(words[0]))
    default:
      // A code among words, or one in groups: `Seri: 77 PIN: AB12CD34`, `1234 5678 9012`. A date or an amount is none.
      // Several codes with a blank between them: no sentence has a digit in each of its long words and no short one.
      return words.contains { signs($0) >= 8 && $0.contains(where: \.isNumber) && isGroup($0) }
        || words.allSatisfy { signs($0) >= 8 && $0.contains(where: \.isNumber) }
        || hasDigit && words.allSatisfy { isGroup($0) } && words.reduce(0) { $0 + signs($1) } >= 8
    }
  }

  /// Whether it has the form of printed codes (`ABCD-EF23-GH45`), which no sentence and no error number has: three groups or
  /// more, equally long, of capitals and digits.
  public var isInGroups: Bool {
    let groups = secret.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard groups.count >= 3, let length = groups.first?.count, length >= 4 else { return false }
    return groups.allSatisfy { group in
      group.count == length
        && group.allSatisfy {
          (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
    }
  }

  /// Of a PIN that is only ASCII letters, digits and dashes: how many letters and digits it has, and how many digits.
  private var asciiWord: (signs: Int, digits: Int)? {
    var word = (signs: 0, digits: 0)
    for byte in secret.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        word.digits += 1
        word.signs += 1
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): word.signs += 1
      case UInt8(ascii: "-"): continue
      default: return nil
      }
    }
    return word
  }

  /// Byte for byte, as everything else about a PIN.
  public static func == (left: Self, right: Self) -> Bool { left.secret.isExactly(right.secret) }
  public func hash(into hasher: inout Hasher) { hasher.combine(ExactText(secret)) }

  public var description: String { "••••" }
  public var debugDescription: String { "••••" }
}
