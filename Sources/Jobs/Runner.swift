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
  private let broker: any Broker
  private let handlers: Handlers
  private let options: Options
  private let token: String
  private let report: @Sendable (RunnerEvent) -> Void
  private let stopping = StopSignal()
  private let changed = StopSignal.Pulse()
  private struct Run {
    let record: JobRecord
    let lease: Lease
    let since: ContinuousClock.Instant
    /// The handler is done; how it ended is being noted.
    var isEnding = false
  }

  private var running: [String: Run] = [:]
  /// Handlers under way. How a job ended is noted while the next one has its slot.
  private var slotsInUse = 0
  /// Jobs whose end is being noted, for each slot: more means that the broker is slower than the jobs.
  private static let runningMaxPerSlot = 4
  /// The last claim brought less than it might have, so there is nothing until the broker says so.
  private var isEmptied = false
  private var brokerPause: Duration?
  /// Set while jobs are about that may have ended their workers: each is then run with nothing beside it.
  private var isCareful = false

  /// - Parameter token: names this runner as the holder of its leases; unique among all processes.
  public init(
    queue: QueueName, broker: any Broker, handlers: Handlers, options: Options, token: String,
    report: @escaping @Sendable (RunnerEvent) -> Void
  ) {
    self.queue = queue
    self.broker = broker
    self.handlers = handlers
    self.options = options
    self.token = token
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
        for entry in claim.malformed { group.addTask { await self.buryMalformed(entry.id, entry.reason) } }
        for record in claim.jobs {
          let lease = running[record.id]?.lease
          group.addTask { if let lease { await self.attempt(record, lease) } }
        }
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

  // MARK: Claiming

  private func claimOrWait() async -> Claim {
    let free =
      isCareful
      ? 1 - running.count
      : min(
        options.concurrency - slotsInUse, options.concurrency * Self.runningMaxPerSlot - running.count, Self.claimMax,
        (options.concurrency + 1) / 2)
    guard free > 0 else {
      await changed.wait(orUntil: stopping)
      return Claim(jobs: [])
    }
    do {
      if isEmptied {
        isEmptied = false
        try await waitForReady()
        return Claim(jobs: [])
      }
      // From before the claim is asked for, so that our idea of the lease ends before the broker's.
      let asked = ContinuousClock.now
      var claim = try await broker.claim(free, from: queue, token: token, lease: options.lease)
      recovered()
      if stopping.isSet {
        await giveBack(claim)
        return Claim(jobs: [])
      }
      isEmptied = claim.jobs.count + claim.malformed.count < free
      // A job of ours whose lease ran out may come back to us while its first run still goes on: that run is fenced
      // off, and the job waits until it is over.
      let again = claim.jobs.filter { isUnderWay($0.id) }
      if !again.isEmpty {
        claim.jobs.removeAll { isUnderWay($0.id) }
        for record in again { running[record.id]?.lease.lose() }
        await settle(again.map { Settlement($0, .delay(.seconds(1), attempts: $0.attempts)) })
      }
      await isolateSuspects(in: &claim)
      for record in claim.jobs {
        // Nothing more is noted of an earlier run: it would be taken for the end of this one.
        running[record.id]?.lease.lose()
        running[record.id] = Run(record: record, lease: Lease(endsAt: asked + options.lease), since: asked)
      }
      slotsInUse += claim.jobs.count
      return claim
    } catch {
      await brokerFailed(error)
      return Claim(jobs: [])
    }
  }

  /// A run that ended under a lease that is still held was noted, or the broker would not have given the job out again;
  /// only the broker's answer to that is still on its way.
  private func isUnderWay(_ id: String) -> Bool {
    running[id].map { !$0.isEnding || !$0.lease.isHeld() } ?? false
  }

  private func waitForReady() async throws {
    let (broker, queue, stopping) = (broker, queue, stopping)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await broker.waitForReady(in: queue, limit: Self.idleWaitMax) }
      group.addTask { await stopping.wait() }
      try await group.next()
      group.cancelAll()
    }
  }

  /// A job that may have ended its workers stays in the claim only when it is alone: the next death must be charged to
  /// it and to no other. Otherwise it goes back to its place, to be claimed again once nothing else runs.
  private func isolateSuspects(in claim: inout Claim) async {
    let suspects = claim.jobs.filter { claim.crashes[$0.id, default: 0] >= DeadWorkers.suspicious }
    isCareful = !suspects.isEmpty
    guard isCareful, claim.jobs.count > 1 || !running.isEmpty else { return }
    claim.jobs.removeAll { job in suspects.contains { $0.id == job.id } }
    await settle(suspects.map { Settlement($0, .release) })
  }

  private func giveBack(_ claim: Claim) async {
    await settle(claim.jobs.map { Settlement($0, .release) })
  }

  private func brokerFailed(_ error: any Error) async {
    let pause = min((brokerPause ?? .milliseconds(25)) * 2, Self.brokerPauseMax)
    if brokerPause == nil { report(.brokerFailed("\(error)", retryIn: pause)) }
    brokerPause = pause
    let stopping = stopping
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await Task.sleep(for: pause) }
      group.addTask { await stopping.wait() }
      await group.next()
      group.cancelAll()
    }
  }

  private func recovered() {
    guard brokerPause != nil else { return }
    brokerPause = nil
    report(.brokerRecovered)
  }

  // MARK: One attempt

  private func attempt(_ record: JobRecord, _ lease: Lease) async {
    let begun = ContinuousClock.now
    let outcome = await perform(record, lease)
    slotsInUse -= 1
    running[record.id]?.isEnding = true
    changed.fire()
    report(.finished(record, outcome, took: ContinuousClock.now - begun))
    await settle(record, lease, outcome)
    // The job may have come back meanwhile and run again.
    if running[record.id]?.lease === lease { running[record.id] = nil }
    changed.fire()
  }

  private func perform(_ record: JobRecord, _ lease: Lease) async -> Outcome {
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

  /// Notes how the attempt ended; tries again while the lease is ours, then leaves the job to whoever gets it next.
  private func settle(_ record: JobRecord, _ lease: Lease, _ outcome: Outcome) async {
    var random = SystemRandomNumberGenerator()
    let policy = handlers.byKind[record.kind]?.policy ?? .persistent
    let settlement = Settlement(record, outcome: outcome, policy: policy, using: &random)
    repeat {
      do {
        let result = try await broker.settle([settlement], in: queue, token: token)
        if result.first == .lost { report(.leaseLost(record)) }
        return
      } catch {
        // Not a cancellable sleep: even a stopping process must try to give its job back.
        await Task.detached { try? await Task.sleep(for: .milliseconds(100)) }.value
      }
    } while lease.isHeld()
    report(.leaseLost(record))
  }

  private func buryMalformed(_ id: String, _ reason: String) async {
    let record = JobRecord(id: id, kind: "unreadable")
    report(.finished(record, .dead(reason: reason), took: .zero))
    await settle([Settlement(record, .bury(reason: reason))])
  }

  /// Settles without a second try: a lease that is not settled runs out, and the job is reaped.
  private func settle(_ settlements: [Settlement]) async {
    guard !settlements.isEmpty else { return }
    _ = try? await broker.settle(settlements, in: queue, token: token)
  }

  // MARK: Leases and the end

  private func keepLeases() async {
    while !Task.isCancelled {
      do { try await Task.sleep(for: options.lease / 3) } catch { return }
      guard !running.isEmpty else { continue }
      let asked = ContinuousClock.now
      let held = running
      // A failed heartbeat is not reported: the lease simply runs out, and that is reported when the attempt ends.
      guard
        let lost = try? await broker.extend(Array(held.keys), in: queue, token: token, lease: options.lease)
      else { continue }
      for id in lost { held[id]?.lease.lose() }
      for (id, entry) in held where !lost.contains(id) { entry.lease.extend(to: asked + options.lease) }
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
