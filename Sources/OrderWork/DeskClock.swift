import EventLoop
import Jobs
import Orders
import Store
import Telemetry

/// The check of an order that is `sent` at a desk: nobody is asked, our own books say whether its time is up.
@LoopActor
struct DeskClock {
  /// A due time that is so near to the right one is left as it is.
  private static let dueSlack = Duration.seconds(1)

  private let tools: OrderTools
  private let fulfilments: Fulfilments

  init(_ tools: OrderTools) {
    self.tools = tools
    fulfilments = Fulfilments(
      store: tools.store, directory: tools.directory, broker: nil, schedule: tools.schedule, tools.instruments)
  }

  /// - Parameter schedule: the provider's.
  func run(_ order: Order, _ schedule: CheckSchedule) async throws -> Outcome {
    switch try await fulfilments.tick(order.id) {
    case .moved(let now):
      tools.times.moved(now, before: order, nil)
      guard let work = now.status.work else { return .completed }
      let wait = max(now.untilDue ?? .zero, .zero)
      if work == .check { return .snooze(wait) }
      await tools.plan(work, of: now, after: wait)
      return .completed
    case .notYet(let wait): return try await postpone(order, wait)
    case .noDeadline(nil):
      let reason = Reason(
        .personDecides, "it is sent at a desk that has nothing of it: ask whoever said so what became of it")
      try await tools.store.applyPersistently(Transition(order, to: .held, reason))
      return .completed
    case .noDeadline(let loaded?):
      guard loaded.now.status == .sent else { return .completed }
      // A person gave it back to whoever has it: that counts from then.
      let left = schedule.deadline - (order.sinceSend ?? .zero)
      if left > .zero { return try await postpone(order, left) }
      let reason = Reason(
        .noFinalAnswer, "\(loaded.now.name(loaded.now.holder)) has it and has not said that it is done; ask them")
      try await tools.store.applyPersistently(Transition(order, to: .held, reason))
      return .completed
    }
  }

  /// The next look is due then, also for who rebuilds jobs.
  private func postpone(_ order: Order, _ wait: Duration) async throws -> Outcome {
    let off = (order.untilDue ?? .zero) - wait
    if off > Self.dueSlack || off < .zero - Self.dueSlack {
      let note = Reason(order.reasonCode, order.reason)
      try await tools.store.askAgain(order, after: wait, note, exchange: nil)
    }
    return .snooze(max(wait, .milliseconds(1)))
  }
}
