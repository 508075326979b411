import EventLoop
import Jobs
import Queue

/// Brings back overdue jobs that are there and yet will not run.
///
/// Two things put a job out of reach. Redis' clock stepped forward and back, so that the job is due in an hour, or
/// that the lease of a worker that died ends then. Or the job
/// was buried after a thousand failures, as in a long outage of PostgreSQL, and what it is for would be forgotten for ever: so
/// it begins anew after a while. Jobs that were buried because their workers died are for ``PoisonOrders``.
@LoopActor
struct StrayJobs {
  /// No job waits longer than this beyond its due time: the pauses of a provider that is down are shorter.
  private static let latenessMin = Duration.seconds(600)
  /// How long a buried job lies, in leases: ten minutes for those of 30 s.
  private static let burialLeases = 20
  private let broker: RedisBroker
  private let burialMin: Duration
  private let latenessMax: Duration

  /// - Parameter lease: of the processes that run jobs.
  init(broker: RedisBroker, lease: Duration) {
    self.broker = broker
    burialMin = lease * Self.burialLeases
    latenessMax = max(Self.latenessMin, lease * 2)
  }

  /// Looks at every job of a page: those that a paused provider keeps, however many, must not hide the others.
  ///
  /// - Returns: how many of them are ready again.
  func bringBack(_ jobs: [OwedJob]) async throws -> Int {
    var overdue: [QueueName: [String]] = [:]
    for job in jobs where job.isOverdue { overdue[job.planned.queue, default: []].append(job.planned.id) }
    var revived = 0
    for (queue, ids) in overdue {
      let strays = try await broker.strays(
        among: ids, in: queue, latenessMax: latenessMax, burialMin: burialMin)
      for id in strays {
        guard let job = try await broker.find(id, in: queue), isStray(job) else { continue }
        let isBack =
          job.state == .leased
          ? try await broker.takeBack(id, in: queue, leaseMax: latenessMax)
          : try await broker.revive(id, in: queue)
        if isBack { revived += 1 }
      }
    }
    return revived
  }

  private func isStray(_ job: ListedJob) -> Bool {
    guard let remaining = job.remaining else { return false }
    switch job.state {
    case .delayed, .leased: return remaining > latenessMax
    case .dead: return job.workersDied == nil && remaining <= .zero - burialMin
    case .ready: return false
    }
  }
}
