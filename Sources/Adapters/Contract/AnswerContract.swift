import Orders

/// What a provider's answers mean, row by row, read from the table beside the adapter (`Providers/NAME/NAME.tsv`), which is
/// built into the programs. The first row that matches counts; an answer that no row explains means nothing, and leaves
/// its order unknown.
///
/// The file's columns, with a tab between them: what was asked (`send`, `query`, `probe`), how the answer looks
/// (``AnswerPattern``), which words stand in it (``AnswerWords``), what it means (``AnswerMeaning``), the evidence, and a
/// sample. A line that begins with `@` adds a phrase to a list of words: list, phrase, evidence, sample. `#` begins a
/// comment.
public struct AnswerContract: Sendable {
  public let rows: [AnswerRow]
  public let phrases: [AnswerPhrase]
  /// What in the file makes no sense; such a row explains nothing. Empty in what is released: a test holds it.
  public let problems: [String]

  /// How evidence may begin, the strongest first.
  public static let evidenceKinds = ["live", "doc", "client", "clone", "deduction"]

  package init(file: [UInt8]) { self.init(text: String(decoding: file, as: UTF8.self)) }

  package init(text: String) {
    var rows: [AnswerRow] = []
    var phrases: [AnswerPhrase] = []
    var problems: [String] = []
    var lists: [String: AnswerWords] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      func complain(_ what: String) { problems.append("line \(index + 1): \(what)") }
      if line.hasPrefix("@") {
        guard cells.count == 4, let words = AnswerWords(cells[1], lists: lists), !words.isEmpty else {
          complain("not a list, a phrase, its evidence and a sample")
          continue
        }
        lists[cells[0], default: AnswerWords()].add(words)
        phrases.append(AnswerPhrase(list: cells[0], words: cells[1], evidence: cells[2], sample: cells[3]))
        continue
      }
      guard cells.count == 6 else {
        complain("has \(cells.count) columns, not 6")
        continue
      }
      guard let on = Exchange.Kind(rawValue: cells[0]), let pattern = AnswerPattern(cells[1]),
        let words = AnswerWords(cells[2], lists: lists), let means = AnswerMeaning(rawValue: cells[3])
      else {
        complain("its question, answer, words or meaning is none")
        continue
      }
      rows.append(
        AnswerRow(
          on: on, answer: cells[1], words: cells[2], means: means, evidence: cells[4], sample: cells[5],
          pattern: pattern, wanted: words))
    }
    self.init(rows: rows, phrases: phrases, problems: problems)
  }

  package init(rows: [AnswerRow], phrases: [AnswerPhrase], problems: [String] = []) {
    (self.rows, self.phrases, self.problems) = (rows, phrases, problems)
    byKind = Dictionary(grouping: rows, by: \.on)
  }

  private let byKind: [Exchange.Kind: [AnswerRow]]

  /// The row that explains an answer; nil when none does.
  func row(_ on: Exchange.Kind, _ line: AnswerLine) -> AnswerRow? {
    // Many rows look for words in the same field: it is folded once.
    var folded: (text: String, folded: FoldedText)?
    return byKind[on]?.first { row in
      guard let text = row.pattern.match(line, hasWords: !row.wanted.isEmpty) else { return false }
      guard !row.wanted.isEmpty else { return true }
      if folded?.text != text { folded = (text, FoldedText(text)) }
      return folded.map { row.wanted.stand(in: $0.folded) } ?? false
    }
  }
}
