/// How many columns text takes on a terminal: 0 for what combines, 2 for East Asian wide characters and emoji.
///
/// Terminals differ in what is newest; this follows `wcwidth` for characters and draws an emoji sequence as one emoji.
public enum DisplayWidth {
  public static func of(_ text: some StringProtocol) -> Int {
    // Most of what a table holds.
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.utf8.count }
    return text.reduce(0) { $0 + of($1) }
  }

  /// The columns of one character as people see it, which may be many scalars.
  static func of(_ character: Character) -> Int {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return 0 }
    if first.value < 0x7F, scalars.count == 1 { return first.value < 0x20 ? 0 : 1 }
    if isEmoji(first, scalars) { return 2 }
    return scalars.reduce(0) { $0 + of($1) }
  }

  private static func isEmoji(_ first: Unicode.Scalar, _ scalars: Character.UnicodeScalarView) -> Bool {
    // The selectors for text and for emoji presentation.
    if scalars.contains("\u{FE0E}") { return false }
    if scalars.contains("\u{FE0F}") { return first.properties.isEmoji }
    // A flag is two regional indicators; one alone is drawn as a letter.
    if isRegionalIndicator(first) { return scalars.count > 1 }
    return first.properties.isEmojiPresentation
  }

  private static func isRegionalIndicator(_ scalar: Unicode.Scalar) -> Bool {
    (0x1F1E6...0x1F1FF).contains(scalar.value)
  }

  /// The columns of a scalar on its own.
  static func of(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case ..<0x20, 0x7F..<0xA0: return 0
    case ..<0x300: return 1
    // Vowels and finals of Hangul written in parts join the wide initial.
    case 0x1160...0x11FF, 0xD7B0...0xD7FF: return 0
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .lineSeparator, .paragraphSeparator: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation, !isRegionalIndicator(scalar) { return 2 }
    return isWide(scalar.value) ? 2 : 1
  }

  /// East Asian Width W and F of Unicode 15, without what is drawn as emoji.
  private static func isWide(_ value: UInt32) -> Bool {
    guard value >= 0x1100 else { return false }
    return wide.contains { $0.contains(value) }
  }

  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
    0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
    0x16FE0...0x18D08, 0x1AFF0...0x1B2FB, 0x1F200...0x1F265, 0x20000...0x2FFFD, 0x30000...0x3FFFD,
  ]
}
