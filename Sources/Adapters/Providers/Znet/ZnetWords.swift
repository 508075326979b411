import Orders

/// What the fields of a line look like.
enum ZnetWords {
  /// Digits with marks and perhaps a sign: what an amount looks like, even one that can't be read with certainty.
  static func isNumber(_ text: String) -> Bool {
    let text = text.withoutBlanks
    // `2.8E-14` is one of PHP's.
    if Money(parsing: text) != nil { return true }
    let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    return digits.utf8.contains { (0x30...0x39).contains($0) }
      && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2C }
  }

  /// What the panel prints where there is no PIN.
  static func isPlaceholder(_ slot: String) -> Bool {
    let slot = slot.withoutBlanks
    return slot.isEmpty || slot == "-"
  }

  /// Whether a text in the PIN slot may be a code rather than a sentence.
  static func looksLikeCode(_ text: String) -> Bool {
    let text = text.withoutBlanks
    let hasBlank = text.contains { $0.isWhitespace }
    if text.contains(where: { $0.isNumber }) { return !hasBlank || !text.contains { $0.isLowercase } }
    // One word of capitals, longer than any that says why.
    return !hasBlank && text.count >= 8 && text.allSatisfy { $0.isUppercase || $0 == "-" }
  }
}
