import CrashPoints
import EventLoop
import Jobs
import Process
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
  private let queue: QueueName
  private let broker: any Broker
  private let log: Log
  private let buried: @LoopActor (Int) async throws -> Void
  private let promotedTotal, reapedTotal, buriedTotal: MetricSample
  private let lateness: MetricHistogram
  private let earlier = LoopEvent()
  private var tasks: [Task<Void, Never>] = []

  /// - Parameters:
  ///   - lease: of the processes that run the queue's jobs.
  ///   - buried: told how many jobs were just given up because they ended their workers; the last that are dead.
  init(
    queue: QueueName, broker: any Broker, lease: Duration, _ instruments: Instruments,
    buried: @escaping @LoopActor (Int) async throws -> Void
  ) {
    self.queue = queue
    self.broker = broker
    self.buried = buried
    sleepMax = min(lease, .seconds(10))
    log = instruments.log
    let metrics = instruments.metrics
    name = "promoter of \(queue)"
    metrics.describe("sevk_jobs_promoted_total", "counter", "Delayed jobs that became due")
    metrics.describe("sevk_jobs_reaped_total", "counter", "Jobs whose lease ran out")
    metrics.describe("sevk_jobs_buried_total", "counter", "Of those, jobs given up because it happened too often")
    metrics.describe(
      "sevk_promotion_lateness_seconds", "histogram",
      "How late delayed jobs became ready: the first of each batch, which is the latest")
    promotedTotal = metrics.sample("sevk_jobs_promoted_total", ["queue": "\(queue)"])
    reapedTotal = metrics.sample("sevk_jobs_reaped_total", ["queue": "\(queue)"])
    buriedTotal = metrics.sample("sevk_jobs_buried_total", ["queue": "\(queue)"])
    lateness = metrics.histogram("sevk_promotion_lateness_seconds", ["queue": "\(queue)"])
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
        let result = try await broker.promote(in: queue, max: Self.batchMax, crashesMax: DeadWorkers.max)
        if isFailing { log.info("promoting again", ["queue": "\(queue)"]) }
        isFailing = false
        count(result)
        if result.buried > 0 { await tell(result.buried) }
        let pause = min(result.next ?? sleepMax, sleepMax)
        if pause > .zero { _ = await earlier.wait(for: pause) }
      } catch {
        if !isFailing {
          log.error("cannot promote jobs, trying again", ["queue": "\(queue)", "reason": "\(error)"])
        }
        isFailing = true
        try? await EventLoop.sleep(for: Self.failurePause)
      }
    }
  }

  private func tell(_ count: Int) async {
    do { try await buried(count) } catch {
      log.warning("holding the orders of buried jobs is left to the reconciler", ["reason": "\(error)"])
    }
  }

  private func listen() async {
    while !Task.isCancelled {
      do {
        try await broker.waitForEarlierDue(in: queue, limit: sleepMax)
        earlier.signal()
      } catch {
        try? await EventLoop.sleep(for: Self.failurePause)
      }
    }
  }

  private func count(_ result: Promotion) {
    guard result.promoted + result.reaped + result.buried > 0 else { return }
    CrashPoint.reach(.jobsMoved)
    promotedTotal.add(Double(result.promoted))
    reapedTotal.add(Double(result.reaped + result.buried))
    buriedTotal.add(Double(result.buried))
    if let late = result.lateness { lateness.observe(late) }
    if result.reaped > 0 {
      log.warning(
        "jobs came back from processes that no longer answer", ["queue": "\(queue)", "jobs": "\(result.reaped)"])
    }
    if result.buried > 0 {
      log.error(
        "jobs were buried that crashed their worker \(DeadWorkers.max) times",
        ["queue": "\(queue)", "jobs": "\(result.buried)"])
    }
  }
}
