import Orders

/// How a line of fields looks: `OK|2|{any}|{any…}`, `1:{any}:{number}`.
///
/// | field | stands for |
/// |---|---|
/// | `OK` | these very bytes |
/// | `{any}` | anything, also nothing |
/// | `{filled}` | neither blank nor a dash |
/// | `{blank}` | blank or a dash |
/// | `{number}` | what an amount looks like |
/// | `{status}` | one or two digits, but none of 1, 2 and 3 |
/// | `{words}` | what the row's words are looked for in; at least three bytes of it where the row has none |
/// | `{sentence}` | the same, where it has not the form of a printed code |
///
/// A last field with `…` (`{any…}`) is all fields from there on, as one text, at least one; `{numbers…}` are numbers or
/// blanks, each by itself. `…` behind the last field lets more fields follow. What is no line at all has a name:
/// `(empty)`, `(page)`, `(status)`.
struct AnswerPattern: Sendable {
  enum Field: Sendable, Equatable {
    case literal(String)
    case any, filled, blank, number, numbers, status, words, sentence
  }

  /// Less than that may be the beginning of anything.
  static let wordsBytesMin = 3

  /// `|` or `:`; nil for what is no line.
  let separator: UInt8?
  /// The name of what is no line; empty for a line.
  let problem: String
  let fields: [Field]
  /// The last field takes in all that follow.
  let isRest: Bool
  /// More fields may follow.
  let isOpen: Bool

  /// Nil when the text is no pattern.
  init?(_ text: String) {
    if text.hasPrefix("(") {
      (separator, problem, fields, isRest, isOpen) = (nil, text, [], false, false)
      return
    }
    problem = ""
    let separator = text.utf8.first { $0 == UInt8(ascii: "|") || $0 == UInt8(ascii: ":") } ?? UInt8(ascii: "|")
    self.separator = separator
    isOpen = text.hasSuffix("…")
    isRest = text.hasSuffix("…}")
    var fields: [Field] = []
    for part in (isOpen ? text.dropLast() : text[...]).split(
      separator: Character(Unicode.Scalar(separator)), omittingEmptySubsequences: false)
    {
      guard part.hasPrefix("{") else {
        fields.append(.literal(String(part)))
        continue
      }
      switch part {
      case "{any}", "{any…}": fields.append(.any)
      case "{filled}": fields.append(.filled)
      case "{blank}": fields.append(.blank)
      case "{number}", "{number…}": fields.append(.number)
      case "{numbers…}": fields.append(.numbers)
      case "{status}": fields.append(.status)
      case "{words}", "{words…}": fields.append(.words)
      case "{sentence}", "{sentence…}": fields.append(.sentence)
      default: return nil
      }
    }
    self.fields = fields
  }

  /// Where the row's words are looked for: empty where it has no such field. Nil when the line does not look so.
  func match(_ line: AnswerLine, hasWords: Bool) -> String? {
    guard let separator else { return line.problem == problem ? "" : nil }
    guard line.problem.isEmpty else { return nil }
    let found = line.fields(separator)
    guard isRest || isOpen ? found.count >= fields.count : found.count == fields.count else { return nil }
    var words = ""
    for (index, field) in fields.enumerated() {
      let isLast = isRest && index == fields.count - 1
      if isLast, field == .numbers {
        guard found[index...].allSatisfy({ $0.withoutBlanks.isEmpty || ZnetWords.isNumber($0) }) else { return nil }
        continue
      }
      let text =
        isLast && found.count > fields.count
        ? found[index...].joined(separator: String(Unicode.Scalar(separator))) : found[index]
      guard Self.fits(text, field) else { return nil }
      if field == .words || field == .sentence {
        words = text.withoutBlanks
        if !hasWords, words.utf8.count < Self.wordsBytesMin { return nil }
      }
    }
    return words
  }

  private static func fits(_ text: String, _ field: Field) -> Bool {
    switch field {
    // By bytes: a Kelvin sign equals a K to Swift.
    case .literal(let wanted): text.utf8.elementsEqual(wanted.utf8)
    case .any, .words, .numbers: true
    case .filled: !ZnetWords.isPlaceholder(text)
    case .blank: ZnetWords.isPlaceholder(text)
    case .number: ZnetWords.isNumber(text.withoutBlanks)
    case .status:
      (1...2).contains(text.utf8.count) && text.utf8.allSatisfy(\.isASCIIDigit) && !["1", "2", "3"].contains(text)
    // A group of a code may spell a word: `HATA-7K2M-9XQ4` is a PIN.
    case .sentence: !Pin(text.withoutBlanks).isInGroups
    }
  }
}
