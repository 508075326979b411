import Orders
import Testing

/// Every choice of a person in every status, against every last send: nothing may be sent again or withdrawn by Sevk's
/// word while a send's outcome is open.
struct PersonChoiceTests {
  static let histories: [[SendState]] = [
    [], [.notSent], [.refused], [.notReceived], [.unknown], [.sending], [.accepted], [.unknown, .refused],
    [.accepted, .notSent], [.notReceived, .notSent],
  ]

  @Test(arguments: PersonChoice.allCases, Status.allCases)
  func aMoveIsOneThatTheLifeAllows(_ choice: PersonChoice, _ status: Status) {
    for sends in Self.histories {
      let verdict = choice.decide(status, sends: sends)
      guard case .move(let to, _) = verdict else { continue }
      #expect(status.row.person != .waits, "\(choice) moves \(status)")
      // The row says where it came from, and the database judges that.
      #expect(status.row.person == .decides || status.canBecome(to), "\(status) to \(to)")
      // What is taken up passes through held.
      #expect(status.row.person != .takesUp || status.canBecome(.held))
      #expect(status != .pending || to == .cancelled)
      #expect(to != .sending && to != .unresolved && to != .held)
    }
  }

  @Test(arguments: Status.allCases)
  func retryAndCancelNeedAProofForEverySend(_ status: Status) {
    for sends in Self.histories where sends.contains(where: { !$0.provesNothingThere }) {
      for choice in [PersonChoice.retry, .cancel] {
        // A pending order is sent by the dispatcher's own rules; a person only makes that sooner.
        if choice == .retry && status == .pending { continue }
        guard case .refused = choice.decide(status, sends: sends) else {
          Issue.record("\(choice) of \(status) after \(sends) was allowed")
          continue
        }
      }
    }
  }

  @Test func whatAPersonKnowsIsTaken() {
    let choice = PersonChoice.self
    #expect(choice.received.decide(.held, sends: [.unknown]) == .move(to: .sent, sendState: .accepted))
    #expect(choice.notReceived.decide(.unresolved, sends: [.unknown]) == .move(to: .pending, sendState: .notReceived))
    #expect(choice.completed.decide(.sent, sends: [.accepted]) == .move(to: .completed, sendState: .accepted))
    #expect(choice.failed.decide(.sent, sends: [.accepted]) == .move(to: .failed, sendState: nil))
    #expect(choice.retry.decide(.held, sends: [.notSent]) == .move(to: .pending, sendState: nil))
    #expect(choice.cancel.decide(.held, sends: []) == .move(to: .cancelled, sendState: nil))
    #expect(choice.retry.decide(.pending, sends: [.notSent]) == .sendNow)
  }

  @Test func whatMakesNoSenseIsRefusedWithAdvice() {
    for (choice, status, sends, word) in [
      (PersonChoice.received, Status.held, [SendState](), "never sent"),
      (.notReceived, .sent, [.accepted], "--failed"), (.received, .sent, [.accepted], "known already"),
      (.failed, .pending, [], "cancelled"), (.completed, .sending, [.sending], "right now"),
      (.retry, .failed, [.refused], "new order"), (.failed, .completed, [.accepted], "nothing is left"),
    ] {
      guard case .refused(let why) = choice.decide(status, sends: sends) else {
        Issue.record("\(choice) of \(status) was allowed")
        continue
      }
      #expect(why.contains(word), "\(why)")
    }
  }
}
