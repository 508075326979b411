import Adapters
public import Calls
public import EventLoop
public import Jobs
public import Kinds
import Orders
public import ProviderGate
import Store
import Telemetry

/// Asks about an order that ended, once more: see ``SecondLookRule``. What contradicts its end twice contests it.
@LoopActor
public final class SecondLooker {
  /// Until a look tries again whether its provider may be asked; up to three times as long. Orders that are open go first.
  private static let shutOutPause = Duration.seconds(5)
  private static let earlyMax = Duration.milliseconds(250)

  private let tools: OrderTools
  private let client: ProviderClient
  private let gate: ProviderGate
  private let questions: QuestionGate
  private let looks: SecondLooks
  private var random = SystemRandomNumberGenerator()

  public init(_ tools: OrderTools, client: ProviderClient, gate: ProviderGate, questions: QuestionGate) {
    self.tools = tools
    self.client = client
    self.gate = gate
    self.questions = questions
    looks = SecondLooks(tools.store)
    let metrics = tools.metrics
    metrics.describe("sevk_second_looks_total", "counter", "Second looks at orders that ended, by what they showed")
    metrics.describe("sevk_orders_contested_total", "counter", "Orders whose end the provider contradicted later")
    metrics.add("sevk_orders_contested_total", by: 0)
  }

  public func run(_ job: LookAgain, _ context: JobContext) async throws -> Outcome {
    guard let id = OrderID(job.order) else { return .dead(reason: "\"\(job.order)\" is not an order id") }
    guard let look = try await looks.look(at: id) else { return .completed }
    guard let order = try await tools.store.order(id), order.version == look.version,
      order.status.canBecome(.contested), let providerID = order.providerID,
      let provider = try await tools.directory.provider(providerID),
      let adapter = tools.adapters.adapter(named: provider.adapter),
      let reference = try await tools.store.askedName(of: order, by: adapter),
      // Another account knows nothing of it.
      try await tools.store.sendTerms(of: order)?.accountEpoch == provider.accountEpoch
    else { return try await end(look, nil, "void") }
    if look.untilDue > Self.earlyMax { return .snooze(look.untilDue) }

    if let pause = await gate.waitBeforeAsking(provider) { return .snooze(max(pause, Self.shutOutPause)) }
    guard gate.bulkhead.enter(providerID) else {
      return .snooze(Self.shutOutPause * Double.random(in: 1...3, using: &random))
    }
    var isAnswered: Bool?
    defer { gate.bulkhead.leave(providerID, answered: isAnswered) }
    let ticket: QuestionGate.Ticket
    switch questions.enter(provider, isDue: false) {
    case .wait(let pause): return .snooze(pause)
    case .ask(let given): ticket = given
    }
    let account = ProviderAccount(provider)
    let (outcome, exchange, substance) = await client.query(reference: reference, account: account)
    isAnswered = exchange.status != nil
    questions.note(provider, ticket, exchange)
    tools.unfamiliar.note(provider, exchange, order: order.id)

    switch SecondLookRule.judge(outcome, order.status, isSamePin: try await isSamePin(outcome, order)) {
    case .agrees: return try await end(look, provider, "agrees")
    case .silent: return try await again(look, provider)
    case .contradicts(let contradiction):
      let print = try tools.store.fingerprint(
        ofWitness: Array("second look: \(contradiction.kind)/".utf8) + substance, of: id)
      let confirmation = provider.schedule(tools.schedule).confirmation
      guard let said = look.said, said.print == print, said.age >= confirmation / 2 else {
        try await looks.postpone(look, by: confirmation, tries: look.tries, said: print)
        return .snooze(confirmation)
      }
      if case .cancelled = outcome,
        await client.doubtOfCancellation(
          reference: reference, digits: adapter.inventedDigits(beside: reference), account: account) != nil
      {
        return try await again(look, provider)
      }
      return try await contest(order, look, contradiction, exchange, provider)
    }
  }

  private func contest(
    _ order: Order, _ look: SecondLook, _ contradiction: SecondLookRule.Contradiction, _ exchange: Exchange,
    _ provider: Provider
  ) async throws -> Outcome {
    let reason = Reason(
      .secondLook, "\(contradiction.words). Look at the provider's panel for which is true, then say what it shows")
    do {
      try await looks.contest(order, reason, exchange)
    } catch StoreError.conflict {
      return try await end(look, provider, "void")
    }
    tools.metrics.add("sevk_second_looks_total", ["provider": provider.name, "result": "contradicts"])
    tools.metrics.add("sevk_orders_contested_total")
    tools.log.error(
      "order contested", ["order": "\(order.id)", "reason": reason.text, "trace": order.traceID])
    return .completed
  }

  private func again(_ look: SecondLook, _ provider: Provider) async throws -> Outcome {
    let tries = look.tries + 1
    guard tries < SecondLookRule.triesMax else { return try await end(look, provider, "unanswered") }
    let pause = SecondLookRule.pause(afterTries: look.tries)
    try await looks.postpone(look, by: pause, tries: tries, said: nil)
    return .snooze(pause)
  }

  private func end(_ look: SecondLook, _ provider: Provider?, _ result: String) async throws -> Outcome {
    try await looks.end(look)
    if let provider { tools.metrics.add("sevk_second_looks_total", ["provider": provider.name, "result": result]) }
    return .completed
  }

  /// A PIN that can't be read, or is none, is no reason to contest anything.
  private func isSamePin(_ outcome: QueryOutcome, _ order: Order) async throws -> Bool {
    guard case .completed(let pin?, _) = outcome, pin.isCode, order.hasPin,
      let stored = try await tools.store.pin(of: order.id)
    else { return true }
    return stored.secret == pin.secret
  }
}
