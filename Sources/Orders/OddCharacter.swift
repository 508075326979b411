/// Characters that nobody sees or that look like others, so that what a person reads is not what a machine gets.
public enum OddCharacter {
  /// `U+200F RIGHT-TO-LEFT MARK`.
  public static func name(_ scalar: Unicode.Scalar) -> String {
    let hex = String(scalar.value, radix: 16, uppercase: true)
    let name = scalar.properties.name ?? scalar.properties.nameAlias
    return "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex + (name.map { " \($0)" } ?? "")
  }

  /// The first character that moves a cursor or ends a line, and stands in no name: C0, DEL, C1, and Unicode's line ends.
  public static func control(in text: some StringProtocol) -> Unicode.Scalar? {
    text.unicodeScalars.first { isControl($0) }
  }

  /// The first character that can't be seen, or is a blank other than the common one.
  public static func unseen(in text: some StringProtocol) -> Unicode.Scalar? {
    // Nearly every text.
    guard !text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
    return text.unicodeScalars.first { isUnseen($0) }
  }

  /// The text without blanks and what can't be seen around it, as it comes along when an id is pasted.
  public static func trimmed(_ text: some StringProtocol) -> String {
    func isAround(_ scalar: Unicode.Scalar) -> Bool {
      // What stands for lost bytes is seen.
      scalar != "\u{FFFD}" && (isBlank(scalar) || isUnseen(scalar))
    }
    let scalars = String(text).unicodeScalars.drop(while: isAround)
    return String(String.UnicodeScalarView(scalars.reversed().drop(while: isAround).reversed()))
  }

  static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
    default: false
    }
  }

  /// Whether it is a blank of any kind.
  static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar.properties.isWhitespace }

  static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x7F else { return scalar.value < 0x20 }
    if isControl(scalar) || isBlank(scalar) || scalar.properties.isDefaultIgnorableCodePoint { return true }
    // What is drawn as nothing, and what stands for bytes that were lost on the way.
    return scalar.properties.generalCategory == .format || scalar == "\u{2800}" || scalar == "\u{FFFD}"
  }

  /// The digit 0 to 9 that another script's stands for; nil when it is none, or is 0 to 9 itself.
  static func foreignDigit(_ scalar: Unicode.Scalar) -> Int? {
    guard scalar.value >= 0x80, scalar.properties.generalCategory == .decimalNumber else { return nil }
    return scalar.properties.numericValue.map { Int($0) }
  }
}
