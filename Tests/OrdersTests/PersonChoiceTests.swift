import Orders
import Testing

/// Every choice of a person in every status, against every last send: nothing may be sent again or withdrawn by Sevk's
/// word while a send's outcome is open.
struct PersonChoiceTests {
  static let histories: [[AttemptState]] = [
    [], [.notSent], [.refused], [.notReceived], [.unknown], [.sending], [.accepted], [.unknown, .refused],
    [.accepted, .notSent], [.notReceived, .notSent],
  ]

  @Test(arguments: PersonChoice.allCases, Status.allCases)
  func aMoveIsOneThatTheLifeAllows(_ choice: PersonChoice, _ status: Status) {
    for attempts in Self.histories {
      let verdict = choice.decide(status, attempts: attempts)
      guard case .move(let to, _) = verdict else { continue }
      #expect(status.row.person != .waits, "\(choice) moves \(status)")
      // The row says where it came from, and the database judges that.
      #expect(status == .held || status.canBecome(to), "\(status) to \(to)")
      // What is taken up passes through held.
      #expect(status.row.person != .takesUp || status.canBecome(.held))
      #expect(status != .pending || to == .cancelled)
      #expect(to != .sending && to != .unresolved && to != .held)
    }
  }

  @Test(arguments: Status.allCases)
  func retryAndCancelNeedAProofForEverySend(_ status: Status) {
    for attempts in Self.histories where attempts.contains(where: { !$0.provesNothingThere }) {
      for choice in [PersonChoice.retry, .cancel] {
        // A pending order is sent by the dispatcher's own rules; a person only makes that sooner.
        if choice == .retry && status == .pending { continue }
        guard case .refused = choice.decide(status, attempts: attempts) else {
          Issue.record("\(choice) of \(status) after \(attempts) was allowed")
          continue
        }
      }
    }
  }

  @Test func whatAPersonKnowsIsTaken() {
    let choice = PersonChoice.self
    #expect(choice.received.decide(.held, attempts: [.unknown]) == .move(to: .sent, attempt: .accepted))
    #expect(choice.notReceived.decide(.unresolved, attempts: [.unknown]) == .move(to: .pending, attempt: .notReceived))
    #expect(choice.completed.decide(.sent, attempts: [.accepted]) == .move(to: .completed, attempt: .accepted))
    #expect(choice.failed.decide(.sent, attempts: [.accepted]) == .move(to: .failed, attempt: nil))
    #expect(choice.retry.decide(.held, attempts: [.notSent]) == .move(to: .pending, attempt: nil))
    #expect(choice.cancel.decide(.held, attempts: []) == .move(to: .cancelled, attempt: nil))
    #expect(choice.retry.decide(.pending, attempts: [.notSent]) == .sendNow)
  }

  @Test func whatMakesNoSenseIsRefusedWithAdvice() {
    for (choice, status, attempts, word) in [
      (PersonChoice.received, Status.held, [AttemptState](), "never sent"),
      (.notReceived, .sent, [.accepted], "--failed"), (.received, .sent, [.accepted], "known already"),
      (.failed, .pending, [], "cancelled"), (.completed, .sending, [.sending], "right now"),
      (.retry, .failed, [.refused], "new order"), (.failed, .completed, [.accepted], "nothing is left"),
    ] {
      guard case .refused(let why) = choice.decide(status, attempts: attempts) else {
        Issue.record("\(choice) of \(status) was allowed")
        continue
      }
      #expect(why.contains(word), "\(why)")
    }
  }
}
