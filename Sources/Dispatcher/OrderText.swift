import Orders

/// The rules for a text that a shop sends. Lengths are bytes of UTF-8, as they are stored, indexed and sent: one
/// character may be thousands of them.
enum OrderText {
  /// What is wrong with a text, in words that go on after its field's name; nil when it is taken.
  static func mistake(in text: String, bytesMin: Int = 1, bytesMax: Int) -> String? {
    let count = text.utf8.count
    if count < bytesMin { return "must have \(bytesMin) to \(bytesMax) bytes" }
    if count > bytesMax { return "has \(count) bytes (of UTF-8), but may have at most \(bytesMax)" }
    if let control = OddCharacter.control(in: text) {
      return "holds the control character \(OddCharacter.name(control))"
    }
    return nil
  }

  /// For a string that JSON can write and that is no text.
  static func mistake(half: UInt32) -> String {
    "holds U+\(String(half, radix: 16, uppercase: true)), half of a surrogate pair, which is no character"
  }
}
