import Orders
import Testing

/// When a lost send is repeated under its reference.
@Suite struct SameReferenceTests {
  private static let schedule = CheckSchedule(first: .seconds(5), backoff: .seconds(5), jitter: 0)
  private static let missing = QueryOutcome.notFound("no row")

  private static func facts(_ safety: ResendSafety) -> ProviderFacts {
    ProviderFacts(
      notFound: .after(.seconds(60)), resendSafe: safety, referenceDigits: 12, quantityMax: 1, requiredParameters: [])
  }

  private func isDue(
    _ outcome: QueryOutcome = missing, _ safety: ResendSafety = .sequential, age: Duration = .seconds(60),
    checks: Int = 5, asks: Int = 0, witness: Witness? = nil
  ) -> Bool {
    SameReference.isDue(
      outcome, age: age, checks: checks, asks: asks, schedule: Self.schedule, facts: Self.facts(safety),
      witness: witness)
  }

  @Test func onlyWhereItIsBookedOnceAndAfterTheGrace() {
    #expect(isDue() && isDue(Self.missing, .yes))
    #expect(!isDue(Self.missing, .no) && !isDue(Self.missing, .unknown))
    #expect(!isDue(age: .seconds(59)))
    // A clock that stepped is no grace.
    #expect(!isDue(age: .seconds(6000), checks: 1) && !isDue(age: .seconds(6000), checks: 5, asks: 5))
    // A request that is on its way ends in the future.
    #expect(!isDue(age: .seconds(-5)))
  }

  @Test(arguments: [
    QueryOutcome.waiting("w"), .completed(nil, note: ""), .cancelled("c"), .queryFailed("q"), .unintelligible("u"),
  ])
  func onlyForWhatIsNotThere(_ outcome: QueryOutcome) {
    #expect(!isDue(outcome))
    let known = SameReference.Round(ours: Self.missing, known: .waiting(""))
    let round = SameReference.Round(ours: outcome, known: .waiting(""))
    #expect(!SameReference.verdict([known, round], probe: .working(balance: nil)).isAllowed)
  }

  @Test func whatWasSaidBeforeIsFoundOutFirst() {
    for kind in [Witness.Kind.completed, .cancelled, .refused, .account] { #expect(!isDue(witness: Witness(kind))) }
  }

  @Test func theAccountMustWorkAndKnowWhatItHas() {
    let good = SameReference.Round(ours: Self.missing, known: .completed(nil, note: ""))
    let new = SameReference.Round(ours: Self.missing, known: nil)
    let blind = SameReference.Round(ours: Self.missing, known: .notFound("no row"))
    #expect(SameReference.verdict([good, good], probe: .working(balance: nil)).isAllowed)
    #expect(SameReference.verdict([new, new], probe: .working(balance: nil)).isAllowed)
    #expect(!SameReference.verdict([good], probe: .working(balance: nil)).isAllowed)
    #expect(!SameReference.verdict([good, blind], probe: .working(balance: nil)).isAllowed)
    #expect(!SameReference.verdict([good, good], probe: .notWorking("login")).isAllowed)
  }

  /// A refusal of the repetition says nothing of the first request.
  @Test(arguments: [
    SendOutcome.refused("no"), .accountTrouble("no money", isBalance: true), .notSent("no route"), .unknown("lost"),
  ])
  func onlyAnAcceptanceMovesTheOrder(_ outcome: SendOutcome) {
    let decision = SameReference.decide(outcome, trust: .whenRepeated, next: .seconds(5), note: "n")
    #expect(decision.asksAgain, "\(decision)")
  }

  @Test func whatWasTakenGoesOn() {
    func decide(_ outcome: SendOutcome, _ trust: DeliveryTrust = .whenRepeated) -> Decision {
      SameReference.decide(outcome, trust: trust, next: .seconds(5), note: "n")
    }
    let sent = Decision.move(to: .sent, Reason(.inProgress))
    #expect(decide(.accepted(Receipt())) == sent)
    #expect(decide(.delivered(Pin("AB12"), note: "", Receipt())) == sent)
    #expect(decide(.delivered(Pin("AB12"), note: "", Receipt()), .byItself) == .complete(Pin("AB12"), note: ""))
  }
}
