public import EventLoop
public import Jobs
import Kinds
public import Orders
public import Store

/// Has the provider asked about an order now, instead of when the schedule says: for a shop that waits, and for support.
@LoopActor
public struct AskNow {
  /// What came of it.
  public enum Answer: Sendable, Equatable {
    /// The question is due; it goes as soon as the provider's limits let it.
    case asked
    /// The last one is not long enough ago.
    case tooSoon(Duration)
    /// There is nothing to ask, and why.
    case refused(String)
  }

  /// At the least between two questions about an order that somebody wants.
  public nonisolated static let pause = CheckSchedule.askPauseMin

  private let store: Store
  private let directory: Directory
  private let broker: any Broker

  public init(store: Store, directory: Directory, broker: any Broker) {
    self.store = store
    self.directory = directory
    self.broker = broker
  }

  /// - Parameter person: who wants it and why, for the order's story; nil for a program that waits for it.
  public func ask(_ order: Order, for person: (who: String, note: String)? = nil) async throws -> Answer {
    if let why = Self.refusal(order) { return .refused(why) }
    switch try await store.askNow(order, pause: Self.pause) {
    case .tooSoon(let wait): return .tooSoon(wait)
    case .moved: return .refused("the order has just moved on")
    case .asked: break
    }
    await bringForward(order)
    if let person { try await store.noteAsk(order, who: person.who, note: person.note) }
    return .asked
  }

  /// Has a question that is due in PostgreSQL go now. What Redis does not take is found by the reconciler.
  func bringForward(_ order: Order) async {
    let flow = directory.flow(order)
    let job =
      order.status.work.map { OrderJob.make($0, of: order, flow: flow, delay: .zero) }
      ?? SecondLookJobs.job(order.id, flow: flow, trace: order.trace)
    if let result = try? await broker.enqueue([job]), result == [.duplicate(.delayed)] {
      _ = try? await broker.revive(job.id, in: job.queue)
    }
  }

  /// Why there is nothing to ask; nil when there is.
  public nonisolated static func refusal(_ order: Order) -> String? {
    switch order.status {
    case .sent, .unresolved: nil
    // Of one that ended, whether that still holds: a lost request may have arrived after all.
    case .completed, .failed: order.sendReference == nil ? "no provider was ever sent it" : nil
    case .cancelled: order.sendReference == nil ? "it was withdrawn before any provider was sent it" : nil
    case .pending: "it was not sent yet"
    case .sending: "it is being sent right now"
    case .held, .contested: "it waits for a person, who looks at the provider's panel"
    }
  }
}
