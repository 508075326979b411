import Orders

/// What an answer to a send proves, once its row says what it means.
struct SendReading {
  /// Who answers, for people: `the store`.
  let who: String
  let line: AnswerLine
  /// What it says, for people.
  let words: String
  /// The same of one that no row explains.
  let unexplained: String
  var receipt = Receipt()
  var pin: Pin?

  func outcome(_ means: AnswerMeaning?) -> SendOutcome {
    switch means {
    case .accepted: .accepted(receipt)
    case .delivered: .delivered(pin, note: "", receipt)
    case .refused: .refused(words)
    case .noAccess: .accountTrouble(words, isBalance: false)
    case .noBalance: .accountTrouble(words, isBalance: true)
    case .repetition: .unknown("refused as a repetition, so there may be an order: \(words)")
    case .step: .unknown("it is created there and not confirmed yet")
    case .trouble where line.problem.isEmpty: .unknown("\(who) is in trouble, so there may be an order: \(words)")
    default: .unknown(unexplained)
    }
  }
}
