public import EventLoop
import Jobs
import Kinds
public import Process
import Queue
import Store
import Telemetry

/// Gives Redis every job that PostgreSQL says is owed: the reason why Redis may be lost at any moment.
///
/// First it has the queues mended, whose keys somebody may have deleted. Then it goes through its sources, as the open orders, page by page and enqueues the jobs of each page; one that is there
/// already is left alone, unless it is overdue and will not run: see ``StrayJobs``.
/// Schedulers do this every minute and when Redis lost something; a dispatcher when it starts, since one that was killed
/// may have recorded orders without having announced them.
@LoopActor
public final class Reconciler {
  private let frame: ProcessFrame
  private let sources: [any OwedJobs]
  /// Jobs of overdue orders that the last ``reconcile()`` found out of reach and brought back.
  public private(set) var revived = 0

  /// Goes through everything of Sevk that owes jobs.
  public convenience init(frame: ProcessFrame) {
    self.init(frame: frame, sources: [OpenOrderJobs(frame: frame)])
  }

  public init(frame: ProcessFrame, sources: [any OwedJobs]) {
    self.frame = frame
    self.sources = sources
    frame.metrics.describe("sevk_jobs_reconciled_total", "counter", "Jobs that were owed and missing in Redis")
    frame.metrics.add("sevk_jobs_reconciled_total", by: 0)
  }

  /// - Returns: how many jobs were missing.
  @discardableResult
  public func reconcile() async throws -> Int {
    #if SEVK_SABOTAGE
      if Sabotage.current == .noReconciler { return 0 }
    #endif
    for queue in JobKinds.sevk.usedQueues {
      let mended = try await frame.broker.mend(queue)
      guard mended > 0 else { continue }
      frame.log.warning("jobs had no place in Redis and are ready", ["queue": "\(queue)", "jobs": "\(mended)"])
    }
    var added = 0
    revived = 0
    let strays = try StrayJobs(frame: frame)
    for source in sources {
      var last: String?
      repeat {
        let page = try await source.page(after: last)
        added += try await enqueue(page.jobs, of: source)
        revived += try await strays.bringBack(page.jobs)
        last = page.end
      } while last != nil
    }
    if revived > 0 {
      frame.log.warning("jobs of overdue orders lay buried or far in the future and run again", ["jobs": "\(revived)"])
    }
    guard added > 0 else { return 0 }
    frame.metrics.add("sevk_jobs_reconciled_total", by: Double(added))
    frame.log.warning("jobs were missing and are back", ["jobs": "\(added)"])
    return added
  }

  private func enqueue(_ jobs: [OwedJob], of source: any OwedJobs) async throws -> Int {
    let results = try await frame.broker.enqueue(jobs.map(\.planned))
    for (job, result) in zip(jobs, results) where result == .duplicate(.dead) {
      try await source.lies(dead: job.planned.id, in: job.planned.queue)
    }
    return results.count { $0 == .added }
  }
}
