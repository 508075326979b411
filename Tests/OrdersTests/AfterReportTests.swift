import Orders
import Testing

@Suite struct AfterReportTests {
  private let schedule = CheckSchedule()
  private static let pin = QueryOutcome.completed(Pin("AB12-CD34"), note: "")

  private func decide(
    _ outcome: QueryOutcome?, _ status: Status, earlier: Witness? = nil, print: [UInt8] = [1], isCurrent: Bool = true
  ) -> AfterReport.Decision {
    AfterReport.decide(
      outcome, isCurrent: isCurrent, status, fingerprint: print, earlier: earlier, schedule: schedule)
  }

  @Test(arguments: [Status.sent, .unresolved])
  func aReportIsOneWitness(_ status: Status) {
    guard case .keep(let witness, let pause) = decide(Self.pin, status) else {
      Issue.record("not kept")
      return
    }
    #expect(witness.kind == .completed && witness.fingerprint == [1] && pause == schedule.confirmation)
    guard case .keep(let other, _) = decide(.cancelled("no stock"), status) else {
      Issue.record("not kept")
      return
    }
    #expect(other.kind == .cancelled)
  }

  /// However late, and however often: only a question proves it.
  @Test func theSameReportAgainProvesNothing() {
    for age in [Duration.zero, .seconds(3600)] {
      #expect(decide(Self.pin, .sent, earlier: Witness(.completed, fingerprint: [1], age: age)) == .ask)
    }
  }

  @Test func whatCantBothBeTrueIsAPersons() {
    let earlier = Witness(.completed, fingerprint: [1], age: .seconds(60))
    for outcome in [Self.pin, .cancelled("no stock")] {
      guard case .hold(let reason) = decide(outcome, .sent, earlier: earlier, print: [2]) else {
        Issue.record("\(outcome)")
        return
      }
      #expect(reason.code == .contradicted)
    }
  }

  @Test(arguments: [
    QueryOutcome.waiting("x"), .notFound("x"), .queryFailed("x"), .unintelligible("x"), nil,
  ])
  func whatSettlesNothingOnlyAsks(_ outcome: QueryOutcome?) {
    #expect(decide(outcome, .sent) == .ask)
    #expect(decide(outcome, .unresolved, earlier: Witness(.completed, fingerprint: [1])) == .ask)
  }

  /// Of an order that ended it is a reason to look again; nothing of it is believed.
  @Test(arguments: [Status.completed, .failed, .cancelled])
  func anEndIsLookedAtAgain(_ status: Status) {
    for outcome in [Self.pin, .cancelled("reversed"), nil] { #expect(decide(outcome, status) == .ask) }
  }

  @Test(arguments: [Status.pending, .sending, .held, .contested])
  func whereNothingCanBeAskedNothingHappens(_ status: Status) {
    for outcome in [Self.pin, nil] {
      guard case .nothing = decide(outcome, status) else {
        Issue.record("\(status)")
        return
      }
    }
  }

  /// An earlier send's, or one of another account: no witness about this one. And what was said of the send stands.
  @Test func whatIsAboutAnotherSendIsNoWitness() {
    #expect(decide(Self.pin, .sent, isCurrent: false) == .ask)
    #expect(decide(Self.pin, .unresolved, earlier: Witness(.refused, words: "no stock")) == .ask)
  }
}
