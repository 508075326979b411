import Orders
import Testing

/// Nothing settles on one line: what delivers and what makes refund-safe needs the same proof.
@Suite struct ProofTests {
  private static let apart = Duration.seconds(1)

  private static func witness(_ kind: Witness.Kind, _ fingerprint: UInt8, age: Duration = .seconds(3)) -> Witness {
    Witness(kind, fingerprint: [fingerprint], words: "w", age: age)
  }

  private static func judge(_ outcome: QueryOutcome, _ fingerprint: UInt8, _ earlier: Witness?) -> Proof {
    Proof.judge(outcome, fingerprint: [fingerprint], earlier: earlier, apart: apart)
  }

  private static let delivered = QueryOutcome.completed(Pin("AB12-CD34"), note: "")
  private static let cancelled = QueryOutcome.cancelled("w")

  @Test func theFirstOnlyClaims() {
    for earlier in [nil, Witness(.refused, words: "no"), Witness(.account, words: "no")] {
      #expect(Self.judge(Self.delivered, 1, earlier) == .witnessed(Witness(.completed, fingerprint: [1])))
      #expect(Self.judge(Self.cancelled, 1, earlier) == .witnessed(Witness(.cancelled, fingerprint: [1], words: "w")))
    }
  }

  @Test func theSameAgainSecondsLaterProves() {
    #expect(Self.judge(Self.delivered, 1, Self.witness(.completed, 1)) == .proved)
    #expect(Self.judge(Self.cancelled, 1, Self.witness(.cancelled, 1)) == .proved)
    // What spoilt the first may still be at work.
    let early = Self.witness(.completed, 1, age: .milliseconds(20))
    #expect(Self.judge(Self.delivered, 1, early) == .witnessed(early))
  }

  @Test func twoPinsOrADeliveryTakenBackAreAPersons() {
    for (outcome, fingerprint) in [(Self.delivered, UInt8(2)), (Self.cancelled, 1), (Self.cancelled, 2)] {
      guard case .contradicted = Self.judge(outcome, fingerprint, Self.witness(.completed, 1)) else {
        Issue.record("\(outcome)")
        continue
      }
    }
  }

  @Test func aCancellationInOtherWordsOrADeliveryAfterItBeginsAnew() {
    #expect(
      Self.judge(Self.cancelled, 2, Self.witness(.cancelled, 1))
        == .witnessed(Witness(.cancelled, fingerprint: [2], words: "w")))
    #expect(
      Self.judge(Self.delivered, 2, Self.witness(.cancelled, 1)) == .witnessed(Witness(.completed, fingerprint: [2])))
  }

  @Test func whatSettlesNothingKeepsOrTakesBack() {
    for outcome in [QueryOutcome.queryFailed("x"), .unintelligible("x"), .notFound("x")] {
      for kind in [Witness.Kind.completed, .cancelled, .refused, .account] {
        #expect(Self.judge(outcome, 0, Self.witness(kind, 1)) == .open(Self.witness(kind, 1)))
      }
    }
    let working = QueryOutcome.waiting("x")
    // A line of status for the reference shows that it was taken, and is not cancelled.
    for kind in [Witness.Kind.cancelled, .refused, .account] {
      #expect(Self.judge(working, 0, Self.witness(kind, 1)) == .open(nil))
    }
    #expect(Self.judge(working, 0, Self.witness(.completed, 1)) == .open(Self.witness(.completed, 1)))
  }

  // MARK: What the provider said of the send

  @Test(arguments: [Witness.Kind.refused, .account]) func aRefusalIsBelievedOnlyWhenItIsBorneOut(_ kind: Witness.Kind) {
    let witness = Witness(kind, words: "no")
    func decide(_ outcome: QueryOutcome, _ evidence: NotReceivedEvidence?) -> Decision {
      LostAnswer.decide(
        outcome, age: .seconds(5), next: .seconds(9), schedule: CheckSchedule(), facts: Self.facts, witness: witness,
        evidence: evidence)
    }
    #expect(
      LostAnswer.needsEvidence(
        .queryFailed("3|"), age: .zero, checks: 0, schedule: CheckSchedule(), facts: Self.facts, witness: witness))
    let borneOut = Self.evidence(rounds: NotReceivedEvidence.Need.refused.rounds)
    switch (kind, decide(.queryFailed("3|"), borneOut)) {
    case (.refused, .refused("no")): break
    case (.account, .sendAgain(.zero, let reason)): #expect(reason.contains("no"))
    case (_, let decision): Issue.record("\(decision)")
    }
    for evidence in [
      nil, Self.evidence(rounds: 3), Self.evidence(rounds: 4, ours: "OK|1| |"), Self.evidence(rounds: 4, works: false),
    ] {
      guard case .askAgain(.seconds(9), let note) = decide(.queryFailed("3|"), evidence) else {
        Issue.record("believed without evidence")
        continue
      }
      #expect(note.code == .confirmingRefusal && note.text?.contains("no") == true)
    }
    // The panel booked it and answered the copy of a proxy.
    #expect(
      decide(.waiting("working"), nil) == .move(to: .sent, Reason(.inProgress, "the provider has the order: working")))
  }

  private static let facts = ProviderFacts(
    notFound: .never, referenceDigits: 12, quantityMax: 1, requiredParameters: [])

  private static func evidence(rounds: Int, ours: String = "3|", works: Bool = true) -> NotReceivedEvidence {
    NotReceivedEvidence(
      .refused,
      rounds: Array(repeating: .init(ours: .sample(ours), invented: .sample("3|"), known: nil), count: rounds),
      probe: works ? .working(balance: Money(tenThousandths: 1)) : .notWorking("login"))
  }

  @Test(arguments: [
    ("ABCD-EFGH-2345", true), ("Seri: 77 PIN: AB12CD34", true), ("12345678", true), ("ABCD-EFGH", true),
    ("Onaylandı", false), ("Kodunuz 5 dakika içinde gelecek", false), ("AB12<br />", false), ("AB12\nAB13", false),
    ("sistemde hata oluştu", false), ("", false),
  ])
  func aSentenceIsNoPin(text: String, isPlausible: Bool) {
    #expect(Pin(text).isPlausible == isPlausible)
    let demanded = QueryOutcome.completed(Pin(text), note: "").demandingPin
    if case .waiting = demanded { #expect(!isPlausible) } else { #expect(isPlausible) }
  }
}
