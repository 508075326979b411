/// An answer as the rows of a contract look at it: a line that is cut into fields, or what kept it from being one.
struct AnswerLine: Sendable {
  /// Empty for a line; otherwise as ``AnswerPattern`` names it, or a name that it has none for.
  let problem: String
  /// For people; of a problem.
  let problemWords: String
  let text: String
  private let bars: [String]
  private let reading: @Sendable (String) -> String

  /// - Parameter reading: what each field becomes before it is looked at.
  init(_ reply: WireReply, reading: @escaping @Sendable (String) -> String = { $0 }) {
    do {
      self.init(line: try ReplyText(reply).text, reading: reading)
    } catch {
      self.init(error)
    }
  }

  init(line text: String, reading: @escaping @Sendable (String) -> String = { $0 }) {
    (problem, problemWords, self.text) = ("", "", text)
    bars = Self.split(text, UInt8(ascii: "|")).map(reading)
    self.reading = reading
  }

  /// What an adapter finds wrong by itself.
  init(problem: String, words: String) {
    (self.problem, problemWords, text, bars, reading) = (problem, words, "", [], { $0 })
  }

  init(_ error: ReplyText.Problem) {
    problem =
      switch error {
      case .empty: "(empty)"
      case .html: "(page)"
      case .status: "(status)"
      case .notText: "(no text)"
      case .lines: "(lines)"
      case .markup: "(markup)"
      }
    problemWords = error.words
    (text, bars, reading) = ("", [], { $0 })
  }

  func fields(_ separator: UInt8) -> [String] {
    separator == UInt8(ascii: "|") ? bars : Self.split(text, separator).map(reading)
  }

  /// Cut on bytes: an accent behind a bar would hide the bar from `Character`.
  private static func split(_ text: String, _ separator: UInt8) -> [String] {
    text.utf8.split(separator: separator, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }
}
