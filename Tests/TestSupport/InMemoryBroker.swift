public import Jobs

/// The broker inside one process: for tests and for trying things out. Nothing survives the process.
///
/// It has the semantics of the one on Redis, which `BrokerConformance` checks, and a clock that tests can move.
public actor InMemoryBroker: Broker {
  private let now: @Sendable () -> Duration
  private var queues: [QueueName: MemoryQueue] = [:]
  private var markers: [MarkerKey: MemoryMarker] = [:]

  private struct MarkerKey: Hashable {
    enum Kind { case ready, earlierDue }
    let queue: QueueName
    let kind: Kind
  }

  /// - Parameter now: monotonic time since any beginning.
  public init(now: @escaping @Sendable () -> Duration = InMemoryBroker.uptime) { self.now = now }

  /// Time since the process first asked.
  public static let uptime: @Sendable () -> Duration = {
    let start = ContinuousClock.now
    return { ContinuousClock.now - start }
  }()

  /// Applies `body` to the queue, then wakes who waits for what it brought.
  private func change<T>(_ queue: QueueName, _ body: (inout MemoryQueue, Duration) throws -> T) rethrows -> T {
    var state = queues[queue] ?? MemoryQueue()
    defer {
      if state.wakesReady { markers[MarkerKey(queue: queue, kind: .ready), default: MemoryMarker()].signal() }
      if state.wakesDue { markers[MarkerKey(queue: queue, kind: .earlierDue), default: MemoryMarker()].signal() }
      state.wakesReady = false
      state.wakesDue = false
      queues[queue] = state
    }
    return try body(&state, now())
  }

  /// - Throws: ``MalformedPayload`` when one is beyond the limits of ``JobRecord``, and then adds none.
  public func enqueue(_ jobs: [NewJob], to queue: QueueName) throws -> [EnqueueResult] {
    for job in jobs { try job.record.checkLimits() }
    return change(queue) { state, now in jobs.map { state.enqueue($0, now: now) } }
  }

  public func claim(
    _ max: Int, from queue: QueueName, token: String, lease: Duration, runsNothingElse: Bool
  ) -> Claim {
    change(queue) { state, now in
      guard state.mayClaim(token, now: now) else { return Claim(jobs: []) }
      let claim = state.claim(max, token: token, until: now + lease, runsNothingElse: runsNothingElse)
      if !claim.jobs.isEmpty { state.prolong(token, until: now + lease) }
      return claim
    }
  }

  public func settle(_ jobs: [HeldSettlement], in queue: QueueName) -> [SettleResult] {
    change(queue) { state, now in jobs.map { state.settle($0.settlement, token: $0.token, now: now) } }
  }

  public func extend(_ ids: [String], in queue: QueueName, token: String, lease: Duration) -> [String] {
    change(queue) { state, now in
      let lost = ids.filter { !state.extend($0, token: token, now: now, lease: lease) }
      if lost.count < ids.count { state.giveBack(allBut: Set(ids), of: token) }
      return lost
    }
  }

  public func promote(in queue: QueueName, max: Int, crashesMax: Int) -> Promotion {
    change(queue) { state, now in state.promote(max: max, crashesMax: crashesMax, now: now) }
  }

  public func setPaused(_ isPaused: Bool, queue: QueueName) {
    change(queue) { state, _ in
      state.isPaused = isPaused
      if !isPaused { state.wakesReady = true }
    }
  }

  public func counts(of queue: QueueName) -> QueueCounts { change(queue) { state, _ in state.counts } }

  public func history(of queue: QueueName, minutes: Int) -> (now: Int64, minutes: [QueueMinute]) {
    change(queue) { state, now in state.history.last(minutes, now: now) }
  }

  public func list(_ state: JobState, in queue: QueueName, offset: Int, limit: Int) -> [ListedJob] {
    guard limit > 0, offset >= 0 else { return [] }
    return change(queue) { queue, now in
      queue.sorted(state).dropFirst(offset).prefix(limit).compactMap { queue.listed($0, now: now) }
    }
  }

  public func find(_ id: String, in queue: QueueName) -> ListedJob? {
    change(queue) { state, now in state.listed(id, now: now) }
  }

  public func revive(_ id: String, in queue: QueueName) -> Bool { change(queue) { state, _ in state.revive(id) } }

  public func delete(_ id: String, in queue: QueueName) -> Bool { change(queue) { state, _ in state.delete(id) } }

  /// - Throws: `CancellationError` as soon as the task is cancelled.
  public func waitForReady(in queue: QueueName, limit: Duration) async throws {
    try await wait(for: MarkerKey(queue: queue, kind: .ready), limit: limit)
  }

  /// - Throws: `CancellationError` as soon as the task is cancelled.
  public func waitForEarlierDue(in queue: QueueName, limit: Duration) async throws {
    try await wait(for: MarkerKey(queue: queue, kind: .earlierDue), limit: limit)
  }

  private func wait(for key: MarkerKey, limit: Duration) async throws {
    try Task.checkCancellation()
    guard limit > .zero, let turn = markers[key, default: MemoryMarker()].begin() else { return }
    let timer = Task {
      try await Task.sleep(for: limit)
      giveUp(key, turn)
    }
    let wasSignalled = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // Looked at here: what gives a cancelled wait up may have come before there was one.
        if Task.isCancelled { continuation.resume(returning: false) } else { markers[key]?.add(continuation, turn) }
      }
    } onCancel: {
      Task { await self.giveUp(key, turn) }
    }
    timer.cancel()
    // The sign was meant for somebody who goes on.
    if wasSignalled, Task.isCancelled { markers[key]?.signal() }
    try Task.checkCancellation()
  }

  private func giveUp(_ key: MarkerKey, _ turn: Int) { markers[key]?.giveUp(turn) }
}
