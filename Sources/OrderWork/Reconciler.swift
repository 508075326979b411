import Telemetry
public import Process
import CrashPoints
public import EventLoop
import Jobs
import Orders
import Queue
import Store

/// Gives Redis every job that PostgreSQL says is owed: the reason why Redis may be lost at any moment.
///
/// It goes through the open orders page by page and enqueues the job of each; one that is there already is left alone,
/// unless its order is overdue and the job will not run: see ``StrayJobs``.
/// Schedulers do this every minute and when Redis lost something; a dispatcher when it starts, since one that was killed
/// may have recorded orders without having announced them.
@LoopActor
public final class Reconciler {
  private static let pageMax = 1000

  private let frame: ProcessFrame
  private let poison: PoisonOrders
  /// Jobs of overdue orders that the last ``reconcile()`` found out of reach and brought back.
  public private(set) var revived = 0

  public init(frame: ProcessFrame) {
    self.frame = frame
    poison = PoisonOrders(frame: frame)
    frame.metrics.describe("sevk_jobs_reconciled_total", "counter", "Jobs that were owed and missing in Redis")
    frame.metrics.add("sevk_jobs_reconciled_total", by: 0)
  }

  /// - Returns: how many jobs were missing.
  @discardableResult
  public func reconcile() async throws -> Int {
    #if SEVK_SABOTAGE
      if Sabotage.current == .noReconciler { return 0 }
    #endif
    // For the flows of the jobs; without it they go by tenant alone.
    _ = try? await frame.directory.providers()
    var last: OrderID?
    var added = 0
    revived = 0
    let strays = try StrayJobs(frame: frame)
    while true {
      let page = try await frame.store.openOrders(after: last, limit: Self.pageMax)
      guard let end = page.last else { break }
      last = end.id
      CrashPoint.reach(.openOrdersRead)
      added += try await enqueue(page)
      revived += try await strays.bringBack(page)
      if page.count < Self.pageMax { break }
    }
    if revived > 0 {
      frame.log.warning("jobs of overdue orders lay buried or far in the future and run again", ["jobs": "\(revived)"])
    }
    guard added > 0 else { return 0 }
    frame.metrics.add("sevk_jobs_reconciled_total", by: Double(added))
    frame.log.warning("jobs were missing and are back", ["jobs": "\(added)"])
    return added
  }

  private func enqueue(_ orders: [OpenOrder]) async throws -> Int {
    var owed: [Status.Work: [NewJob]] = [:]
    for order in orders {
      guard let work = order.status.work else { continue }
      let pauseMax = await frame.pauseMax(of: order.providerID)
      let delay = order.untilDue > pauseMax ? .zero : max(order.untilDue, .zero)
      let flow = frame.flow(tenant: order.tenantID, product: order.product, provider: order.providerID)
      owed[work, default: []].append(
        OrderJob.make(work, order.id, order.priority, flow: flow, delay: delay, trace: order.trace))
    }
    var added = 0
    for work in Status.Work.allCases {
      guard let jobs = owed[work] else { continue }
      let queue = work.queue
      let results = try await frame.broker.enqueue(jobs, to: queue)
      added += results.count { $0 == .added }
      let dead = zip(jobs, results).filter { $0.1 == .duplicate(.dead) }.map(\.0.record.id)
      // An open order whose job is dead would be open for ever.
      for id in dead { try await poison.hold(id, of: queue) }
    }
    return added
  }
}
