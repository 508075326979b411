import Synchronization

/// Claims jobs of one queue, runs their handlers, and settles how they ended.
///
///     claim → resolve handler → perform → normalise → settle
///
/// Leases are kept alive by heartbeats while handlers run. To stop: claiming ends at once, running jobs may finish
/// within the grace, then they are cancelled and given back; their attempt is not counted.
public actor Runner {
  public struct Options: Sendable {
    /// Jobs under way at once.
    public var concurrency: Int
    public var lease: Duration
    /// How long running jobs may go on after ``Runner/stop()``.
    public var grace: Duration
    public init(concurrency: Int, lease: Duration, grace: Duration) {
      self.concurrency = concurrency
      self.lease = lease
      self.grace = grace
    }
  }

  /// Most jobs taken by one claim; and no more than half of what may run, so that the next claim is under way while the
  /// jobs of the last one run.
  static let claimMax = 250
  /// An idle runner looks for itself this often, in case a wake-up was lost with the process that took it.
  static let idleWaitMax = Duration.seconds(10)
  static let brokerPauseMax = Duration.milliseconds(500)

  public nonisolated let queue: QueueName
  let broker: any Broker
  let handlers: Handlers
  let options: Options
  let name: String
  let report: @Sendable (RunnerEvent) -> Void
  let stopping = StopSignal()
  let changed = StopSignal.Pulse()
  final class Run: Sendable {
    let record: JobRecord
    /// Of the claim that brought it.
    let token: String
    let lease: Lease
    let since: ContinuousClock.Instant
    /// The handler is done; how it ended is being noted. Touched by the runner only.
    let isEnding = Atomic(false)

    init(_ record: JobRecord, token: String, lease: Lease, since: ContinuousClock.Instant) {
      self.record = record
      self.token = token
      self.lease = lease
      self.since = since
    }
  }

  struct Ending {
    let lease: Lease
    let held: HeldSettlement
  }

  var running: [String: Run] = [:]
  /// Ends that are to be noted, and whether somebody is at it.
  var endings: [Ending] = []
  var isNoting = false
  /// Handlers under way. How a job ended is noted while the next one has its slot.
  var slotsInUse = 0
  /// Jobs whose end is being noted, for each slot: more means that the broker is slower than the jobs.
  static let runningMaxPerSlot = 4
  /// The last claim brought less than it might have, so there is nothing until the broker says so.
  var isEmptied = false
  var brokerPause: Duration?
  /// Each claim has a token of its own.
  var claimsMade = 0
  /// Set while jobs are about that may have ended their workers: each is then run with nothing beside it.
  var isCareful = false

  /// - Parameter token: names this runner as the holder of its leases; unique among all processes. The tokens of its claims begin with it.
  public init(
    queue: QueueName, broker: any Broker, handlers: Handlers, options: Options, token: String,
    report: @escaping @Sendable (RunnerEvent) -> Void
  ) {
    self.queue = queue
    self.broker = broker
    self.handlers = handlers
    self.options = options
    name = token
    self.report = report
  }

  /// The kinds of jobs it can run.
  public nonisolated var kinds: [String] { handlers.kinds }
  /// Most jobs under way at once.
  public nonisolated var concurrency: Int { options.concurrency }

  /// Runs until ``stop()``, and returns when every job it took is settled.
  public func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.keepLeases() }
      while !stopping.isSet {
        let claim = await claimOrWait()
        for entry in claim.malformed { group.addTask { await self.buryMalformed(entry.id, entry.reason, claim.token) } }
        for run in begin(claim) { group.addTask { await self.attempt(run) } }
      }
      await drain()
      group.cancelAll()
      // What was cancelled settles as interrupted before the group, and so the runner, ends.
    }
  }

  /// Stops claiming; ``run()`` returns when the rest is done.
  public nonisolated func stop() {
    stopping.set()
  }

  /// The jobs under way, oldest first, and how long they have been.
  public var active: [(record: JobRecord, since: Duration)] {
    let now = ContinuousClock.now
    return running.values.sorted { $0.since < $1.since }.map { ($0.record, now - $0.since) }
  }

  // MARK: One attempt

  /// Comes to the runner only when the handler is done, since each way there and back costs as much as a small job.
  private nonisolated func attempt(_ run: Run) async {
    let begun = ContinuousClock.now
    let outcome = await perform(run.record, run.lease)
    await end(run, outcome, took: ContinuousClock.now - begun)
  }

  private func end(_ run: Run, _ outcome: Outcome, took: Duration) async {
    slotsInUse -= 1
    run.isEnding.store(true, ordering: .relaxed)
    changed.fire()
    report(.finished(run.record, outcome, took: took))
    await note(run, outcome)
  }

  private nonisolated func perform(_ record: JobRecord, _ lease: Lease) async -> Outcome {
    guard let handler = handlers.byKind[record.kind] else {
      return .dead(reason: "no handler is registered for jobs of kind \(record.kind)")
    }
    do {
      return try await handler.perform(JobContext(record: record, lease: lease))
    } catch let error as MalformedPayload {
      return .dead(reason: "malformed payload: \(error)")
    } catch {
      // Judged by the task, not by the error: a driver may put its cancellation in words of its own, and an error of
      // that type from anything but our stop is a failure like any other.
      return Task.isCancelled ? .interrupted : .retry(reason: "\(error)")
    }
  }

  // MARK: Leases and the end

  private func keepLeases() async {
    while !Task.isCancelled {
      do { try await Task.sleep(for: options.lease / 3) } catch { return }
      let byToken = Dictionary(grouping: running.values, by: \.token)
      await withDiscardingTaskGroup { group in
        for (token, runs) in byToken { group.addTask { await self.keep(runs, of: token) } }
      }
    }
  }

  /// Prolongs the lease of one claim. A failed heartbeat is not reported: the lease simply runs out, and that is reported
  /// when the attempt ends.
  private func keep(_ runs: [Run], of token: String) async {
    let asked = ContinuousClock.now
    guard
      let lost = try? await broker.extend(runs.map(\.record.id), in: queue, token: token, lease: options.lease)
    else { return }
    for run in runs {
      if lost.contains(run.record.id) { run.lease.lose() } else { run.lease.extend(to: asked + options.lease) }
    }
  }

  private func drain() async {
    let deadline = ContinuousClock.now + options.grace
    while !running.isEmpty, ContinuousClock.now < deadline {
      let changed = changed
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await changed.wait() }
        group.addTask { try? await Task.sleep(until: deadline) }
        await group.next()
        group.cancelAll()
      }
    }
  }
}
