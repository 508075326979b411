import Orders
import Seeded
import Testing

@Suite struct DecisionTests {
  static let schedule = CheckSchedule()
  static let next = Duration.seconds(42)
  static let pin = Pin("1234")
  static let ages: [Duration] = [
    .zero, .seconds(299), .seconds(300), .seconds(86_399), .seconds(86_400), .seconds(1_000_000),
  ]
  /// Every answer that settles nothing by itself.
  static let unsettling: [QueryOutcome] = [
    .queryFailed("permission denied"), .unintelligible("<html>"), .notFound("no such reference"),
  ]

  // MARK: After a send

  @Test func aProvidersOwnNameIsKeptWhereItIsOne() {
    func kept(_ name: String?) -> String? { Receipt(providerID: name).providerOrderID }
    let longest = String(repeating: "x", count: Receipt.providerIDBytesMax)
    for name in ["7", "a b", "ş", longest] { #expect(kept(name) == name) }
    for name in [nil, "", "a\nb", "a\0", longest + "x"] { #expect(kept(name) == nil) }
  }

  @Test func afterSend() {
    func decide(_ outcome: SendOutcome, _ count: Int = 1) -> AfterSend.Result {
      AfterSend.decide(outcome, sendsProvedNotSent: count, schedule: Self.schedule)
    }
    let cost = Money(tenThousandths: 5)
    #expect(decide(.accepted(Receipt(cost: cost))) == .move(to: .sent, Reason(.inProgress)))
    #expect(decide(.accepted(Receipt(balance: cost, providerID: "7"))) == .move(to: .sent, Reason(.inProgress)))
    // Not believed yet, and never a reason to try another provider at once.
    for outcome in [SendOutcome.refused("no such product"), .accountTrouble("no balance", isBalance: true)] {
      let decision = AfterSend.decide(
        outcome, sendsProvedNotSent: 1, hasOtherRoute: true, schedule: Self.schedule)
      guard case .move(.unresolved, let reason) = decision else {
        Issue.record("\(decision)")
        continue
      }
      let text = reason.text ?? ""
      #expect(reason.code == .confirmingRefusal && text.contains(AfterSend.witness(outcome)?.words ?? "?"))
      #expect(text.contains("asking"))
    }
    #expect(AfterSend.witness(.refused("x"))?.kind == .refused && AfterSend.witness(.unknown("x")) == nil)
    #expect(
      decide(.unknown("timed out")) == .move(to: .unresolved, Reason(.answerLost, "the answer was lost: timed out")))
    for count in [0, 1, 5, 1000] {
      // Whatever came before, a lost answer is never followed by another send.
      #expect(decide(.unknown("x"), count) == .move(to: .unresolved, Reason(.answerLost, "the answer was lost: x")))
    }
  }

  @Test(arguments: [(0, 1), (1, 1), (2, 2), (3, 4), (10, 512), (11, 600), (10_000, 600), (1_000_000, 600)])
  func notSentIsTriedAgainEverMoreSlowly(count: Int, seconds: Int) {
    let decision = AfterSend.decide(.notSent("no route"), sendsProvedNotSent: count, schedule: Self.schedule)
    #expect(decision == .sendAgain(after: .seconds(seconds), reason: "not sent: no route"))
  }

  @Test func aDeliveryAtOnceNeedsASecondAnswerWhereNobodyRulesThatOut() throws {
    let delivered = SendOutcome.delivered(Self.pin, note: "ok", Receipt())
    func decide(_ trust: DeliveryTrust) -> AfterSend.Result {
      AfterSend.decide(delivered, sendsProvedNotSent: 1, trust: trust, schedule: Self.schedule)
    }
    #expect(decide(.byItself) == .complete(Self.pin, note: "ok"))
    #expect(decide(.byItself).decision == .complete(Self.pin, note: "ok"))
    #expect(decide(.whenRepeated) == .move(to: .sent, Reason(.inProgress)))
    // Then it is a witness like any other: the same PIN proves it, seconds later, and another one contradicts it.
    var witness = try #require(AfterSend.witness(delivered, fingerprint: [1]))
    #expect(!witness.isAboutSend)
    witness.age = Self.schedule.confirmation
    func judge(_ fingerprint: UInt8) -> Proof {
      Proof.judge(
        .completed(Self.pin, note: ""), fingerprint: [fingerprint], earlier: witness,
        apart: Self.schedule.confirmation / 2)
    }
    #expect(judge(1) == .proved)
    guard case .contradicted = judge(2) else {
      Issue.record("\(judge(2))")
      return
    }
    var random = SystemRandomNumberGenerator()
    #expect(
      AfterSend.firstPause(delivered, .sent, schedule: Self.schedule, using: &random) == Self.schedule.confirmation)
  }

  @Test func aDeliveryWithoutTheCodeThatTheProductIsIsAnAcceptance() {
    let receipt = Receipt(providerID: "7")
    #expect(SendOutcome.delivered(nil, note: "ok", receipt).demandingPin == .accepted(receipt))
    #expect(SendOutcome.delivered(Pin("YÜKLENDİ"), note: "", receipt).demandingPin == .accepted(receipt))
    let real = SendOutcome.delivered(Self.pin, note: "", receipt)
    #expect(real.demandingPin == real && SendOutcome.unknown("x").demandingPin == .unknown("x"))
  }

  @Test func aProductThatIsACodeIsNotCompletedWithoutOne() {
    let demanded = QueryOutcome.completed(nil, note: "ok").demandingPin
    guard case .waiting = demanded else {
      Issue.record("\(demanded)")
      return
    }
    for answer in Self.unsettling + [.completed(Self.pin, note: ""), .cancelled("x"), .waiting("x")] {
      #expect(answer.demandingPin == answer)
    }
  }

  @Test(arguments: [
    ("ABCD-EFGH-2345", true), ("ABCD-EFGH-JKLM", true), ("ABCD-EFGH", false), ("12345678", true), ("1234-5678", true),
    ("1234567", false), ("ABCDEFGH", false),
    ("Hesaba 60 UC yüklendi", false), ("YÜKLENDİ", false), ("", false),
  ])
  func onlyWhatNoPanelPrintsForEveryOrderIsACode(text: String, isCode: Bool) {
    #expect(Pin(text).isCode == isCode)
  }

  // MARK: After a question about an order that the provider is known to have

  @Test(arguments: ages) func whatTheProviderSaysOfAKnownOrderCounts(age: Duration) {
    func decide(_ outcome: QueryOutcome) -> Decision {
      AfterQuery.decide(outcome, age: age, next: Self.next, schedule: Self.schedule)
    }
    // Even after the deadline: an answer is an answer.
    #expect(decide(.completed(Self.pin, note: "ok")) == .complete(Self.pin, note: "ok"))
    #expect(decide(.completed(nil, note: "")) == .complete(nil, note: ""))
    #expect(
      decide(.cancelled("out of stock"))
        == .move(to: .failed, Reason(.providerCancelled, "the provider cancelled: out of stock")))
  }

  @Test(arguments: ages, unsettling + [.waiting("in the queue")])
  func anythingElseOfAKnownOrderWaitsOrIsHeld(age: Duration, outcome: QueryOutcome) {
    let decision = AfterQuery.decide(outcome, age: age, next: Self.next, schedule: Self.schedule)
    Self.expectWaitOrHold(decision, age)
  }

  // MARK: After a question about an order whose answer was lost

  @Test(arguments: [NotFoundTrust.never, .after(.seconds(300)), .after(.zero)], ages)
  func evidenceResolvesALostAnswer(trust: NotFoundTrust, age: Duration) {
    func decide(_ outcome: QueryOutcome) -> Decision { Self.lost(outcome, age, trust) }
    #expect(decide(.completed(Self.pin, note: "ok")) == .complete(Self.pin, note: "ok"))
    #expect(decide(.waiting("working")) == .move(to: .sent, Reason(.inProgress, "the provider has the order: working")))
    #expect(
      decide(.cancelled("no"))
        == .move(
          to: .failed, Reason(.providerCancelled, "the provider had received the order and cancelled it: no")))
    for outcome in [QueryOutcome.queryFailed("login"), .unintelligible("?")] {
      Self.expectWaitOrHold(decide(outcome), age)
    }
  }

  @Test(arguments: ages) func notFoundIsNotBelievedWithoutTrust(age: Duration) {
    Self.expectWaitOrHold(Self.lost(.notFound("unknown"), age, .never), age)
  }

  private static let conclusive = NotReceivedEvidence(
    rounds: Array(
      repeating: .init(ours: .sample("3|"), invented: .sample("3|"), known: .completed(nil, note: "")),
      count: NotReceivedEvidence.Need.lost.rounds), probe: .working(balance: Money(tenThousandths: 10_000)))

  @Test(arguments: ages, unsettling) func notReceivedIsBelievedOnlyAfterTheGrace(age: Duration, outcome: QueryOutcome) {
    let decision = Self.lost(outcome, age, .after(.seconds(300)), evidence: Self.conclusive)
    guard age >= .seconds(300) else { return Self.expectWaitOrHold(decision, age) }
    guard case .sendAgain(let pause, let reason) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(pause == .zero)
    #expect(reason.contains("proved not received") && reason.contains("3|"))
  }

  @Test(arguments: ages, unsettling) func notReceivedIsNotBelievedWithoutEvidence(age: Duration, outcome: QueryOutcome)
  {
    Self.expectWaitOrHold(Self.lost(outcome, age, .after(.seconds(300))), age)
  }

  @Test(arguments: unsettling) func aPersonGetsTheEvidenceThatIsNotTrusted(outcome: QueryOutcome) {
    let decision = Self.lost(outcome, .seconds(400), .never, evidence: Self.conclusive)
    guard case .move(.held, let reason) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(reason.code == .probablyNotReceived)
    let text = reason.text ?? ""
    #expect(text.contains("exactly like") && text.contains("--trust-not-found-after"))
  }

  @Test func evidenceThatIsNotConclusiveSettlesNothing() {
    var weak: [NotReceivedEvidence] = []
    for change in 0..<10 {
      var evidence = Self.conclusive
      let last = evidence.rounds.count - 1
      switch change {
      case 0: evidence.probe = .notWorking("login")
      case 1: evidence.rounds[last].ours = nil
      case 2: evidence.rounds[last].invented = nil
      case 3: evidence.rounds[last].invented = .sample("3| ")
      case 4: evidence.rounds[last].known = nil
      case 5: evidence.rounds[last].known = .queryFailed("login")
      case 6: evidence.rounds[last].known = .notFound("not even that")
      case 7: evidence.rounds.removeLast()
      case 8: evidence.rounds[last] = .init(ours: .sample(""), invented: .sample(""), known: .waiting("working"))
      default:
        // Alike only once the secrets are out.
        evidence.rounds[last].ours = .init(raw: Array("Kayıt işleniyor".utf8), shown: Array("Kayı••••".utf8))
        evidence.rounds[last].invented = .init(raw: Array("Kayıt yok".utf8), shown: Array("Kayı••••".utf8))
      }
      weak.append(evidence)
    }
    for evidence in weak {
      #expect(!evidence.verdict.isNotReceived)
      Self.expectWaitOrHold(
        Self.lost(.queryFailed("3|"), .seconds(400), .after(.seconds(300)), evidence: evidence), .seconds(400))
    }
  }

  /// A panel that has the order and fails to answer every now and then must not be taken for one that lacks it.
  @Test(arguments: [0.1, 0.3, 0.5, 2.0 / 3, 0.9])
  func aPanelThatFailsByChanceProvesNothing(share: Double) {
    var random = SeededGenerator(seed: testSeed)
    func fails() -> Bool { Double.random(in: 0..<1, using: &random) < share }
    for _ in 0..<20_000 {
      let rounds = (0..<NotReceivedEvidence.Need.lost.rounds).map { _ in
        NotReceivedEvidence.Round(
          ours: .sample(fails() ? "" : "OK|1| |"), invented: .sample(fails() ? "" : "3|"),
          known: fails() ? .queryFailed("an empty answer") : .waiting("working"))
      }
      let evidence = NotReceivedEvidence(rounds: rounds, probe: .working(balance: Money(tenThousandths: 0)))
      #expect(!evidence.verdict.isNotReceived)
    }
  }

  @Test func nothingAtAllLeadsToASendWithoutATrustedNotFound() {
    let outcomes = Self.unsettling + [.waiting("w"), .completed(nil, note: ""), .cancelled("c")]
    for outcome in outcomes {
      for age in Self.ages {
        if case .sendAgain = Self.lost(outcome, age, .never) { Issue.record("\(outcome) at \(age)") }
        if case .sendAgain = AfterQuery.decide(outcome, age: age, next: Self.next, schedule: Self.schedule) {
          Issue.record("\(outcome) at \(age)")
        }
      }
    }
  }

  private static func lost(
    _ outcome: QueryOutcome, _ age: Duration, _ trust: NotFoundTrust,
    evidence: NotReceivedEvidence? = nil
  ) -> Decision {
    let facts = ProviderFacts(
      notFound: trust, referenceDigits: 12, quantityMax: 1, requiredParameters: [])
    return LostAnswer.decide(outcome, age: age, next: next, schedule: schedule, facts: facts, evidence: evidence)
  }

  /// Before the deadline the question is asked again, after it a person is asked: nothing is settled by time.
  private static func expectWaitOrHold(
    _ decision: Decision, _ age: Duration, location: SourceLocation = #_sourceLocation
  ) {
    switch decision {
    case .askAgain(let pause, let note):
      #expect(age < schedule.deadline && pause == next && note.text?.isEmpty == false, sourceLocation: location)
    case .move(.held, let reason):
      #expect(age >= schedule.deadline, sourceLocation: location)
      #expect(reason.code == .noFinalAnswer, sourceLocation: location)
      #expect(
        reason.text?.contains("24h") == true && reason.text?.contains("panel") == true, sourceLocation: location)
    default:
      Issue.record("\(decision)", sourceLocation: location)
    }
  }
}
