/// Takes what may be a PIN out of a provider's words, which go into reasons, events and what support sees.
extension StringProtocol {
  /// With dots for each word that may be a code: a digit among at least four letters and digits, three digits, or groups of capitals
  /// with dashes between them. That also hides a year or an amount; a note can do without them.
  var withoutCodes: String {
    var result = ""
    var word: [Character] = []
    func flush() {
      result += Self.mayBeCode(word) ? Redaction.dots : String(word)
      word = []
    }
    for character in self {
      if character.isLetter || character.isNumber || character == "-" || character == "_" {
        word.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result
  }

  /// For a reason in words: ``quoted``, without what may be a PIN.
  var shown: String { withoutCodes.quoted }

  private static func mayBeCode(_ word: [Character]) -> Bool {
    let signs = word.count { $0.isLetter || $0.isNumber }
    let digits = word.count(where: \.isNumber)
    // Three digits may be a group of a longer code.
    if signs >= 4 && digits > 0 || digits >= 3 { return true }
    return signs >= 8 && word.contains("-") && word.allSatisfy { $0 == "-" || $0.isUppercase }
  }
}
