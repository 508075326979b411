/// A provider's text made ready to be searched for many words: folded once, and nearly always plain ASCII, which is searched
/// by its bytes. Asking a `String` for each word by itself was a third of what a question cost a worker.
struct FoldedText {
  /// See `folded`.
  let text: String
  /// nil where a letter has an accent: only Unicode's rules say then where a character ends.
  private let ascii: [UInt8]?

  init(_ text: some StringProtocol) {
    let folded = text.folded
    self.text = folded
    let bytes = Array(folded.utf8)
    ascii = bytes.allSatisfy { $0 < 0x80 } ? bytes : nil
  }

  /// Whether `words`, in small ASCII letters, stand somewhere in it.
  func contains(_ words: String) -> Bool {
    guard let ascii else { return text.contains(words) }
    var words = words
    return words.withUTF8 { words in
      guard let first = words.first else { return true }
      guard ascii.count >= words.count else { return false }
      return ascii.withUnsafeBufferPointer { bytes in
        (0...bytes.count - words.count).contains { start in
          bytes[start] == first && (1..<words.count).allSatisfy { bytes[start + $0] == words[$0] }
        }
      }
    }
  }

  /// Whether one of its words, between what is neither letter nor digit, is among `wanted`.
  func hasWord(_ wanted: String...) -> Bool {
    guard let ascii else {
      return text.split { !$0.isLetter && !$0.isNumber }.contains { word in wanted.contains { $0 == word } }
    }
    return ascii.split { !$0.isASCIILetterOrDigit }.contains { word in
      wanted.contains { $0.utf8.elementsEqual(word) }
    }
  }
}

extension UInt8 {
  var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
  var isASCIICapital: Bool { (0x41...0x5A).contains(self) }
  var isASCIILetterOrDigit: Bool { isASCIIDigit || isASCIICapital || (0x61...0x7A).contains(self) }
}
