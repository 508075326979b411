import CrashPoints
import EventLoop
import Jobs
import Orders
import Store
import Telemetry

/// Writes what was decided for an order, and plans the job that follows. The only way in which an answer changes an order,
/// whatever brought it.
@LoopActor
struct DecisionApplier {
  /// An order that is asked about again so soon is mostly asked by this process.
  private static let soon = Duration.seconds(4)

  private let tools: OrderTools
  private var store: Store { tools.store }

  init(_ tools: OrderTools) {
    self.tools = tools
    tools.metrics.describe("sevk_shared_pins_total", "counter", "Orders held because they got the PIN of another")
    tools.metrics.add("sevk_shared_pins_total", by: 0)
  }

  /// - Throws: `StoreError.conflict` when the order has moved on meanwhile: then nothing was written.
  /// - Returns: what becomes of the job that brought the answer.
  func apply(_ decision: Decision, to order: Order, because answer: OrderAnswer) async throws -> Outcome {
    #if SEVK_SABOTAGE
      if Sabotage.current == .forgetClaim { return try await carryOut(decision, order, answer) }
    #endif
    do {
      return try await carryOut(order.isRefundClaimed ? decision.afterClaim : decision, order, answer)
    } catch StoreError.conflict(let id) {
      // Its shop claimed the refund while the answer was on its way: the answer still counts, but sends nothing.
      guard !order.isRefundClaimed, let now = try await store.order(id), now.isRefundClaimed,
        now.version == order.version
      else { throw StoreError.conflict(id) }
      return try await carryOut(decision.afterClaim, now, answer)
    }
  }

  private func carryOut(_ decision: Decision, _ order: Order, _ answer: OrderAnswer) async throws -> Outcome {
    switch decision {
    case .askAgain(let pause, let note):
      let noted = try await store.askAgain(
        order, after: pause, note, exchange: answer.exchange, witness: answer.witness)
      tools.times.moved(noted, before: order, answer.exchange)
      if pause <= Self.soon { tools.recent.keep(noted) }
      CrashPoint.reach(.checkPostponed)
      return .snooze(pause)
    case .move(let status, let reason):
      var move = Transition(order, to: status, reason)
      move.sendState = answer.sendState
      // What a person is asked about says nothing yet of the send.
      if status == .held { move.sendState = nil }
      // A claimed order is withdrawn by the proof that it is not there.
      if status == .cancelled, answer.work == .check { move.sendState = .notReceived }
      if status.work != nil {
        move.dueIn = answer.nextQuestion
        move.witness = answer.witness
      }
      return try await write(move, order, answer)
    case .complete(let pin, let note):
      var move = Transition(order, to: .completed, Reason(.delivered, note.isEmpty ? nil : note))
      move.sendState = .accepted
      fill(&move, answer)
      let (made, now, holder) = try await store.deliver(pin, to: order, move)
      if let holder {
        tools.metrics.add("sevk_shared_pins_total")
        tools.log.error(
          "the provider gave the PIN of another order",
          ["order": "\(order.id)", "other": "\(holder.id)", "trace": order.traceID])
      }
      return await written(made, order, now, answer)
    case .refused(let why):
      // Whose refund is claimed needs no other provider.
      var hasNext = false
      if !order.isRefundClaimed {
        hasNext = try await RouteFinder.hasNext(afterRefusalOf: order, store, tools.directory)
      }
      var move = Transition(
        order, to: hasNext ? .pending : .failed,
        hasNext
          ? Reason(.nextProvider, "the provider refused, so the next one is tried: \(why)")
          : Reason(.refused, "the provider refused: \(why)"))
      move.sendState = .refused
      move.dueIn = hasNext ? .zero : nil
      return try await write(move, order, answer)
    case .sendAgain(let pause, let reason):
      return try await sendAgain(order, after: pause, reason, answer)
    }
  }

  /// Not for ever: an order whose every send gets lost is a person's by its deadline. Nor one that ends its senders.
  private func sendAgain(
    _ order: Order, after pause: Duration, _ reason: String, _ answer: OrderAnswer
  ) async throws -> Outcome {
    // A sender that answers has not died at it.
    let poison =
      answer.work == .send
      ? nil : PoisonOrder.reasonNotToSendAgain(sendersDied: try await store.sendersDied(at: order.id))
    let isTooOld = min(order.age, answer.sendsTook) > answer.deadline
    let isHeld = isTooOld || poison != nil
    var move = Transition(
      order, to: isHeld ? .held : .pending,
      Reason(
        poison != nil ? .processesDied : isHeld ? .notSent : .sendingAgain,
        poison.map { "\($0). Its last send is \(reason)" } ?? reason))
    move.sendState = answer.work == .send ? answer.sendState : .notReceived
    move.dueIn = isHeld ? nil : pause
    return try await write(move, order, answer)
  }

  private func fill(_ move: inout Transition, _ answer: OrderAnswer) {
    move.exchange = answer.exchange
    (move.cost, move.balance) = (answer.receipt?.cost, answer.receipt?.balance)
    move.providerOrderID = answer.receipt?.providerOrderID
  }

  private func write(_ move: Transition, _ order: Order, _ answer: OrderAnswer) async throws -> Outcome {
    var move = move
    fill(&move, answer)
    let now = try await store.applyPersistently(move)
    return await written(move, order, now, answer)
  }

  /// Tells of a move that is committed, and plans what follows. Who dies here is followed by the reconciler.
  ///
  /// - Parameters:
  ///   - order: as it was before.
  ///   - now: as it is.
  private func written(_ move: Transition, _ order: Order, _ now: Order, _ answer: OrderAnswer) async -> Outcome {
    tools.times.moved(now, before: order, answer.exchange)
    let isBack = move.to == .pending
    switch (answer.work, isBack) {
    case (.send, _): CrashPoint.reach(.sendRecorded)
    case (.check, false): CrashPoint.reach(.checkRecorded)
    case (.check, true): CrashPoint.reach(.resendRecorded)
    }
    let fields: KeyValuePairs<String, String?> = [
      "order": "\(order.id)", "attempt": "\(order.sends)", "reason": move.reason.text, "wire": answer.exchange?.error,
      "provider": tools.providerName(now), "tenant": tools.tenantName(now), "took_ms": "\(now.milliseconds)",
      "trace": order.traceID,
    ]
    if isBack, answer.work == .send {
      tools.log.warning("order not sent", fields)
    } else {
      tools.log.info("order \(move.to.rawValue)", fields)
    }
    guard let next = move.to.work, let dueIn = move.dueIn else { return .completed }
    if next == answer.work { return .snooze(dueIn) }
    await tools.plan(next, of: order, after: dueIn)
    if answer.work == .send { CrashPoint.reach(.sendPlanned) }
    return .completed
  }
}
