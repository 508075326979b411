import Orders
import Seeded

/// One random life of one order: the processes that carry decisions out, crash, stall and come back, over a model of
/// the order's row and of a provider. What they do is what `Sender` and `OrderChecker` do; the decisions are the real ones.
///
/// By itself the order is worked on whenever it is due. In a ``World`` its jobs decide that, and processes that work on
/// other orders too.
struct History {
  static let sendStartMax = Duration.seconds(5)
  /// In a world: from reading an order to its intent, at most.
  static let gateWait = Duration.milliseconds(500)
  static let timeout = Duration.seconds(20)
  static let abandonedAfter = Duration.seconds(26)
  static let stallMax = Duration.seconds(300)
  private static let stepsMax = 5000
  /// What happens to an order once nobody works on it: people decide, shops claim and ask, it is looked at again.
  private static let roundsAfter = 12
  private static let lookDelays = SecondLookRule.delaysUsual.map { $0 / 6 }

  let mistake: Mistake
  let schedule: CheckSchedule
  let facts: ProviderFacts
  /// Its provider is trusted and does not deserve it: then only what Sevk itself promises is held against it.
  let isDeceived: Bool
  private(set) var violation: String?
  private(set) var status = Status.pending
  private(set) var story: [Status] = [.pending]
  var provider: FakeProvider
  /// How the job ended that had the last turn; nil while it goes on with ``next``.
  var jobEnd: JobEnd?
  /// In a world: what the process does next.
  private(set) var next: (after: Duration, what: Later)?
  let isAlone: Bool
  var random: SeededGenerator
  var now = Duration.zero
  var later: [(at: Duration, what: Later)] = []
  // The order's row.
  var version = 1
  var attempt = 0
  var checks = 0
  var asks = 0
  var askedAt = Duration.seconds(-100)
  var reference = 0
  var sends: [SendState] = []
  var sentAt: Duration?
  var dueAt = Duration.zero
  var pin: Pin?
  var witness: (what: Witness, since: Duration)?
  var resends = 0
  /// The provider's own number of the send was named.
  var hasNumber = false
  let asked: Asked
  let notices: Notices
  /// Everything different that its provider said of the order's end, in an answer or by itself.
  var said: Set<String> = []
  /// What this history came by.
  var corners: Set<String> = []
  // What its shop did.
  private(set) var isRefundClaimed = false
  /// Sends begun when the refund was claimed.
  private(set) var sendsWhenClaimed = 0
  /// The shop was told that a refund is safe, and gave the money back: how long the story was then.
  private(set) var toldSafeAt: Int?

  init(seed: UInt64, mistake: Mistake = .none, isAlone: Bool = true, isDeceived: Bool = false) {
    self.isAlone = isAlone
    self.isDeceived = isDeceived
    random = SeededGenerator(seed: seed)
    self.mistake = mistake
    let isTrusted = mistake == .trustALiar || isDeceived || Bool.random(using: &random)
    let grace = Duration.seconds(.random(in: 60...600, using: &random))
    let isTruthful = mistake == .trustALiar ? false : isTrusted || Bool.random(using: &random)
    // Who is trusted deserves it: a lost request arrives before the grace is over.
    let transitMax = isTrusted ? grace * 0.99 : .seconds(3000)
    schedule = CheckSchedule(deadline: .seconds(Int.random(in: 0..<200, using: &random) == 0 ? 86_400 : 3600))
    let isPlain = isDeceived || [.trustALiar, .repeatAnywhere].contains(mistake)
    asked =
      isPlain || !(Int.random(in: 0..<4, using: &random) == 0)
      ? .ourReference : Bool.random(using: &random) ? .itsNumber : .nothing
    notices = Notices.allCases.randomElement(using: &random) ?? .none
    let isOnce = Bool.random(using: &random) && asked == .ourReference
    provider = FakeProvider(
      // Nor is it known what two copies on their way at once lead to.
      transitMax: isOnce ? min(transitMax, .seconds(290)) : transitMax, isTruthful: isTruthful,
      isForgetful: isDeceived, isOnce: isOnce)
    facts = ProviderFacts(
      notFound: isTrusted && asked == .ourReference ? .after(grace) : .never,
      resendSafe: isOnce || mistake == .repeatAnywhere ? .sequential : .unknown, referenceDigits: 12, quantityMax: 1,
      requiredParameters: [])
  }

  var isOpen: Bool { status.isOpen }

  mutating func run() {
    var rounds = 0
    for _ in 0..<Self.stepsMax {
      guard violation == nil else { return }
      if isOpen {
        step()
      } else if rounds < Self.roundsAfter {
        rounds += 1
        liveOn()
      } else {
        break
      }
    }
    if isOpen { return fail("it never ended") }
    // What processes have still on its way comes to an end; nothing may come of it any more.
    later.removeAll { $0.what.isOfPeople }
    let (ended, endedVersion) = (status, version)
    while violation == nil, let event = popLater() { perform(event) }
    let end = now + provider.transitMax
    provider.advance(to: end, &random)
    check()
    if status != ended || version != endedVersion { fail("it left \(ended) for \(status)") }
  }

  // MARK: Time

  /// The job runs when it is due, or a little later, as when the process that had it died and the lease must run out.
  private mutating func step() {
    let pause = chance(1, of: 10) ? Duration.seconds(30) : .milliseconds(.random(in: 0...500, using: &random))
    let turn = max(now, dueAt) + pause
    if let next = later.map(\.at).min(), next <= turn, let event = popLater() { return perform(event) }
    pass(to: turn)
    disturb(oneOf: 60)
    switch status {
    case .pending: if chance(1, of: 50) { move(to: .cancelled, from: version) } else { beginSend() }
    case .sending: takeUpAbandoned()
    case .sent, .unresolved: ask()
    case .held, .completed, .failed, .cancelled, .contested: break
    }
    check()
  }

  /// In a world: the turn of a job. It ends with ``jobEnd``, or goes on with ``next``.
  mutating func turn(_ work: Work, at moment: Duration) {
    pass(to: moment)
    (jobEnd, next) = (nil, nil)
    let wait = dueAt - now
    switch (work, status) {
    case (.dispatch, .pending), (.dispatch, .sending):
      if wait > .zero {
        jobEnd = JobEnd(snooze: wait)
      } else if status == .pending, mistake != .sendWhatIsBeingSent {
        next = (Self.gateWait * Double.random(in: 0...1, using: &random), .intend(version: version))
      } else if mistake == .sendWhatIsBeingSent {
        beginSend()
      } else {
        takeUpAbandoned()
      }
    case (.check, .sent), (.check, .unresolved):
      if wait > .milliseconds(250) { jobEnd = JobEnd(snooze: wait) } else { ask() }
    default: jobEnd = JobEnd()
    }
    check()
  }

  /// In a world: the process goes on with what it said to be ``next``.
  mutating func resume(_ what: Later, at moment: Duration) {
    (jobEnd, next) = (nil, nil)
    perform((moment, what))
  }

  /// In a world: what the burial of the order's job leads to.
  mutating func jobIsBuried(_ work: Work, workersDied: Int, at moment: Duration) {
    pass(to: moment)
    var order = Order.sample(status, version: version)
    order.untilDue = dueAt - now
    guard let move = PoisonOrder.hold(order, work == .dispatch ? .send : .check, workersDied: workersDied) else {
      return
    }
    self.move(to: move.to, from: move.fromVersion)
    check()
  }

  /// As claim_refund.sql does.
  mutating func claimRefund(at moment: Duration) {
    pass(to: moment)
    switch status {
    case .pending:
      isRefundClaimed = true
      sendsWhenClaimed = attempt
      move(to: .cancelled, from: version)
    case .completed, .contested: break
    case .sending, .sent, .unresolved, .held, .failed, .cancelled:
      if !isRefundClaimed { sendsWhenClaimed = attempt }
      isRefundClaimed = true
    }
    check()
  }

  mutating func popLater() -> (at: Duration, what: Later)? {
    guard let index = later.indices.min(by: { later[$0].at < later[$1].at }) else { return nil }
    return later.remove(at: index)
  }

  mutating func pass(to moment: Duration) {
    now = max(now, moment)
    provider.advance(to: now, &random)
    takePosts()
  }

  /// A process goes on after `pause`; it may stall for long, or never come back.
  mutating func goOn(after pause: Duration, _ what: Later) {
    guard isAlone else {
      next = (pause, what)
      return
    }
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return
    case 1: later.append((now + pause + Self.stallMax * Double.random(in: 0...1, using: &random), what))
    default: later.append((now + pause, what))
    }
  }

  // MARK: As Sender does

  private mutating func beginSend() {
    attempt += 1
    hasNumber = false
    resends = 0
    reference = attempt
    sends.append(.sending)
    if status == .pending { move(to: .sending, from: version, dueIn: Self.abandonedAfter) }
    goOn(after: .zero, .send(version: version, reference: reference, begun: now))
  }

  private mutating func takeUpAbandoned() {
    let dueIn = schedule.afterLostAnswer.delay(afterChecks: 0, using: &random)
    move(to: .unresolved, from: version, dueIn: dueIn, sendState: .unknown)
    jobEnd = JobEnd(plan: (.check, dueIn))
  }

  /// In a world: what becomes of a job whose order another has moved.
  private func afterConflict() -> JobEnd {
    JobEnd(snooze: status.work != nil && mistake != .endAfterConflict ? .zero : nil)
  }

  mutating func perform(_ event: (at: Duration, what: Later)) {
    pass(to: event.at)
    switch event.what {
    case .intend(let seen):
      if seen == version, status == .pending { beginSend() } else { jobEnd = afterConflict() }
    case .send(let version, let reference, let begun):
      guard now - begun < Self.sendStartMax else {
        note(.notSent("held up"), version, attempt: attempt, age: begun)
        break
      }
      let outcome = provider.send(reference, at: now, &random)
      takePosts()
      let took = Self.timeout * Double.random(in: 0...1, using: &random)
      goOn(after: took, .noteSend(outcome, version: version, attempt: attempt, age: begun))
    case .noteSend(let outcome, let version, let attempt, let age): note(outcome, version, attempt: attempt, age: age)
    case .noteCheck(let decision, let witness, let version, let checks): carryOut(decision, witness, version, checks)
    case .repeatSend(let version, let begun): repeatSend(version, begun: begun)
    case .noteRepeated(let outcome, let version): noteRepeated(outcome, version)
    case .person(let shown, let version, let sends, let isClaimed): decide(shown, version, sends, isClaimed)
    case .look(let version, let said, let tries): look(version, said, tries)
    case .contest(let version): if attempt > 0, status.isFinal { move(to: .contested, from: version) }
    case .claim: claimRefund(at: now)
    case .notice(let said, let reference, let isGenuine): take(said, about: reference, isGenuine: isGenuine)
    }
    check()
  }

  private mutating func note(_ outcome: SendOutcome, _ from: Int, attempt: Int, age: Duration) {
    switch AfterSend.decide(outcome, sendsProvedNotSent: attempt, schedule: schedule) {
    case .move(.unresolved, _) where mistake == .resendBlindly:
      move(to: .pending, from: from, dueIn: .zero)
      jobEnd = JobEnd(snooze: .zero)
    case .move(.unresolved, _) where mistake == .believeRefusals && AfterSend.witness(outcome) != nil:
      move(to: .failed, from: from)
      jobEnd = JobEnd()
    case .move(let next, _):
      let dueIn = AfterSend.firstPause(outcome, next, schedule: schedule, using: &random)
      let isMoved = move(
        to: next.status, from: from, dueIn: dueIn, witness: AfterSend.witness(outcome),
        sendState: next.status == .sent ? .accepted : .unknown)
      if isMoved, case .accepted = outcome { hasNumber = true }
      jobEnd = isMoved ? JobEnd(plan: (.check, dueIn)) : afterConflict()
    case .sendAgain(let pause, _):
      let isTooOld = age > schedule.deadline
      let isMoved = sendAgain(isTooOld ? .held : .pending, from: from, dueIn: pause, .notSent)
      jobEnd = isMoved ? JobEnd(snooze: status == .pending ? pause : nil) : afterConflict()
    case .complete: fail("nobody believes this provider's delivery at once")
    }
  }

  // MARK: As OrderChecker does

  private mutating func ask() {
    guard canAsk else { return handToPerson() }
    let age = now - (sentAt ?? now)
    let plan = status == .unresolved ? schedule.afterLostAnswer : schedule
    let next = plan.delay(afterChecks: checks + 1 - asks, using: &random)
    let answer = answer()
    if status == .unresolved, mayRepeat(after: answer, age: age, plan) { return beginRepetition() }
    let (decision, witness) = decide(answer, age: age, plan: plan, next: next)
    goOn(after: .seconds(1), .noteCheck(decision, witness, version: version, checks: checks))
  }

  private mutating func decide(
    _ answer: QueryOutcome, age: Duration, plan: CheckSchedule, next: Duration
  ) -> (Decision, Witness?) {
    var earlier = witness?.what
    earlier?.age = now - (witness?.since ?? now)
    var proof = Proof.judge(
      answer, fingerprint: Array("\(answer.substance)".utf8), earlier: earlier, apart: .seconds(1))
    if case .witnessed = proof, mistake == .believeOneLine { proof = .proved }
    let kept: Witness?
    switch proof {
    case .contradicted(let why):
      mustContradict()
      return (.move(to: .held, Reason(.contradicted, why)), nil)
    case .witnessed(let witness):
      return (.askAgain(after: schedule.confirmation, Reason(.askingAgain, "once more")), witness)
    case .open(let witness): kept = witness
    case .proved: kept = nil
    }
    guard status == .unresolved else {
      return (AfterQuery.decide(answer, age: age, next: next, schedule: plan), kept)
    }
    var evidence: NotReceivedEvidence?
    if LostAnswer.needsEvidence(
      answer, age: age, checks: checks, asks: asks, schedule: plan, facts: facts, witness: kept)
    {
      evidence = controlQuestion(kept?.isAboutSend ?? false ? .refused : .lost)
    }
    return (
      LostAnswer.decide(
        answer, age: age, next: next, schedule: plan, facts: facts, witness: kept, evidence: evidence), kept
    )
  }

  private mutating func controlQuestion(_ need: NotReceivedEvidence.Need) -> NotReceivedEvidence {
    var rounds: [NotReceivedEvidence.Round] = []
    repeat {
      let ours = provider.answer(reference, at: now, &random)
      // What the provider would say of a reference that nobody ever sent.
      rounds.append(
        .init(
          ours: .sample(ours == FakeProvider.unknown ? "unknown" : "known"), invented: .sample("unknown"),
          known: .completed(nil, note: "")))
    } while rounds.count < need.rounds && rounds.last?.doubt(need) == nil
    return NotReceivedEvidence(need, rounds: rounds, probe: .working(balance: Money(tenThousandths: 0)))
  }

  mutating func carryOut(_ decision: Decision, _ said: Witness?, _ from: Int, _ seen: Int) {
    jobEnd = from == version ? JobEnd() : afterConflict()
    switch decision {
    case .askAgain(let pause, _):
      guard from == version, seen == checks else {
        jobEnd = afterConflict()
        return
      }
      checks += 1
      keep(said)
      dueAt = now + pause
      jobEnd = JobEnd(snooze: pause)
    case .complete(let pin, _):
      if from == version { self.pin = pin }
      move(to: .completed, from: from, sendState: .accepted)
    case .move(let next, _):
      let dueIn = schedule.delay(afterChecks: 0, using: &random)
      let sendState: SendState? = next == .held ? nil : .accepted
      if move(to: next, from: from, dueIn: dueIn, witness: said, sendState: sendState), next == .sent {
        jobEnd = JobEnd(snooze: dueIn)
      }
    case .refused: move(to: .failed, from: from, sendState: .refused)
    case .sendAgain(let pause, _):
      if sendAgain(.pending, from: from, dueIn: pause, .notReceived), status == .pending {
        jobEnd = JobEnd(plan: (.dispatch, pause))
      }
    }
  }

  // MARK: As DecisionApplier does

  /// What would be sent again is withdrawn where its shop claimed the refund meanwhile.
  private mutating func sendAgain(
    _ next: Status, from seen: Int, dueIn: Duration, _ sendState: SendState
  ) -> Bool {
    guard next == .pending, isRefundClaimed, mistake != .forgetTheClaim else {
      return move(to: next, from: seen, dueIn: dueIn, sendState: sendState)
    }
    guard case .move(let instead, _) = Decision.sendAgain(after: dueIn, reason: "").afterClaim else { return false }
    return move(to: instead, from: seen, sendState: sendState)
  }

  // MARK: As transition.sql does

  @discardableResult
  mutating func move(
    to next: Status, from seen: Int, dueIn: Duration = .zero, witness said: Witness? = nil,
    sendState: SendState? = nil
  ) -> Bool {
    guard seen == version || mistake == .forgetTheFence || mistake == .forgetEveryFence else { return false }
    guard next != .pending || !isRefundClaimed || mistake == .forgetTheClaim else { return false }
    guard status.canBecome(next) || mistake == .forgetEveryFence else {
      fail("\(status) became \(next)")
      return false
    }
    if next == .sending || status == .sending { sentAt = now }
    become(next, dueIn: dueIn, witness: said, sendState: sendState)
    return true
  }

  mutating func become(
    _ next: Status, dueIn: Duration, witness said: Witness? = nil, sendState: SendState? = nil
  ) {
    status = next
    story.append(next)
    version += 1
    (checks, asks) = (0, 0)
    keep(said)
    dueAt = now + dueIn
    if let sendState, !sends.isEmpty { sends[sends.count - 1] = sendState }
    // An event says so at once.
    if status.isRefundSafe { toldSafeAt = story.count }
    // What a person settled is not looked at again.
    guard isAlone, status.isFinal, attempt > 0, !story.dropLast().suffix(1).contains(.contested) else { return }
    for delay in Self.lookDelays { later.append((now + delay, .look(version: version, said: nil, tries: 0))) }
  }

  mutating func keep(_ seen: Witness?) {
    guard let seen else {
      witness = nil
      return
    }
    if witness?.what.kind != seen.kind || witness?.what.fingerprint != seen.fingerprint { witness = (seen, now) }
  }

  mutating func fail(_ what: String) {
    if violation == nil { violation = "\(what) after \(now.inWords): \(story.map(\.rawValue).joined(separator: ", "))" }
  }

  mutating func chance(_ part: Int, of whole: Int) -> Bool {
    Int.random(in: 0..<whole, using: &random) < part
  }
}
