/// Words as a text message has them, and how many parts of 140 bytes they take: each costs.
public enum SmsText {
  private static let cutMark: Character = "…"
  /// What an alphabet of seven bits has (GSM 03.38); each takes one place.
  private static let plain = Set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
      .unicodeScalars)
  /// These take two.
  private static let extended = Set("^{}\\[~]|€\u{0C}".unicodeScalars)

  /// Places of a message alone, and of one part of several.
  private static let sevenBit = (alone: 160, part: 153)
  private static let wide = (alone: 70, part: 67)

  /// How many parts a text takes; 0 for an empty one.
  public static func parts(of text: String) -> Int {
    guard !text.isEmpty else { return 0 }
    let scalars = text.unicodeScalars
    let isSevenBit = scalars.allSatisfy { plain.contains($0) || extended.contains($0) }
    let places = isSevenBit ? scalars.reduce(0) { $0 + (extended.contains($1) ? 2 : 1) } : text.utf16.count
    let room = isSevenBit ? sevenBit : wide
    return places <= room.alone ? 1 : (places + room.part - 1) / room.part
  }

  /// The message in one text of so many parts at most. A link is kept whole where it fits, and what it belongs to is cut.
  static func text(_ text: MessageText, partsMax: Int) -> String {
    // Isolates and marks are nothing that a phone shows, and each costs.
    let words = [text.subject, text.body].map(unmarked).filter { !$0.isEmpty }.joined(separator: "\n")
    guard let link = text.link else { return cut(words, end: "", partsMax) }
    let end = "\n" + link
    return parts(of: end) < partsMax ? cut(words, end: end, partsMax) : cut(words, end: "", partsMax)
  }

  private static func unmarked(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { !(0x2066...0x2069).contains($0.value) && $0 != "\r" }))
  }

  private static func cut(_ words: String, end: String, _ partsMax: Int) -> String {
    guard parts(of: words + end) > partsMax else { return words + end }
    // By halves: how many places a character takes hangs on all others.
    let characters = Array(words)
    var (fits, above) = (0, characters.count)
    while fits + 1 < above {
      let middle = (fits + above) / 2
      if parts(of: String(characters[..<middle] + [cutMark]) + end) <= partsMax {
        fits = middle
      } else {
        above = middle
      }
    }
    return String(characters[..<fits] + [cutMark]) + end
  }
}
