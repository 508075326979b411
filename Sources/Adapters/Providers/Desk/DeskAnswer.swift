/// What a desk answers, written and read: a word, and what goes with it.
public enum DeskAnswer: Sendable, Equatable {
  /// It is there, at this stage.
  case there(stage: String)
  /// It was there and is completed.
  case done
  /// The send is not under way any more, or the order ended otherwise; for people.
  case over(String)
  /// To a question: nothing was handed over under the reference.
  case notFound
  /// To a probe.
  case working

  public var text: String {
    switch self {
    case .there(let stage): "there \(stage)"
    case .done: "done"
    case .over(let why): "over \(why)"
    case .notFound: "not_found"
    case .working: "working"
    }
  }

  /// - Returns: nil for what no desk answers.
  init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 1).map(String.init)
    switch (words.first, words.count) {
    case ("there", 2): self = .there(stage: words[1])
    case ("done", 1): self = .done
    case ("over", 2): self = .over(words[1])
    case ("not_found", 1): self = .notFound
    case ("working", 1): self = .working
    default: return nil
    }
  }
}
