import Orders

/// A reply's body as text: decoded, without byte order mark and surrounding blanks. Where a line is due, it is one line.
struct ReplyText {
  /// Why a reply has no text that an adapter could read.
  enum Problem: Error, Equatable {
    case status(Int)
    case empty
    /// A web page where a line was due: a wrong base URL, a blocked address, an error page.
    case html
    /// Neither UTF-8 nor Windows-1254.
    case notText
    /// More than the one line that was due: a notice of PHP, the answer to another question. Which of them is the answer
    /// is not known, so none is.
    case lines
    /// A tag inside of a line.
    case markup

    var words: String {
      switch self {
      case .status(let status): "HTTP status \(status)"
      case .empty: "an empty answer"
      case .html: "a web page instead of an answer"
      case .notText: "an answer that is no text"
      case .lines: "an answer of more than one line"
      case .markup: "an answer with markup in it"
      }
    }
  }

  /// Never empty.
  let text: String

  /// `Content-Type` is not looked at: PHP calls everything `text/html`.
  ///
  /// - Parameter isLine: false for JSON, which may have line ends and tags in it.
  init(_ reply: WireReply, isLine: Bool = true) throws(Problem) {
    guard reply.status == 200 else { throw .status(reply.status) }
    let body = Self.trimmed(reply.body[...])
    guard let first = body.first else { throw .empty }
    guard first != UInt8(ascii: "<") else { throw .html }
    // A control character has no business in a line of text, and PostgreSQL takes no NUL.
    guard !body.contains(where: { $0 < 0x20 && !Self.isBlank($0) || $0 == 0x7F }) else { throw .notText }
    if isLine {
      guard !body.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { throw .lines }
      guard !body.contains(UInt8(ascii: "<")), !body.contains(UInt8(ascii: ">")) else { throw .markup }
    }
    guard let text = String(validating: body, as: UTF8.self) ?? Windows1254.decode(body) else { throw .notText }
    // U+0085, U+2028 and U+2029 end a line as well, where the text is shown.
    if isLine, text.unicodeScalars.contains(where: { $0 == "\u{85}" || $0 == "\u{2028}" || $0 == "\u{2029}" }) {
      throw .lines
    }
    self.text = text
  }

  /// The parts between `|`. Cut on bytes: an accent after a bar would hide the bar from `Character`.
  var fields: [String] {
    text.utf8.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private static func trimmed(_ body: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var body = body
    while true {
      if body.starts(with: [0xEF, 0xBB, 0xBF]) {
        body.removeFirst(3)
      } else if let first = body.first, isBlank(first) {
        body.removeFirst()
      } else {
        break
      }
    }
    while let last = body.last, isBlank(last) { body.removeLast() }
    return body
  }

  /// Space, tab, line feed, carriage return.
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}

extension StringProtocol {
  /// Without spaces, tabs, line ends and no-break spaces at either end.
  var withoutBlanks: String {
    // Nearly every value begins and ends with a letter or digit: no Unicode table needs to be asked.
    let text = String(self)
    if let first = text.utf8.first, let last = text.utf8.last, (0x21..<0x7F).contains(first),
      (0x21..<0x7F).contains(last)
    {
      return text
    }
    let scalars = unicodeScalars
    let isBlank: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
    guard let first = scalars.firstIndex(where: { !isBlank($0) }),
      let last = scalars.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(self[first..<scalars.index(after: last)])
  }

  /// Lower case without Turkish letters, for looking for words: `Şifre` and `SİFRE` are both `sifre`.
  var folded: String {
    if utf8.allSatisfy({ $0 < 0x80 }) {
      return String(decoding: utf8.map { $0.isASCIICapital ? $0 + 32 : $0 }, as: UTF8.self)
    }
    var folded = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar {
      case "ş", "Ş": folded.append("s")
      case "ı", "İ", "I": folded.append("i")
      case "ç", "Ç": folded.append("c")
      case "ğ", "Ğ": folded.append("g")
      case "ö", "Ö": folded.append("o")
      case "ü", "Ü": folded.append("u")
      // The dot that lowercasing İ leaves behind elsewhere.
      case "\u{307}": continue
      case "A"..."Z": folded.append(Unicode.Scalar(UInt8(scalar.value) + 32))
      default: folded.append(scalar)
      }
    }
    return String(folded)
  }

  /// For a reason in words: quoted, one line, at most 200 characters, and no more bytes than those need: a reason stands
  /// in every event, and one character may be thousands of bytes.
  var quoted: String {
    // Most texts are one line of ASCII, where a byte is a character.
    if utf8.count <= 200, utf8.allSatisfy({ (0x20..<0x80).contains($0) }) { return "“\(self)”" }
    let line = String(map { $0.isNewline ? " " : $0 })
    let shown = String(line.prefix(200)).prefix(bytes: 600)
    return shown.utf8.count < line.utf8.count ? "“\(shown)…”" : "“\(shown)”"
  }
}
