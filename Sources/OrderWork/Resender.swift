import Adapters
import Calls
import CrashPoints
import EventLoop
import Jobs
import Orders
import ProviderGate
import Store
import Telemetry

/// Repeats a send whose answer was lost under its reference, where ``SameReference`` lets it.
@LoopActor
struct Resender {
  /// A question about an order that settled nothing, and what belongs to it.
  struct Question {
    let order: Order
    let provider: Provider
    let adapter: any Adapter
    let outcome: QueryOutcome
    /// What was said before and is open.
    let witness: Witness?
  }

  let tools: OrderTools
  let client: ProviderClient
  let gate: ProviderGate
  let applier: DecisionApplier
  private var store: Store { tools.store }

  init(_ tools: OrderTools, client: ProviderClient, gate: ProviderGate, applier: DecisionApplier) {
    (self.tools, self.client, self.gate, self.applier) = (tools, client, gate, applier)
    tools.metrics.describe(
      "sevk_order_resends_total", "counter",
      "Sends repeated under their reference at a provider that books it once, by what the answer was")
  }

  /// - Returns: what becomes of the job; nil when nothing was repeated, and the question's answer is to be judged as any.
  func attempt(_ question: Question, _ schedule: CheckSchedule, lease: Lease) async throws -> Outcome? {
    let (order, provider) = (question.order, question.provider)
    let account = ProviderAccount(provider)
    guard order.status == .unresolved, !order.isRefundClaimed, let reference = order.sendReference,
      let adapter = question.adapter as? any SendingAdapter,
      // A stock sets codes aside only for a send that is under way, and that it has none for one is proof.
      type(of: adapter).channel == .http
    else { return nil }
    let facts = adapter.facts(for: account)
    let plan = schedule.afterLostAnswer
    guard
      SameReference.isDue(
        question.outcome, age: order.sinceSend ?? .zero, checks: order.checks, asks: order.asks, schedule: plan,
        facts: facts, witness: question.witness),
      let terms = try await store.sendTerms(of: order), terms.accountEpoch == provider.accountEpoch,
      terms.resends < SameReference.resendsMax, let destination = try await destination(of: order),
      let print = try? store.sentPrint(of: destination.parameters, order.id, like: terms.sentPrint),
      print == terms.sentPrint
    else { return nil }
    let evidence = try await ask(reference, account)
    guard evidence.isAllowed else { return nil }
    guard case .go(let permit) = try await gate.enter(provider, order) else { return nil }
    defer { permit.leave() }
    let stopwatch = Stopwatch()
    let note = "\(evidence.words) (repetition \(terms.resends + 1) of at most \(SameReference.resendsMax))"
    let intent = Resend(
      order, accountEpoch: provider.accountEpoch, print: print, lasts: Sender.lastsMax(provider),
      note: Reason(.answerLost, "\(note); sending it again under the same reference"))
    guard let begun = try await store.begin(intent) else { return nil }
    CrashPoint.reach(.resendIntended)
    guard lease.isHeld(), stopwatch.elapsed < ProviderGate.sendStartMax else { return .snooze(.zero) }
    let (answer, exchange) = await client.send(
      reference: reference, parameters: destination.parameters, account: account,
      notAfter: ContinuousClock.now + ProviderGate.sendStartMax - stopwatch.elapsed)
    CrashPoint.reach(.resendAnswered)
    permit.leave(answer, exchange)
    tools.instruments.countCall(provider, exchange, answer.name)
    tools.metrics.add("sevk_order_resends_total", ["provider": provider.name, "outcome": answer.name])
    tools.unfamiliar.note(provider, exchange, order: order.id)
    let outcome = terms.isPinRequired ?? false ? answer.demandingPin : answer
    return try await record(outcome, exchange, of: begun, plan, facts, note: note)
  }

  private func record(
    _ outcome: SendOutcome, _ exchange: Exchange, of order: Order, _ plan: CheckSchedule, _ facts: ProviderFacts,
    note: String
  ) async throws -> Outcome {
    var random = SystemRandomNumberGenerator()
    let next = plan.delay(afterChecks: 0, using: &random)
    var witness: Witness?
    if case .delivered(let pin, _, _) = outcome {
      witness = AfterSend.witness(
        outcome,
        fingerprint: try store.fingerprint(ofWitness: pin.map { Array($0.secret.utf8) } ?? [], of: order.id))
    }
    let answer = OrderAnswer(
      work: .check, exchange: exchange, sendState: .accepted, receipt: outcome.receipt, witness: witness,
      nextQuestion: witness == nil ? next : plan.confirmation, sendsTook: .zero, deadline: plan.deadline)
    do {
      return try await applier.apply(
        SameReference.decide(outcome, trust: facts.deliveryTrust, next: next, note: note), to: order, because: answer)
    } catch StoreError.conflict {
      // Somebody else holds the newer version and goes on with it.
      return .snooze(.zero)
    }
  }

  /// Where the send went, by today's routes; nil when they lead elsewhere.
  private func destination(of order: Order) async throws -> Destination? {
    let routes = try await tools.directory.routes(tenant: order.tenantID, product: order.product)
    guard let route = routes.first(where: { $0.providerID == order.providerID }),
      let found = try await Destination.of(
        route, fields: order.fields, quantity: order.quantity, in: tools.directory, tools.adapters),
      found.mistakes.isEmpty
    else { return nil }
    return found
  }

  private func ask(
    _ reference: String, _ account: ProviderAccount
  ) async throws -> (isAllowed: Bool, words: String) {
    let known = try await store.settledReference(provider: account.id)
    var rounds: [SameReference.Round] = []
    for _ in 0..<SameReference.roundsMin {
      let ours = await client.compare(reference: reference, account: account).0
      guard case .notFound = ours else { return (false, "") }
      var round = SameReference.Round(ours: ours, known: nil)
      if let known { round.known = await client.compare(reference: known, account: account).0 }
      rounds.append(round)
    }
    var probe = ProbeOutcome.working(balance: nil)
    if client.canProbe(account) { probe = await client.probe(account: account).0 }
    return SameReference.verdict(rounds, probe: probe)
  }
}
