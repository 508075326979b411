import Adapters
import CrashPoints
import EventLoop
import Jobs
import Orders
import Queue
import Service
import Store

/// Asks the provider about one order, and moves the order by what the answer proves.
///
/// The decisions stand in `Orders`: ``AfterQuery`` for an order that the provider is known to have, ``LostAnswer`` for
/// one whose send got no answer. Here they are only carried out.
@LoopActor
final class Checker {
  private let frame: ProcessFrame
  private let client: ProviderClient
  private let gate: ProviderGate
  private let schedule: CheckSchedule
  private var random = SystemRandomNumberGenerator()
  private var store: Store { frame.store }

  /// A job may come a little before the database's due time, since two clocks are at work; that is no reason to wait.
  private static let earlyMax = Duration.milliseconds(250)

  init(frame: ProcessFrame, client: ProviderClient, schedule: CheckSchedule) {
    self.frame = frame
    self.client = client
    gate = ProviderGate(frame: frame, client: client)
    self.schedule = schedule
    frame.metrics.describe("sevk_provider_calls_total", "counter", "Calls to providers, by what they proved")
    frame.metrics.describe("sevk_provider_call_duration_seconds", "histogram", "How long calls to providers took")
  }

  func run(_ job: CheckOrder, _ context: JobContext) async throws -> Outcome {
    CrashPoint.reach(.checkClaimed)
    guard let id = OrderID(job.id) else { return .dead(reason: "\"\(job.id)\" is not an order id") }
    guard let order = try await store.order(id) else {
      return .retry(reason: "there is no order \(id) (yet): its commit may not be visible here")
    }
    if order.status == .pending {
      // Whoever noted that it was not received may have died before it planned the next send.
      await planSend(order, after: max(order.untilDue ?? .zero, .zero))
    }
    guard order.status == .sent || order.status == .unresolved else { return .completed }
    if let wait = order.untilDue, wait > Self.earlyMax { return .snooze(wait) }
    guard let providerID = order.providerID, let reference = order.providerReference,
      let provider = try await frame.directory.provider(providerID),
      let adapter = AdapterRegistry.adapter(named: provider.adapter)
    else { return .retry(reason: "the provider of order \(id) is not configured, or this version lacks its adapter") }

    if let pause = await gate.waitBeforeAsking(provider) { return .snooze(pause) }
    let account = ProviderAccount(provider)
    CrashPoint.reach(.checkAllowed)
    let (outcome, exchange) = await client.query(reference: reference, account: account)
    CrashPoint.reach(.checkAnswered)
    frame.countCall(provider, exchange, outcome.name)

    let base = provider.schedule(schedule)
    let plan = order.status == .unresolved ? base.afterLostAnswer : base
    let next = plan.delay(afterChecks: order.checks + 1, using: &random)
    let age = order.sinceSend ?? .zero
    let decision: Decision
    if order.status == .unresolved {
      let facts = adapter.facts(for: account)
      var evidence: NotReceivedEvidence?
      if LostAnswer.needsEvidence(outcome, age: age, schedule: plan, facts: facts) {
        evidence = try await askControlQuestion(exchange, account, digits: facts.referenceDigits)
      }
      decision = LostAnswer.decide(
        outcome, age: age, next: next, schedule: plan, facts: facts, evidence: evidence)
    } else {
      decision = AfterQuery.decide(outcome, age: age, next: next, schedule: plan)
    }
    do {
      return try await carryOut(decision, order, exchange, base)
    } catch StoreError.conflict {
      // Somebody else holds the newer version and goes on with it.
      return .completed
    }
  }

  /// Asks about an invented reference and about one that the provider settled, and probes the account, last: what works
  /// then worked for the questions.
  private func askControlQuestion(
    _ ours: Exchange, _ account: ProviderAccount, digits: Int
  ) async throws -> NotReceivedEvidence {
    let (_, invented) = await client.query(
      reference: Reference.make(digits: digits, using: &random), account: account)
    var known: QueryOutcome?
    if let reference = try await store.settledReference(provider: account.id) {
      known = await client.query(reference: reference, account: account).0
    }
    let (probe, _) = await client.probe(account: account)
    func answer(_ exchange: Exchange) -> [UInt8]? { exchange.status == 200 ? exchange.reply : nil }
    return NotReceivedEvidence(probe: probe, ours: answer(ours), invented: answer(invented), known: known)
  }

  private func carryOut(
    _ decision: Decision, _ order: Order, _ exchange: Exchange, _ schedule: CheckSchedule
  ) async throws -> Outcome {
    switch decision {
    case .askAgain(let pause, let note):
      try await store.askAgain(order, after: pause, note: note, exchange: exchange)
      CrashPoint.reach(.checkPostponed)
      return .snooze(pause)
    case .complete(let pin, let note):
      var move = Transition(order, to: .completed, reason: note.isEmpty ? nil : note)
      move.sealedPin = try pin.map { try store.seal($0, of: order.id) }
      move.attempt = .accepted
      return try await finish(order, move, exchange)
    case .move(let status, let reason):
      var move = Transition(order, to: status, reason: reason)
      // That it was cancelled there, or is being worked on, proves that it was received.
      if status != .held { move.attempt = .accepted }
      guard status == .sent else { return try await finish(order, move, exchange) }
      let pause = schedule.delay(afterChecks: 0, using: &random)
      move.dueIn = pause
      _ = try await finish(order, move, exchange)
      return .snooze(pause)
    case .sendAgain(let pause, let reason):
      // Not for ever: an order whose every send gets lost is a person's by its deadline.
      let isTooOld = order.age > schedule.deadline
      var move = Transition(order, to: isTooOld ? .held : .pending, reason: reason)
      move.attempt = .notReceived
      move.dueIn = isTooOld ? nil : pause
      let outcome = try await finish(order, move, exchange)
      CrashPoint.reach(.resendRecorded)
      if !isTooOld { await planSend(order, after: pause) }
      return outcome
    }
  }

  private func finish(_ order: Order, _ move: Transition, _ exchange: Exchange) async throws -> Outcome {
    var move = move
    move.exchange = exchange
    try await store.applyPersistently(move)
    CrashPoint.reach(.checkRecorded)
    frame.log.info(
      "order \(move.to.rawValue)", ["order": "\(order.id)", "reason": move.reason, "trace": order.trace])
    return .completed
  }

  private func planSend(_ order: Order, after pause: Duration) async {
    let job = NewJob(
      DispatchOrder(order: "\(order.id)"), priority: JobPriority(order.priority), flow: frame.flow(order),
      delay: pause, trace: order.trace ?? "")
    await frame.planner.plan(job, to: .dispatch)
  }
}

extension QueryOutcome {
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
