/// A telephone number as E.164 has it: `+905551234567`.
public struct PhoneNumber: Sendable, Hashable, CustomStringConvertible {
  public let text: String

  /// - Returns: nil for what is none: blanks, dashes and brackets between the digits go, and `00` in front becomes `+`;
  ///   but a number without its country is nobody's.
  public init?(_ text: String) {
    var digits = text.unicodeScalars.filter { !" -()./\u{A0}".unicodeScalars.contains($0) }.map(Character.init)
    if digits.starts(with: ["0", "0"]) { digits = ["+"] + digits.dropFirst(2) }
    guard digits.first == "+", digits.count >= Self.digits.lowerBound + 1, digits.count <= Self.digits.upperBound + 1,
      digits.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }), digits[1] != "0"
    else { return nil }
    self.text = String(digits)
  }

  private static let digits = 7...15

  /// What is said of one that is none.
  public static let form = "a number with its country, such as +905551234567: + and 7 to 15 digits (E.164)"

  public var description: String { text }
}
