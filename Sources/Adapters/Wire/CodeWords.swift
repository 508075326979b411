/// Takes what may be a PIN out of a provider's words, which go into reasons, events and what support sees.
extension StringProtocol {
  /// With dots for each word that may be a code: a digit among at least four letters and digits, three digits, or groups of capitals
  /// with dashes between them. That also hides a year or an amount; a note can do without them.
  var withoutCodes: String {
    if utf8.allSatisfy({ $0 < 0x80 }) { return Self.withoutCodes(ascii: Array(utf8)) }
    var result = ""
    result.reserveCapacity(utf8.count)
    var word: [Character] = []
    func flush() {
      if Self.mayBeCode(word) { result += Redaction.dots } else { for character in word { result.append(character) } }
      word.removeAll(keepingCapacity: true)
    }
    for character in self {
      if character.isSign || character == "-" || character == "_" {
        word.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result
  }

  /// The same for what has no letter that Unicode must be asked about.
  private static func withoutCodes(ascii text: [UInt8]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var begin = 0
    for index in 0...text.count {
      let isEnd = index == text.count
      if !isEnd, text[index].isASCIILetterOrDigit || isJoint(text[index]) { continue }
      if mayBeCode(ascii: text[begin..<index]) {
        result.append(contentsOf: Redaction.dots.utf8)
      } else {
        result.append(contentsOf: text[begin..<index])
      }
      if !isEnd { result.append(text[index]) }
      begin = index + 1
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func isJoint(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") }

  private static func mayBeCode(ascii word: ArraySlice<UInt8>) -> Bool {
    let signs = word.count(where: \.isASCIILetterOrDigit)
    let digits = word.count(where: \.isASCIIDigit)
    if signs >= 4 && digits > 0 || digits >= 3 { return true }
    let dash = UInt8(ascii: "-")
    return signs >= 8 && word.contains(dash) && word.allSatisfy { $0 == dash || $0.isASCIICapital }
  }

  /// For a reason in words: ``quoted``, without what may be a PIN.
  var shown: String { withoutCodes.quoted }

  private static func mayBeCode(_ word: [Character]) -> Bool {
    guard word.count >= 3 else { return false }
    let signs = word.count(where: \.isSign)
    let digits = word.count(where: \.isAnyNumber)
    // Three digits may be a group of a longer code.
    if signs >= 4 && digits > 0 || digits >= 3 { return true }
    return signs >= 8 && word.contains("-") && word.allSatisfy { $0 == "-" || $0.isUppercase }
  }
}

extension Character {
  /// Its only byte where it is plain ASCII, as nearly all are: no table of Unicode needs to be asked then.
  private var ascii: UInt8? {
    guard let byte = utf8.first, byte < 0x80, utf8.count == 1 else { return nil }
    return byte
  }

  /// A letter or a number.
  fileprivate var isSign: Bool { ascii.map(\.isASCIILetterOrDigit) ?? (isLetter || isNumber) }
  fileprivate var isAnyNumber: Bool { ascii.map(\.isASCIIDigit) ?? isNumber }
}
