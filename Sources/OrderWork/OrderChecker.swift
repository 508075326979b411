import Adapters
public import Calls
import CrashPoints
public import EventLoop
public import Jobs
public import Kinds
import Orders
public import ProviderGate
import Queue
import Store
import Telemetry

/// Asks the provider about one order, and moves the order by what the answer proves.
///
/// The decisions stand in `Orders`: ``Proof`` says whether an answer is borne out, ``AfterQuery`` what follows for an order
/// that the provider is known to have, ``LostAnswer`` for one whose send got no answer. Here they are only carried out.
@LoopActor
public final class OrderChecker {
  private let tools: OrderTools
  private let client: ProviderClient
  private let gate: ProviderGate
  private let applier: DecisionApplier
  private let resender: Resender
  private let questions: QuestionGate
  private let desk: DeskClock
  private var random = SystemRandomNumberGenerator()
  private var store: Store { tools.store }
  private var schedule: CheckSchedule { tools.schedule }

  /// A question waits so long at most for a provider that is closed for sends.
  private static let overdueMax = Duration.seconds(60)

  /// A question waits in memory so long for one of its process's slots; then its job goes back to the queue.
  private static let slotWaitMax = Duration.milliseconds(200)
  /// Until a question looks again whether its provider holds fewer slots of this process; up to three times as long.
  private static let shutOutPause = Duration.seconds(1)

  public init(_ tools: OrderTools, client: ProviderClient, gate: ProviderGate, questions: QuestionGate) {
    self.tools = tools
    self.client = client
    self.gate = gate
    self.questions = questions
    applier = DecisionApplier(tools)
    desk = DeskClock(tools)
    resender = Resender(tools, client: client, gate: gate, applier: applier)
    tools.instruments.describeCalls()
    tools.times.describe()
  }

  public func run(_ job: CheckOrder, _ context: JobContext) async throws -> Outcome {
    CrashPoint.reach(.checkClaimed)
    let order: Order
    let isRead: Bool
    switch try await OrderJobRun.begin(job.id, tools) {
    case .over(let outcome): return outcome
    case .order(let found, let read): (order, isRead) = (found, read)
    }
    if order.status == .pending {
      // Whoever noted that it was not received may have died before it planned the next send.
      await tools.plan(.send, of: order, after: max(order.untilDue ?? .zero, .zero))
    }
    guard order.status.work == .check else { return .completed }
    #if SEVK_SABOTAGE
      Sabotage.crash(on: order, in: .check)
    #endif
    if let wait = await OrderJobRun.wait(for: order, longerThan: OrderJobRun.earlyMax, tools) { return .snooze(wait) }
    guard let providerID = order.providerID, order.sendReference != nil,
      let provider = try await tools.directory.provider(providerID),
      let adapter = tools.adapters.adapter(named: provider.adapter)
    else {
      return .retry(reason: "the provider of order \(order.id) is not configured, or this version lacks its adapter")
    }

    if type(of: adapter).channel == .desk, order.status == .sent {
      do {
        return try await desk.run(order, provider.schedule(schedule))
      } catch StoreError.conflict {
        return try await OrderJobRun.afterConflict(with: order, isRead: isRead, tools)
      }
    }

    guard let reference = try await store.askedName(of: order, by: adapter) else {
      return try await handToPerson(order, isRead: isRead, provider.schedule(schedule))
    }

    // A provider that is closed for sends may still answer questions, so each order is asked about now and then, and
    // reaches its deadline.
    if let pause = await gate.waitBeforeAsking(provider), (order.untilDue ?? .zero) > .zero - Self.overdueMax {
      return .snooze(pause)
    }
    guard await gate.bulkhead.enter(providerID, within: Self.slotWaitMax) else {
      tools.metrics.add("sevk_provider_waits_total", ["provider": provider.name, "why": "check_slots"])
      return .snooze(Self.shutOutPause * Double.random(in: 1...3))
    }
    var isAnswered: Bool?
    defer { gate.bulkhead.leave(providerID, answered: isAnswered) }
    let isDue = order.sinceSend ?? .zero >= provider.schedule(schedule).deadline
    let ticket: QuestionGate.Ticket
    switch questions.enter(provider, isDue: isDue) {
    case .wait(let pause): return .snooze(pause)
    case .ask(let given): ticket = given
    }
    let account = ProviderAccount(provider)
    CrashPoint.reach(.checkAllowed)
    let (answer, exchange, substance) = await client.query(reference: reference, account: account)
    CrashPoint.reach(.checkAnswered)
    isAnswered = exchange.status != nil
    if !exchange.isCopy {
      questions.note(provider, ticket, exchange)
      tools.instruments.countCall(provider, exchange, answer.name)
    }
    tools.unfamiliar.note(provider, exchange, order: order.id)
    var outcome = answer
    if case .completed(let pin, _) = answer, pin?.isPlausible != true, try await isPinRequired(order) {
      outcome = answer.demandingPin
    }

    // What was said of the send stands until a line is surely about this order: panels have been seen that word "no such
    // reference" as a cancellation.
    if case .cancelled = outcome, order.witness?.isAboutSend ?? false,
      let doubt = await doubtOfCancellation(reference, adapter, account)
    {
      outcome = .queryFailed(doubt)
    }

    let base = provider.schedule(schedule)
    let fingerprint = outcome.settles ? try store.fingerprint(ofWitness: substance, of: order.id) : []
    var earlier = order.witness
    // What was said under another secret key can't be compared, and begins anew.
    if let said = earlier, !said.isAboutSend, !store.isComparable(said.fingerprint) { earlier = nil }
    let proof = Proof.judge(outcome, fingerprint: fingerprint, earlier: earlier, apart: base.confirmation / 2)
    let question = Resender.Question(
      order: order, provider: provider, adapter: adapter, outcome: outcome, witness: earlier)
    if let result = try await resender.attempt(question, base, lease: context.lease) { return result }
    let (decision, witness) = try await decide(
      outcome, proof, order, reference, base, adapter, account, provider.accountEpoch)
    let said = OrderAnswer(
      // That it was cancelled there, or is being worked on, proves that it was received.
      work: .check, exchange: exchange, sendState: .accepted, witness: witness,
      // Of a desk nothing is asked: its clock looks at once.
      nextQuestion: type(of: adapter).channel == .desk ? .zero : base.delay(afterChecks: 0, using: &random),
      // Each send counts as long as it takes to prove that it was not received.
      sendsTook: NotReceivedEvidence.grace(adapter.facts(for: account), base) * order.sends, deadline: base.deadline)
    // What another worker was told meanwhile changes the order's witness and no version, and may contradict this: what
    // settles is only decided from an order that was read, or is still as it was remembered.
    if !isRead, !decision.asksAgain {
      let now = try await store.order(order.id)
      guard now?.version == order.version, now?.checks == order.checks, now?.asks == order.asks else {
        return .snooze(.zero)
      }
    }
    do {
      return try await applier.apply(decision, to: order, because: said)
    } catch StoreError.conflict {
      return try await OrderJobRun.afterConflict(with: order, isRead: isRead, tools)
    }
  }

  /// What follows from the answer, and what is witnessed from then on.
  private func decide(
    _ outcome: QueryOutcome, _ proof: Proof, _ order: Order, _ reference: String, _ base: CheckSchedule,
    _ adapter: any Adapter, _ account: ProviderAccount, _ accountEpoch: Int
  ) async throws -> (Decision, Witness?) {
    var outcome = outcome
    let witness: Witness?
    let plan = order.status == .unresolved ? base.afterLostAnswer : base
    // Who asks often does not make the schedule ask more seldom.
    let next = plan.delay(afterChecks: order.checks + 1 - order.asks, using: &random)
    // A clock that stepped is no reason to give up asking.
    let age = plan.age(order.sinceSend ?? .zero, afterChecks: order.checks, asks: order.asks)
    switch proof {
    case .contradicted(let why):
      return (
        .move(to: .held, Reason(.contradicted, "\(why): look at the provider's panel for which of them is true")), nil
      )
    #if SEVK_SABOTAGE
      case .witnessed where Sabotage.current == .oneLine: witness = nil
    #endif
    case .witnessed(let witness):
      // One that begins anew again and again is asked about ever more slowly, and ends at the deadline like any other. The
      // same again, only too soon (somebody asked meanwhile), does not.
      let isAnew = order.witness.map { $0.kind == witness.kind && $0.fingerprint != witness.fingerprint } ?? false
      let pause = isAnew ? max(next, base.confirmation) : base.confirmation
      let note = Reason(order.status == .unresolved ? .answerLost : .askingAgain, witness.note)
      return (AfterQuery.orDeadline(note, age: age, next: pause, schedule: plan), witness)
    case .open(let kept): witness = kept
    case .proved:
      witness = nil
      if case .cancelled = outcome, let doubt = await doubtOfCancellation(reference, adapter, account) {
        outcome = .queryFailed(doubt)
      }
    }
    guard order.status == .unresolved else {
      return (AfterQuery.decide(outcome, age: age, next: next, schedule: plan), witness)
    }
    #if SEVK_SABOTAGE
      if Sabotage.current == .believeRefusal, let said = order.witness, said.isAboutSend {
        return (.refused(said.words), nil)
      }
    #endif
    let facts = adapter.facts(for: account)
    var evidence: NotReceivedEvidence?
    if LostAnswer.needsEvidence(
      outcome, age: age, checks: order.checks, asks: order.asks, schedule: plan, facts: facts, witness: witness,
      quiet: account.timeout),
      // What another account does not know proves nothing.
      try await store.sendTerms(of: order)?.accountEpoch == accountEpoch
    {
      let need = witness?.isAboutSend ?? false ? NotReceivedEvidence.Need.refused : .lost
      evidence = try await askControlQuestion(
        reference, account, digits: facts.referenceDigits, need)
    }
    return (
      LostAnswer.decide(
        outcome, age: age, next: next, schedule: plan, facts: facts, witness: witness, evidence: evidence), witness
    )
  }

  private func doubtOfCancellation(
    _ reference: String, _ adapter: any Adapter, _ account: ProviderAccount
  ) async -> String? {
    await client.doubtOfCancellation(
      reference: reference, digits: adapter.inventedDigits(beside: reference), account: account)
  }

  /// Of an order that can't be asked about.
  private func handToPerson(_ order: Order, isRead: Bool, _ schedule: CheckSchedule) async throws -> Outcome {
    let decision = Unaskable.decide(order, window: try await store.sendTerms(of: order)?.window)
    let said = OrderAnswer(
      work: .check, exchange: nil, sendState: nil, nextQuestion: .zero, sendsTook: .zero, deadline: schedule.deadline)
    do {
      return try await applier.apply(decision, to: order, because: said)
    } catch StoreError.conflict {
      return try await OrderJobRun.afterConflict(with: order, isRead: isRead, tools)
    }
  }

  private func isPinRequired(_ order: Order) async throws -> Bool {
    if let kept = try await store.sendTerms(of: order)?.isPinRequired { return kept }
    // Sent by a program that did not keep it.
    let routes = try await tools.directory.routes(tenant: order.tenantID, product: order.product)
    return routes.first { $0.providerID == order.providerID }?.isPinRequired ?? false
  }

  /// Asks about our reference, an invented one and one that the provider settled, round by round while they show the
  /// same, and then probes the account.
  private func askControlQuestion(
    _ reference: String, _ account: ProviderAccount, digits: Int, _ need: NotReceivedEvidence.Need
  ) async throws -> NotReceivedEvidence {
    // Without a reference to compare with nothing is proved, and the deadline still comes.
    // Not that it can't be read now: without it a refusal is believed on less.
    let known = try await store.settledReference(provider: account.id)
    var rounds: [NotReceivedEvidence.Round] = []
    repeat {
      let ours = await client.compare(reference: reference, account: account).1
      let invented = SendReference.make(digits: digits, using: &random)
      var round = NotReceivedEvidence.Round(
        ours: ours, invented: await client.compare(reference: invented, account: account).1, known: nil)
      if let known { round.known = await client.compare(reference: known, account: account).0 }
      rounds.append(round)
    } while rounds.count < need.rounds && rounds.last?.doubt(need) == nil
    return NotReceivedEvidence(need, rounds: rounds, probe: await client.probe(account: account).0)
  }
}

extension Witness {
  /// What support reads while the second answer is due.
  fileprivate var note: String {
    switch kind {
    case .completed: "the provider says that it is delivered; asking once more before that is believed"
    case .cancelled: "the provider says that it is cancelled (\(words)); asking once more before that is believed"
    case .refused, .account: words
    }
  }
}

extension QueryOutcome {
  /// Whether the answer, borne out, ends the order.
  fileprivate var settles: Bool {
    switch self {
    case .completed, .cancelled: true
    case .waiting, .notFound, .queryFailed, .unintelligible: false
    }
  }

  fileprivate var name: String {
    switch self {
    case .waiting: "waiting"
    case .completed: "completed"
    case .cancelled: "cancelled"
    case .notFound: "not_found"
    case .queryFailed: "query_failed"
    case .unintelligible: "unintelligible"
    }
  }
}
