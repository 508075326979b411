public import EventLoop
public import Jobs
internal import Redis
public import Telemetry

/// Hands the jobs that follow from recorded orders to Redis, and keeps at it while Redis is away, full or read-only.
///
/// What is kept here is only a shortcut: the order is durable, so a job that is lost with this process, or that there
/// is no room for, is found by the ``Reconciler`` within a minute.
@LoopActor
public final class JobPlanner {
  /// Most jobs kept, or on their way, while Redis takes none; later ones are left to the reconciler.
  public static let keptMax = 10_000
  private static let batchMax = 500
  private static let pauseFirst = Duration.milliseconds(100)
  private static let pauseMax = Duration.seconds(1)
  /// Until a job whose id is being run is offered again; twice as long each time.
  private static let leasedPauseFirst = Duration.milliseconds(20)
  private static let leasedPauseMax = Duration.seconds(3)

  private let broker: any Broker
  private let log: Log
  private var kept: [QueueName: [NewJob]] = [:]
  private var keptCount = 0
  private var underWay = 0
  /// Queues and ids of the jobs that are offered again since theirs is being run.
  private var offered: Set<String> = []
  private var retry: Task<Void, Never>?

  public init(broker: any Broker, log: Log) {
    self.broker = broker
    self.log = log
  }

  /// Enqueues a job now, or as soon as Redis takes it. Returns after the first try.
  public func plan(_ planned: PlannedJob) async {
    let (job, queue) = (planned.job, planned.queue)
    guard underWay < Self.keptMax else {
      log.debug("a job is left to the reconciler", ["job": job.record.id, "trace": job.record.traceID])
      return
    }
    underWay += 1
    defer { underWay -= 1 }
    // While Redis takes none, each would wait for its own failure.
    guard retry == nil else { return keep(job, for: queue, "") }
    do {
      if try await broker.enqueue([job], to: queue) == [.duplicate(.leased)] { offerLater(planned) }
    } catch {
      // Only what Redis refused may be taken later; anything else would hold up all that is kept behind it.
      guard error is RedisError else {
        return log.error(
          "a job can't be enqueued",
          ["job": job.record.id, "reason": "\(error)", "trace": job.record.traceID])
      }
      keep(job, for: queue, "\(error)")
    }
  }

  /// As ``plan(_:)``, with one call a queue for all of them.
  public func plan(_ planned: [PlannedJob]) async {
    guard planned.count > 1, retry == nil, underWay + planned.count <= Self.keptMax else {
      for job in planned { await plan(job) }
      return
    }
    underWay += planned.count
    defer { underWay -= planned.count }
    do {
      for (job, result) in zip(planned, try await broker.enqueue(planned)) where result == .duplicate(.leased) {
        offerLater(job)
      }
    } catch {
      guard error is RedisError else { return log.error("jobs can't be enqueued", ["reason": "\(error)"]) }
      for job in planned { keep(job.job, for: job.queue, "\(error)") }
    }
  }

  /// As ``plan(_:)``, and a job that is there already and waits for a later time, or lies dead, runs now.
  public func hurry(_ planned: PlannedJob) async {
    await plan(planned)
    // Of no use to one that was just added: it is ready.
    _ = try? await broker.revive(planned.id, in: planned.queue)
  }

  /// Offers a job again whose id is being run. Who runs it may be about to end it: a check that gave its order back to be sent,
  /// while the send is already under way and wants the next check. Without this the order would wait for the ``Reconciler``.
  private func offerLater(_ planned: PlannedJob) {
    // Once, however often it is planned meanwhile: a shop may post the same order again and again.
    guard offered.insert(Self.name(planned)).inserted else { return }
    underWay += 1
    Task(executorPreference: EventLoop.shared) { await self.offerUntilTaken(planned) }
  }

  private func offerUntilTaken(_ planned: PlannedJob) async {
    defer {
      underWay -= 1
      offered.remove(Self.name(planned))
    }
    var pause = Self.leasedPauseFirst
    while pause <= Self.leasedPauseMax {
      try? await EventLoop.sleep(for: pause)
      guard (try? await broker.enqueue([planned.job], to: planned.queue)) == [.duplicate(.leased)] else { return }
      pause = pause * 2
    }
  }

  private static func name(_ planned: PlannedJob) -> String { "\(planned.queue)/\(planned.id)" }

  private func keep(_ job: NewJob, for queue: QueueName, _ reason: String) {
    guard keptCount < Self.keptMax else {
      log.debug("a job is left to the reconciler", ["job": job.record.id, "trace": job.record.traceID])
      return
    }
    kept[queue, default: []].append(job)
    keptCount += 1
    guard retry == nil else { return }
    log.warning("Redis takes no jobs; keeping them and trying again", ["reason": reason])
    retry = Task(executorPreference: EventLoop.shared) { await self.offerAgain() }
  }

  private func offerAgain() async {
    var pause = Self.pauseFirst
    while let queue = kept.first(where: { !$0.value.isEmpty })?.key {
      try? await EventLoop.sleep(for: pause)
      let batch = Array(kept[queue, default: []].prefix(Self.batchMax))
      do {
        _ = try await broker.enqueue(batch, to: queue)
        kept[queue]?.removeFirst(batch.count)
        keptCount -= batch.count
        pause = .zero
      } catch {
        pause = min(max(pause * 2, Self.pauseFirst), Self.pauseMax)
      }
    }
    retry = nil
    log.info("Redis takes jobs again; none is kept back")
  }
}
