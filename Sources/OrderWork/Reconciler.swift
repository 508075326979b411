public import EventLoop
import Jobs
import Kinds
public import Queue
import Store
public import Telemetry

/// Gives Redis every job that PostgreSQL says is owed: the reason why Redis may be lost at any moment.
///
/// First it has the queues mended, whose keys somebody may have deleted. Then it goes through its sources, as the open
/// orders, page by page and enqueues the jobs of each page; one that is there already is left alone, unless it is overdue and will not run: see ``StrayJobs``.
/// Schedulers do this every minute and when Redis lost something; a dispatcher when it starts, since one that was killed
/// may have recorded orders without having announced them.
@LoopActor
public final class Reconciler {
  private let broker: RedisBroker
  private let strays: StrayJobs
  private let log: Log
  private let metrics: Metrics
  private let sources: [any OwedJobs]
  /// Jobs of overdue orders that the last ``reconcile()`` found out of reach and brought back.
  public private(set) var revived = 0

  /// Goes through everything of Sevk that owes jobs.
  ///
  /// - Parameter lease: of the processes that run jobs.
  public convenience init(_ tools: OrderTools, broker: RedisBroker, lease: Duration) {
    let poison = PoisonOrders(broker: broker, store: tools.store, tools.instruments)
    let orders = OpenOrderJobs(
      store: tools.store, directory: tools.directory, schedule: tools.schedule, poison: poison)
    let looks = SecondLookJobs(tools.store, tools.directory)
    let deliveries = OwedDeliveries(store: tools.store, broker: broker, tools.instruments)
    let notifications = OwedNotifications(store: tools.store, broker: broker, tools.instruments)
    self.init(
      broker: broker, sources: [orders, looks, deliveries, notifications], lease: lease, tools.instruments)
  }

  public init(broker: RedisBroker, sources: [any OwedJobs], lease: Duration, _ instruments: Instruments) {
    self.broker = broker
    self.sources = sources
    strays = StrayJobs(broker: broker, lease: lease)
    (log, metrics) = (instruments.log, instruments.metrics)
    metrics.describe("sevk_jobs_reconciled_total", "counter", "Jobs that were owed and missing in Redis")
    metrics.add("sevk_jobs_reconciled_total", by: 0)
  }

  /// - Returns: how many jobs were missing.
  @discardableResult
  public func reconcile() async throws -> Int {
    #if SEVK_SABOTAGE
      if Sabotage.current == .noReconciler { return 0 }
    #endif
    for queue in JobKinds.sevk.usedQueues {
      let mended = try await broker.mend(queue)
      guard mended > 0 else { continue }
      log.warning("jobs had no place in Redis and are ready", ["queue": "\(queue)", "jobs": "\(mended)"])
    }
    var added = 0
    revived = 0
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
      log.warning("jobs of overdue orders lay buried or far in the future and run again", ["jobs": "\(revived)"])
    }
    guard added > 0 else { return 0 }
    metrics.add("sevk_jobs_reconciled_total", by: Double(added))
    log.warning("jobs were missing and are back", ["jobs": "\(added)"])
    return added
  }

  private func enqueue(_ jobs: [OwedJob], of source: any OwedJobs) async throws -> Int {
    let results = try await broker.enqueue(jobs.map(\.planned))
    for (job, result) in zip(jobs, results) where result == .duplicate(.dead) {
      try await source.lies(dead: job.planned.id, in: job.planned.queue)
    }
    return results.count { $0 == .added }
  }
}
