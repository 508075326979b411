public import EventLoop
public import Jobs

/// Something in PostgreSQL that owes jobs, as the open orders do: the ``Reconciler`` goes through all of it, so that no job
/// is lost with Redis.
@LoopActor
public protocol OwedJobs {
  /// The jobs of one page of what is open.
  ///
  /// - Parameter last: the ``OwedPage/end`` of the page before; nil for the first page.
  func page(after last: String?) async throws -> OwedPage

  /// A job that is owed lies dead in Redis, and so nothing happens to what it is for.
  func lies(dead id: String, in queue: QueueName) async throws
}

/// Jobs that are owed.
public struct OwedPage: Sendable {
  public let jobs: [OwedJob]
  /// Where the next page begins, in words of its source; nil after the last.
  public let end: String?

  public init(jobs: [OwedJob], end: String?) {
    self.jobs = jobs
    self.end = end
  }
}

/// A job that is owed.
public struct OwedJob: Sendable {
  public let planned: PlannedJob
  /// Should have run a while ago: if it is there and yet will not run, it is brought back.
  public let isOverdue: Bool

  public init(_ planned: PlannedJob, isOverdue: Bool) {
    self.planned = planned
    self.isOverdue = isOverdue
  }
}
