/// Which words must stand in a text, folded as `folded` does: `bakiye + yetersiz` is both, `sistem / timeout` one of them,
/// `[ip]` a word by itself, and `ip gecersiz…` that whole text or, from three bytes on, the beginning of it.
struct AnswerWords: Sendable {
  private enum Term: Sendable {
    case part(String), word(String), beginning(String)
  }

  private var choices: [[Term]] = []

  var isEmpty: Bool { choices.isEmpty }

  /// - Parameter lists: what `@name` stands for.
  /// - Returns: nil when the cell names a list that there is not, or is no such text.
  init?(_ cell: String, lists: [String: AnswerWords]) {
    guard !cell.isEmpty else { return }
    for choice in cell.split(separator: " / ").map(String.init) {
      if choice.hasPrefix("@") {
        guard let list = lists[choice] else { return nil }
        choices += list.choices
        continue
      }
      let terms = choice.split(separator: " + ").map { Self.term(String($0)) }
      guard !terms.isEmpty else { return nil }
      choices.append(terms)
    }
  }

  mutating func add(_ other: AnswerWords) { choices += other.choices }

  init() {}

  func stand(in text: FoldedText) -> Bool {
    choices.contains { terms in
      terms.allSatisfy { term in
        switch term {
        case .part(let words): text.contains(words)
        case .word(let word): text.hasWord(word)
        case .beginning(let whole):
          text.text.utf8.count >= AnswerPattern.wordsBytesMin && whole.hasPrefix(text.text)
        }
      }
    }
  }

  private static func term(_ text: String) -> Term {
    if text.hasSuffix("…") { return .beginning(String(text.dropLast())) }
    if text.hasPrefix("["), text.hasSuffix("]") { return .word(String(text.dropFirst().dropLast())) }
    return .part(text)
  }
}
