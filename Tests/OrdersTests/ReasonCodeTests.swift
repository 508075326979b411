import Orders
import Testing

/// What is decided has its code where it is decided, whatever words come from outside.
@Suite struct ReasonCodeTests {
  private static let schedule = CheckSchedule()
  /// Words of a provider that are those of other reasons.
  private static let words = ["", "x", "the provider refused: y", "the question failed: y", "not sent: y"]

  @Test(arguments: words) func aSendsCodeIsWhatItsAnswerProves(_ words: String) {
    func code(_ outcome: SendOutcome) -> ReasonCode? {
      guard
        case .move(_, let reason) = AfterSend.decide(outcome, sendsProvedNotSent: 1, schedule: Self.schedule)
      else { return .other }
      return reason.code
    }
    #expect(code(.accepted(Receipt())) == .inProgress)
    #expect(code(.delivered(nil, note: words, Receipt())) == .inProgress)
    #expect(code(.refused(words)) == .confirmingRefusal)
    #expect(code(.accountTrouble(words, isBalance: true)) == .confirmingRefusal)
    #expect(code(.unknown(words)) == .answerLost)
  }

  @Test(arguments: words) func anAnswersCodeIsWhatItProves(_ words: String) {
    let facts = ProviderFacts(notFound: .never, referenceDigits: 12, quantityMax: 1, requiredParameters: [])
    let cases: [(QueryOutcome, sent: ReasonCode, unresolved: ReasonCode)] = [
      (.waiting(words), .inProgress, .inProgress),
      (.cancelled(words), .providerCancelled, .providerCancelled),
      (.notFound(words), .askingAgain, .answerLost), (.queryFailed(words), .askingAgain, .answerLost),
      (.unintelligible(words), .askingAgain, .answerLost),
    ]
    for (outcome, sent, unresolved) in cases {
      for age in [Duration.zero, .seconds(100 * 3600)] {
        let ofSent = code(
          AfterQuery.decide(outcome, age: age, next: .seconds(1), schedule: Self.schedule))
        let ofLost = code(
          LostAnswer.decide(outcome, age: age, next: .seconds(1), schedule: Self.schedule, facts: facts))
        // Beyond the deadline nothing is asked again.
        let isOpen = sent == .askingAgain || outcome == .waiting(words)
        #expect(ofSent == (isOpen && age > .zero ? .noFinalAnswer : sent), "\(outcome) after \(age)")
        #expect(ofLost == (unresolved == .answerLost && age > .zero ? .noFinalAnswer : unresolved), "\(outcome)")
      }
    }
    let witness = Witness(.refused, words: words)
    let doubted = LostAnswer.decide(
      .notFound(words), age: .zero, next: .seconds(1), schedule: Self.schedule, facts: facts, witness: witness)
    #expect(code(doubted) == .confirmingRefusal)
  }

  @Test(arguments: PersonChoice.allCases) func aPersonsDecisionIsNoOther(_ choice: PersonChoice) {
    #expect(choice.reason == Reason(.decidedByPerson, "a person decided: \(choice.words)"))
  }

  private func code(_ decision: Decision) -> ReasonCode? {
    switch decision {
    case .move(_, let reason), .askAgain(_, let reason): reason.code
    // Who carries these out knows the code.
    case .complete, .refused, .sendAgain: .other
    }
  }
}
