import CommandLine
import CrashPoints
import EventLoop
import Jobs
import OrderWork
import Orders
import Process
import Queue
import Telemetry

/// Moves the due jobs of one queue to ready, to the millisecond, and takes back jobs whose lease ran out.
///
/// It sleeps until the next job is due and is woken when an earlier one is added. Several may run side by side: moving
/// is atomic, so who comes second finds nothing to do.
@LoopActor
final class PromoterService: ProcessService {
  private static let batchMax = 1000
  /// Looks for itself this often, in case a wake-up was lost with the process that took it. Claims wake nobody, so a
  /// lease that runs out is seen after this at the latest.
  private let sleepMax: Duration
  private static let failurePause = Duration.milliseconds(500)

  let name: String
  private let frame: ProcessFrame
  private let queue: QueueName
  private let poison: PoisonOrders
  private let promoted, reaped, buried: MetricSample
  private let lateness: MetricHistogram
  private let earlier = LoopEvent()
  private var tasks: [Task<Void, Never>] = []

  init(frame: ProcessFrame, queue: QueueName, poison: PoisonOrders) throws(UsageError) {
    self.frame = frame
    self.poison = poison
    sleepMax = min(try frame.settings.duration(.lease, atLeast: .seconds(1)), .seconds(10))
    self.queue = queue
    name = "promoter of \(queue)"
    frame.metrics.describe("sevk_jobs_promoted_total", "counter", "Delayed jobs that became due")
    frame.metrics.describe("sevk_jobs_reaped_total", "counter", "Jobs whose lease ran out")
    frame.metrics.describe("sevk_jobs_buried_total", "counter", "Of those, jobs given up because it happened too often")
    frame.metrics.describe(
      "sevk_promotion_lateness_seconds", "histogram",
      "How late delayed jobs became ready: the first of each batch, which is the latest")
    promoted = frame.metrics.sample("sevk_jobs_promoted_total", ["queue": "\(queue)"])
    reaped = frame.metrics.sample("sevk_jobs_reaped_total", ["queue": "\(queue)"])
    buried = frame.metrics.sample("sevk_jobs_buried_total", ["queue": "\(queue)"])
    lateness = frame.metrics.histogram("sevk_promotion_lateness_seconds", ["queue": "\(queue)"])
  }

  func start() async throws {
    tasks = [
      Task(executorPreference: EventLoop.shared) { await self.promote() },
      Task(executorPreference: EventLoop.shared) { await self.listen() },
    ]
  }

  func stop() async {
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }

  private func promote() async {
    var isFailing = false
    while !Task.isCancelled {
      do {
        let result = try await frame.broker.promote(in: queue, max: Self.batchMax, crashesMax: DeadWorkers.max)
        if isFailing { frame.log.info("promoting again", ["queue": "\(queue)"]) }
        isFailing = false
        count(result)
        if result.buried > 0 { await holdBuried(result.buried) }
        let pause = min(result.next ?? sleepMax, sleepMax)
        if pause > .zero { _ = await earlier.wait(for: pause) }
      } catch {
        if !isFailing {
          frame.log.error("cannot promote jobs, trying again", ["queue": "\(queue)", "reason": "\(error)"])
        }
        isFailing = true
        try? await EventLoop.sleep(for: Self.failurePause)
      }
    }
  }

  private func holdBuried(_ count: Int) async {
    do {
      try await poison.holdNewest(count, of: queue)
    } catch {
      frame.log.warning("holding the orders of buried jobs is left to the reconciler", ["reason": "\(error)"])
    }
  }

  private func listen() async {
    while !Task.isCancelled {
      do {
        try await frame.broker.waitForEarlierDue(in: queue, limit: sleepMax)
        earlier.signal()
      } catch {
        try? await EventLoop.sleep(for: Self.failurePause)
      }
    }
  }

  private func count(_ result: Promotion) {
    guard result.promoted + result.reaped + result.buried > 0 else { return }
    CrashPoint.reach(.jobsMoved)
    promoted.add(Double(result.promoted))
    reaped.add(Double(result.reaped + result.buried))
    buried.add(Double(result.buried))
    if let late = result.lateness { lateness.observe(late) }
    if result.reaped > 0 {
      frame.log.warning(
        "jobs came back from processes that no longer answer", ["queue": "\(queue)", "jobs": "\(result.reaped)"])
    }
    if result.buried > 0 {
      frame.log.error(
        "jobs were buried that crashed their worker \(DeadWorkers.max) times",
        ["queue": "\(queue)", "jobs": "\(result.buried)"])
    }
  }
}
