import Orders
import Testing

/// When a refund is safe, what a claim changes, and what contests an end.
@Suite struct RefundTests {
  @Test func theAnswerIsThatOfTheTable() {
    let answers: [Status: RefundSafety.Answer] = [
      .pending: .no, .sending: .no, .sent: .no, .unresolved: .unknown, .held: .unknown, .completed: .no, .failed: .yes,
      .cancelled: .yes, .contested: .no,
    ]
    #expect(answers.count == Status.allCases.count)
    for status in Status.allCases {
      for code in ReasonCode.allCases.map(Optional.some) + [nil] {
        for sent in [true, false, nil] {
          let safety = RefundSafety(status, code, hasBeenSent: sent)
          #expect(safety.answer == answers[status], "\(status) \(String(describing: code))")
          #expect(!safety.proof.words.isEmpty)
        }
      }
      #expect(RefundSafety(status: status.rawValue, code: "a_new_one").answer == answers[status])
    }
    #expect(RefundSafety(status: "a_new_one", code: nil).answer == .unknown)
  }

  @Test(arguments: [
    (Status.failed, ReasonCode.refused, true, RefundSafety.Proof.providerRefused),
    (.failed, .providerCancelled, true, .providerCancelled), (.failed, .noRoute, false, .neverSent),
    (.failed, .noRoute, true, .notReceived), (.failed, .decidedByPerson, true, .person),
    (.cancelled, .withdrawn, false, .neverSent), (.cancelled, .refundClaimed, true, .notReceived),
    (.cancelled, .decidedByPerson, true, .person), (.contested, .secondLook, true, .contested),
  ])
  func theEvidenceIsTheStepThatProvesIt(_ status: Status, _ code: ReasonCode, _ sent: Bool, _ proof: RefundSafety.Proof)
  {
    #expect(RefundSafety(status, code, hasBeenSent: sent).proof == proof)
  }

  @Test func aClaimTurnsAnotherSendIntoAnEnd() {
    guard case .move(.cancelled, let reason) = Decision.sendAgain(after: .zero, reason: "not sent: x").afterClaim else {
      Issue.record("it is sent again")
      return
    }
    #expect(reason.code == .refundClaimed && reason.text?.contains("not sent: x") == true)
    let others: [Decision] = [
      .complete(nil, note: ""), .refused("x"), .askAgain(after: .zero, Reason(nil)),
      .move(to: .held, Reason(.other, "x")),
    ]
    for decision in others { #expect(decision.afterClaim == decision) }
    for status in [Status.sending, .unresolved] { #expect(status.canBecome(.cancelled)) }
  }

  @Test(arguments: Status.allCases) func noPersonSendsWhatIsClaimed(_ status: Status) {
    for choice in PersonChoice.allCases {
      for sends in PersonChoiceTests.histories {
        let verdict = choice.decide(status, sends: sends, isRefundClaimed: true)
        if case .move(let to, _) = verdict { #expect(to != .pending) }
        let usual = choice.decide(status, sends: sends)
        if case .move(let to, _) = usual, to != .pending { #expect(verdict == usual) }
      }
    }
    #expect(
      PersonChoice.notReceived.decide(.held, sends: [.unknown], isRefundClaimed: true)
        == .move(to: .cancelled, sendState: .notReceived))
  }

  @Test func onlyAPersonLeavesContested() {
    #expect(Status.contested.row.leadsTo.isEmpty)
    #expect(Status.allCases.filter { $0.canBecome(.contested) } == [.completed, .failed, .cancelled])
    let choices = PersonChoice.allCases.filter { choice in
      guard case .move(let to, _) = choice.decide(.contested, sends: [.accepted]) else { return false }
      return to == .completed || to == .failed
    }
    #expect(choices == [.completed, .failed])
  }

  @Test func whatContradictsAnEnd() {
    func contradicts(_ outcome: QueryOutcome, _ status: Status, same: Bool = true) -> Bool? {
      switch SecondLookRule.judge(outcome, status, isSamePin: same) {
      case .agrees: false
      case .contradicts: true
      case .silent: nil
      }
    }
    let pin = Pin("ABCD-1234")
    #expect(contradicts(.completed(pin, note: ""), .completed) == false)
    #expect(contradicts(.completed(pin, note: ""), .completed, same: false) == true)
    #expect(contradicts(.cancelled("x"), .completed) == true)
    #expect(contradicts(.completed(pin, note: ""), .failed) == true)
    #expect(contradicts(.waiting("x"), .failed) == true)
    #expect(contradicts(.waiting("x"), .completed) == false)
    #expect(contradicts(.cancelled("x"), .failed) == false)
    #expect(contradicts(.completed(pin, note: ""), .cancelled) == true)
    #expect(contradicts(.waiting("x"), .cancelled) == true)
    #expect(contradicts(.cancelled("x"), .cancelled) == false)
    for status in Status.final {
      #expect(contradicts(.notFound("x"), status) == false)
      #expect(contradicts(.queryFailed("x"), status) == nil)
      #expect(contradicts(.unintelligible("x"), status) == nil)
    }
    #expect(SecondLookRule.pause(afterTries: 0) == .seconds(60))
    #expect(SecondLookRule.pause(afterTries: 100) == .seconds(3840))
  }
}
