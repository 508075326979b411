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

/// Sends one order to its provider. The story of a send:
///
/// 1. Read the order. Only `pending` is ever sent; anything else was done already, or is being found out.
/// 2. Choose the route, fill its parameters, make a reference, wait for the provider's limits. Each time it waits the route is
///    chosen anew: one whose provider stays shut may be given up for another (`RouteChoice`).
/// 3. Commit the intent: status `sending` with the reference. From here on a crash is followed by questions, never by a
///    second send.
/// 4. Send, once, unless step 3 took so long that others may already take this process for dead.
/// 5. Move the order by what the answer proves, and plan the first question.
@LoopActor
public final class Sender {
  /// Who finds the order in `sending` waits for this and the provider's timeout to pass, and then knows that no request of
  /// ours is still on its way.
  private static let sendStartMax = ProviderGate.sendStartMax
  private static let sendEndMargin = Duration.seconds(1)

  private let tools: OrderTools
  private let client: ProviderClient
  private let gate: ProviderGate
  private let applier: DecisionApplier
  private var random = SystemRandomNumberGenerator()
  private var store: Store { tools.store }
  private var schedule: CheckSchedule { tools.schedule }

  public init(_ tools: OrderTools, client: ProviderClient, gate: ProviderGate) {
    self.tools = tools
    self.client = client
    self.gate = gate
    applier = DecisionApplier(tools)
    tools.instruments.describeCalls()
    tools.instruments.describeRoutes()
    tools.times.describe()
  }

  public func run(_ job: DispatchOrder, _ context: JobContext) async throws -> Outcome {
    CrashPoint.reach(.sendClaimed)
    let order: Order
    let isRead: Bool
    switch try await OrderJobRun.begin(job.id, tools) {
    case .over(let outcome): return outcome
    case .order(let found, let read): (order, isRead) = (found, read)
    }
    #if SEVK_SABOTAGE
      Sabotage.crash(on: order, in: .dispatch)
    #endif
    do {
      switch order.status {
      case .pending:
        var waits = OrderWaits(carried: context.record.payload, sends: order.sends)
        waits.end(age: order.age)
        if let wait = await OrderJobRun.wait(for: order, tools) {
          // Of one that nobody had yet it is no wait that means anything.
          guard let last = order.providerID else { return .snooze(wait) }
          return .snooze(wait, carrying: waits.waiting(for: .init(.again, at: last), wait, age: order.age))
        }
        return try await send(order, waits, context)
      case .sending:
        #if SEVK_SABOTAGE
          if Sabotage.current == .noIntent {
            return try await send(order.asIfPending, OrderWaits(sends: order.sends), context)
          }
        #endif
        return try await takeUpAbandoned(order)
      case .sent, .unresolved:
        guard isRead else { return .snooze(.zero) }
        // Whoever noted the answer may have died before it planned the first question.
        await tools.plan(.check, of: order, after: max(order.untilDue ?? .zero, .zero))
        return .completed
      case .held, .completed, .failed, .cancelled, .contested:
        return .completed
      }
    } catch StoreError.conflict {
      return try await OrderJobRun.afterConflict(with: order, isRead: isRead, tools)
    }
  }

  // MARK: Steps 2 to 4

  private func send(_ order: Order, _ waits: OrderWaits, _ context: JobContext) async throws -> Outcome {
    let finder = RouteFinder(store: store, directory: tools.directory, outlooks: gate)
    var unfit: Set<Int64> = []
    var asked: Set<Int64> = []
    var next = try await finder.next(for: order)
    // Ends: each round but the last leaves a route out, or asks a provider that was not asked before.
    while let found = next {
      // A newer version of this program may have it: no reason to fail the order for good.
      guard
        let destination = try await Destination.of(
          found.route, fields: order.fields, quantity: order.quantity, in: tools.directory, tools.adapters)
      else { return .retry(reason: "the provider of the route can't be used by this dispatcher; see its log") }
      let provider = destination.provider
      if found.isTooDear {
        gate.countTooDear(provider)
        let pause = await gate.turn(at: provider, after: ProviderGate.lookAgainPause)
        return .snooze(pause, carrying: waits.waiting(for: .init(.price, at: provider.id), pause, age: order.age))
      }
      guard destination.mistakes.isEmpty else {
        // A route that was only preferred to another must not fail what the other takes.
        if found.choice?.why.isPreference ?? false, unfit.insert(found.route.id).inserted,
          let other = try await finder.next(for: order, unfit: unfit)
        {
          next = other
          continue
        }
        return try await fail(
          order,
          Reason(.invalidFields, "not sent: \(destination.mistakes.map(\.description).joined(separator: "; "))"))
      }
      switch try await gate.enter(provider, order) {
      case .go(let pass): return try await send(order, waits, found, destination, pass, context)
      case .wait(let pause, let why):
        asked.insert(provider.id)
        var goesOn = found.goesOn
        // Its provider shut a moment ago, and that may be reason enough to take another.
        if why.isShut, found.choice != nil, goesOn == nil {
          gate.forgetOutlook(provider, for: found.route)
          let again = try await finder.next(for: order, unfit: unfit)
          if let again, !asked.contains(again.route.providerID) {
            next = again
            continue
          }
          goesOn = again?.goesOn
        }
        let wait = OrderWaits.Wait(await gate.cause(of: why, at: provider, order), at: provider.id)
        let all = await gate.wait(pause, for: order, goesOn)
        return .snooze(all, carrying: waits.waiting(for: wait, all, age: order.age))
      }
    }
    return try await fail(order, Reason(.noRoute, "there is no route left for the product \(order.product)"))
  }

  private func send(
    _ order: Order, _ waits: OrderWaits, _ found: RouteFinder.Found, _ destination: Destination, _ pass: SendPermit,
    _ context: JobContext
  ) async throws -> Outcome {
    let (route, hasOther, notSentBefore) = (found.route, found.hasOther, found.notSentBefore)
    let (provider, facts) = (destination.provider, destination.adapter.facts)
    // Who may pass it on must know where it comes from.
    let chain =
      destination.adapter is any ForwardingAdapter
      ? try await store.chain(of: order.id).adding(order.id) : OrderChain()
    let schedule = provider.schedule(schedule)
    defer { pass.leave() }
    let stopwatch = Stopwatch()
    let reference = SendReference.make(digits: facts.referenceDigits, using: &random)
    var intent = Transition(order, to: .sending)
    intent.send = (provider.id, reference)
    intent.terms = (route.isPinRequired, provider.accountEpoch)
    if facts.isBookedOnce { intent.sentPrint = try store.sentPrint(of: destination.parameters, order.id) }
    intent.dueIn = Self.lastsMax(provider)
    (intent.choice, intent.catalogCost, intent.waits) = (found.choice, pass.catalogCost, waits)
    tools.instruments.tracer?.note(.allowed)
    CrashPoint.reach(.sendAllowed)
    let sending = try await store.applyPersistently(intent)
    tools.instruments.tracer?.note(.intended)
    tools.times.began(sending, before: order, waits)
    CrashPoint.reach(.sendIntended)
    if let choice = found.choice { tools.instruments.count(choice.why, of: provider) }
    #if SEVK_SABOTAGE
      Sabotage.crash(on: order, in: .send)
    #endif
    guard context.lease.isHeld(), stopwatch.elapsed < Self.sendStartMax else {
      let late = SendOutcome.notSent("this process was held up between deciding and sending")
      return try await record(late, nil, of: sending, schedule, destination.adapter, hasOther, notSentBefore)
    }
    CrashPoint.reachSoon(.sendUnanswered)
    let (answer, exchange) = await client.send(
      reference: reference, parameters: destination.parameters, account: ProviderAccount(provider), chain: chain,
      notAfter: ContinuousClock.now + Self.sendStartMax - stopwatch.elapsed)
    CrashPoint.reach(.sendAnswered)
    pass.leave(answer, exchange)
    tools.instruments.countCall(provider, exchange, answer.name)
    tools.unfamiliar.note(provider, exchange, order: order.id)
    tools.instruments.countPrice(provider, answer.receipt?.cost, catalog: pass.catalogCost)
    let outcome = route.isPinRequired ? answer.demandingPin : answer
    return try await record(outcome, exchange, of: sending, schedule, destination.adapter, hasOther, notSentBefore)
  }

  // MARK: Step 5

  private func record(
    _ outcome: SendOutcome, _ exchange: Exchange?, of order: Order, _ schedule: CheckSchedule,
    _ adapter: any SendingAdapter,
    _ hasOtherRoute: Bool, _ notSentBefore: Int
  ) async throws -> Outcome {
    let facts = adapter.facts
    let result = AfterSend.decide(
      outcome, sendsProvedNotSent: notSentBefore + 1, hasOtherRoute: hasOtherRoute, trust: facts.deliveryTrust,
      schedule: schedule)
    var next = AfterSend.Next.sent
    if case .move(let found, _) = result { next = found }
    let answer = OrderAnswer(
      work: .send, exchange: exchange, sendState: outcome.sendState, receipt: outcome.receipt,
      witness: AfterSend.witness(outcome, fingerprint: try fingerprint(of: outcome, order)),
      // Of a desk nothing is asked: its clock looks at once until when it is offered.
      nextQuestion: type(of: adapter).channel == .desk && next == .sent
        ? .zero : AfterSend.firstPause(outcome, next, schedule: schedule, using: &random),
      sendsTook: AfterSend.leastElapsed(sends: notSentBefore + 1, schedule), deadline: schedule.deadline)
    return try await applier.apply(result.decision, to: order, because: answer)
  }

  /// What another answer must repeat before a delivery is believed.
  private func fingerprint(of outcome: SendOutcome, _ order: Order) throws -> [UInt8] {
    guard case .delivered(let pin, _, _) = outcome else { return [] }
    return try store.fingerprint(ofWitness: pin.map { Array($0.secret.utf8) } ?? [], of: order.id)
  }

  /// From the intent until surely no request of ours is on its way any more.
  static func lastsMax(_ provider: Provider) -> Duration { sendStartMax + provider.timeout + sendEndMargin }

  /// An order in `sending` whose sender is gone. Nobody knows whether its bytes left, so the provider is asked.
  private func takeUpAbandoned(_ order: Order) async throws -> Outcome {
    if let wait = order.untilDue, wait > .zero {
      guard let id = order.providerID, let provider = try await tools.directory.provider(id),
        wait > Self.lastsMax(provider) + Self.sendEndMargin
      else { return .snooze(wait) }
      let waitMax = Self.lastsMax(provider)
      // No send lasts so long: a clock was ahead when that was written. The wait begins anew.
      try await store.askAgain(order, after: waitMax, Reason(nil, "its sender is gone"), exchange: nil)
      return .snooze(waitMax)
    }
    var move = Transition(
      order, to: .unresolved,
      Reason(.answerLost, "the process that was sending it stopped before it could note the answer"))
    move.sendState = .unknown
    var plan = schedule
    if let id = order.providerID, let provider = try await tools.directory.provider(id) {
      plan = provider.schedule(schedule)
    }
    let dueIn = plan.afterLostAnswer.delay(afterChecks: 0, using: &random)
    move.dueIn = dueIn
    let now = try await store.applyPersistently(move)
    tools.times.moved(now, before: order, nil)
    tools.log.warning(
      "order unresolved: its sender is gone",
      [
        "order": "\(order.id)", "provider": tools.providerName(order), "tenant": tools.tenantName(order),
        "took_ms": "\(now.milliseconds)", "trace": order.traceID,
      ])
    await tools.plan(.check, of: order, after: dueIn)
    return .completed
  }

  private func fail(_ order: Order, _ reason: Reason) async throws -> Outcome {
    let now = try await store.applyPersistently(Transition(order, to: .failed, reason))
    tools.log.warning(
      "order failed",
      [
        "order": "\(order.id)", "reason": reason.text, "provider": tools.providerName(order),
        "tenant": tools.tenantName(order), "took_ms": "\(now.milliseconds)", "trace": order.traceID,
      ])
    return .completed
  }
}

#if SEVK_SABOTAGE
  extension Order {
    fileprivate var asIfPending: Order {
      var order = self
      order.status = .pending
      return order
    }
  }
#endif

extension SendOutcome {
  var name: String {
    switch self {
    case .accepted: "accepted"
    case .delivered: "delivered"
    case .refused: "refused"
    case .accountTrouble: "account_trouble"
    case .notSent: "not_sent"
    case .unknown: "unknown"
    }
  }

  var sendState: SendState {
    switch self {
    case .accepted, .delivered: .accepted
    case .notSent: .notSent
    // What the provider says of itself is open until a question bears it out.
    case .refused, .accountTrouble, .unknown: .unknown
    }
  }
}
