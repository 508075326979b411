import Orders

/// A header's text: what is not plain ASCII is encoded (RFC 2047), and nothing ends its line but what ends it here.
enum EmailHeader {
  /// Of an encoded word, in characters, and of a line.
  private static let wordMax = 75
  private static let lineMax = 76
  private static let begin = "=?utf-8?B?"
  private static let end = "?="

  /// A subject.
  static func text(_ text: String) -> String {
    let clean = cleaned(text)
    // A word that looks encoded is encoded too, so that it is read as it was written.
    let isPlain = clean.utf8.allSatisfy { (0x20..<0x7F).contains($0) } && !clean.contains("=?")
    return isPlain && clean.utf8.count < lineMax - 12 ? clean : encoded(clean)
  }

  /// The name before an address.
  static func phrase(_ text: String) -> String {
    let clean = cleaned(text)
    let isPlain = clean.utf8.allSatisfy {
      $0.isASCIIDigit || (65...90).contains($0) || (97...122).contains($0) || " -_'".utf8.contains($0)
    }
    return isPlain && clean.utf8.count < lineMax / 2 ? clean : encoded(clean)
  }

  /// Line ends and what else moves a cursor become blanks.
  private static func cleaned(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { out.append(OddCharacter.control(in: String(scalar)) == nil ? scalar : " ") }
    return String(out).withoutBlanks
  }

  /// Whole characters in each word, so that none is read in halves.
  private static func encoded(_ text: String) -> String {
    let room = (wordMax - begin.utf8.count - end.utf8.count) / 4 * 3
    var words: [[UInt8]] = []
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      if let last = words.last, last.count + bytes.count <= room {
        words[words.count - 1] += bytes
      } else {
        words.append(bytes)
      }
    }
    return words.map { begin + Base64Text.encode($0) + end }.joined(separator: "\r\n ")
  }
}
