public import Jobs
import Kinds
public import Orders

/// The job that an order waits for: which, in which queue, and how it is made. Nobody else makes one.
public enum OrderJob {
  /// - Parameters:
  ///   - flow: see `Directory.flow`.
  ///   - trace: as it is stored; see `Order.jobTrace`.
  ///   - now: when it is made, in ms of Unix time.
  public static func make(
    _ work: Status.Work, _ id: OrderID, _ priority: Priority, flow: String, delay: Duration = .zero, trace: String?,
    now: Int64 = 0
  ) -> PlannedJob {
    let (id, priority, trace) = (id.description, JobPriority(priority), Order.jobTrace(trace))
    return switch work {
    case .send:
      PlannedJob(DispatchOrder(order: id), priority: priority, flow: flow, delay: delay, trace: trace, now: now)
    case .check: PlannedJob(CheckOrder(order: id), priority: priority, flow: flow, delay: delay, trace: trace, now: now)
    }
  }

  public static func make(_ work: Status.Work, of order: Order, flow: String, delay: Duration) -> PlannedJob {
    make(work, order.id, order.priority, flow: flow, delay: delay, trace: order.trace)
  }
}

extension Status.Work {
  public var queue: QueueName {
    switch self {
    case .send: DispatchOrder.queue
    case .check: CheckOrder.queue
    }
  }

  /// The program that does it; nil where none has its queue.
  public var program: String? { JobKinds.sevk.program(of: queue) }

  /// What the jobs of a queue do to their orders; nil where they do something else.
  public init?(in queue: QueueName) {
    guard let work = Self.allCases.first(where: { $0.queue == queue }) else { return nil }
    self = work
  }
}
