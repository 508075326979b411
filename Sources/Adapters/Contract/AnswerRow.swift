public import Orders

/// A row of a contract: what an answer looks like, what it means, and where that is known from.
public struct AnswerRow: Sendable, Equatable {
  /// What was asked.
  public let on: Exchange.Kind
  /// How the answer looks, as the file has it; see ``AnswerPattern``.
  public let answer: String
  /// Which words stand in it, as the file has it; empty where any do. See ``AnswerWords``.
  public let words: String
  public let means: AnswerMeaning
  /// Begins with how it is known: doc, live, clone, client or deduction.
  public let evidence: String
  /// An answer that this row is the first to match.
  public let sample: String
  let pattern: AnswerPattern
  let wanted: AnswerWords

  public static func == (left: Self, right: Self) -> Bool {
    left.on == right.on && left.answer == right.answer && left.words == right.words && left.means == right.means
      && left.sample == right.sample
  }
}

/// One phrase of a list of words that rows share by the list's name, `@access`.
public struct AnswerPhrase: Sendable, Equatable {
  public let list: String
  public let words: String
  public let evidence: String
  /// A text that of its list only this phrase finds.
  public let sample: String
}
