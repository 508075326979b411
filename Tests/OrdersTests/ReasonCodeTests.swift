import Orders
import Testing

/// Every reason that the machine itself writes has a code.
@Suite struct ReasonCodeTests {
  private static let schedule = CheckSchedule()

  @Test(
    arguments: [
      (Status.pending, nil, nil), (.sending, nil, nil), (.unresolved, AfterSend.lostPrefix + "reset", .answerLost),
      (.unresolved, AfterSend.refusedPrefix + "x", .confirmingRefusal),
      (.sent, nil, .inProgress), (.sent, AfterQuery.workingPrefix + "sırada", .inProgress),
      (.sent, AfterQuery.failedPrefix + "login", .askingAgain), (.sent, "the provider has the order: x", .inProgress),
      (.completed, "Onaylandı", .delivered), (.completed, nil, .delivered),
      (.completed, ReasonCode.personPrefix + "it was delivered", .decidedByPerson),
      (.cancelled, "cancelled by the upstream service", .withdrawn), (.failed, "the provider refused: x", .refused),
      (.failed, "the provider cancelled: x", .providerCancelled),
      (.failed, "the provider had received the order and cancelled it: x", .providerCancelled),
      (.failed, "there is no route left for the product p", .noRoute),
      (.failed, "not sent: the field phone is missing", .invalidFields),
      (.held, "the provider gave it the PIN of x", .sharedPin), (.held, "restored from a backup made at x", .restored),
      (.held, "taken up by a person", .personDecides), (.held, "not sent: no connection", .notSent),
      (.held, "something new", .other), (.failed, "something new", .other),
      (.pending, "not sent: no connection", .sendingAgain),
    ] as [(Status, String?, ReasonCode?)])
  func aReasonHasItsCode(status: Status, reason: String?, code: ReasonCode?) {
    #expect(ReasonCode.of(status, reason: reason) == code)
  }

  @Test func whatIsDecidedOfASendHasACode() {
    for outcome in [
      SendOutcome.refused("x"), .accountTrouble("x", isBalance: true), .notSent("x"), .unknown("x"),
      .accepted(Receipt()), .delivered(nil, note: "x", Receipt()),
    ] {
      for hasOther in [false, true] {
        switch AfterSend.decide(outcome, sendsProvedNotSent: 1, hasOtherRoute: hasOther, schedule: Self.schedule) {
        case .move(let next, let reason): #expect(ReasonCode.of(next.status, reason: reason) != .other, "\(outcome)")
        case .sendAgain(_, let reason):
          for status in [Status.pending, .held] {
            #expect(ReasonCode.of(status, reason: reason) != .other, "\(outcome)")
          }
        case .complete: Issue.record("no delivery is believed at once where nobody said so")
        }
      }
    }
  }

  @Test func whatIsDecidedOfAnAnswerHasACode() {
    let outcomes: [QueryOutcome] = [
      .waiting("x"), .completed(nil, note: "x"), .cancelled("x"), .notFound("x"), .queryFailed("x"),
      .unintelligible("x"),
    ]
    for outcome in outcomes {
      for age in [Duration.zero, .seconds(100 * 3600)] {
        let decision = AfterQuery.decide(outcome, age: age, next: .seconds(1), schedule: Self.schedule)
        let (status, reason): (Status, String?) =
          switch decision {
          case .move(let status, let reason): (status, reason)
          case .complete(_, let note): (.completed, note)
          case .askAgain(_, let note): (.sent, note)
          case .refused(let why): (.failed, AfterSend.refusedPrefix + why)
          case .sendAgain(_, let reason): (.pending, reason)
          }
        #expect(ReasonCode.of(status, reason: reason) != .other, "\(outcome) after \(age)")
      }
    }
  }
}
