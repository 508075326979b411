import Jobs

/// What `Broker` promises, told as simply as it can be: one table of jobs and no index. The real queue is held to it.
struct QueueModel {
  struct Entry: Equatable {
    let priority: JobPriority
    var state: JobState
    /// Delayed: due. Leased: the end of the lease. Dead: when it was buried.
    var time = Duration.zero
    var token = ""
    var attempts = 0
    var crashes = 0
    var reason = ""
  }

  private(set) var entries: [Int: Entry] = [:]
  var isPaused = false

  /// Jobs of a state in the order in which they are moved, dead ones newest first. Whose turn it is among the ready ones
  /// is told by `BrokerConformance`; here they stand by number.
  func sorted(_ state: JobState) -> [Int] {
    let jobs = entries.filter { $0.value.state == state }
    switch state {
    case .ready: return jobs.map(\.key).sorted()
    case .leased, .delayed: return jobs.sorted { ($0.value.time, $0.key) < ($1.value.time, $1.key) }.map(\.key)
    case .dead: return jobs.sorted { ($0.value.time, $0.key) > ($1.value.time, $1.key) }.map(\.key)
    }
  }

  mutating func enqueue(_ job: Int, _ priority: JobPriority, delay: Duration, now: Duration) -> EnqueueResult {
    if let entry = entries[job] { return .duplicate(entry.state) }
    entries[job] = Entry(priority: priority, state: .delayed, time: now + delay)
    if delay == .zero { makeReady(job) }
    return .added
  }

  /// The queue chooses which; it may choose only among the ready ones.
  mutating func claim(_ jobs: [Int], token: String, until end: Duration) {
    for job in jobs {
      entries[job]?.state = .leased
      entries[job]?.token = token
      entries[job]?.time = end
    }
  }

  /// A job that may be what ends its workers.
  func isSuspect(_ job: Int) -> Bool { (entries[job]?.crashes ?? 0) >= DeadWorkers.suspicious }

  func isHeld(_ job: Int, by token: String, at now: Duration) -> Bool {
    guard let entry = entries[job], entry.state == .leased else { return false }
    return entry.token == token && entry.time > now
  }

  mutating func settle(_ job: Int, _ move: Settlement.Move, token: String, now: Duration) -> SettleResult {
    guard isHeld(job, by: token, at: now) else { return .lost }
    switch move {
    case .complete: entries[job] = nil
    case .delay(let pause, let attempts):
      entries[job]?.state = .delayed
      entries[job]?.time = now + pause
      entries[job]?.attempts = attempts
      entries[job]?.crashes = 0
    case .postpone(let pause):
      entries[job]?.state = .delayed
      entries[job]?.time = now + pause
    case .release: entries[job]?.state = .ready
    case .bury(let reason): bury(job, reason, now)
    }
    return .settled
  }

  mutating func extend(_ job: Int, token: String, now: Duration, lease: Duration) -> Bool {
    guard isHeld(job, by: token, at: now) else { return false }
    entries[job]?.time = now + lease
    return true
  }

  mutating func promote(_ max: Int, crashesMax: Int, now: Duration) -> (promoted: Int, reaped: Int, buried: Int) {
    let due = sorted(.delayed).filter { entries[$0].map { $0.time <= now } ?? false }.prefix(max)
    for job in due { makeReady(job) }
    let expired = sorted(.leased).filter { entries[$0].map { $0.time <= now } ?? false }.prefix(max)
    var buried = 0
    for job in expired {
      entries[job]?.crashes += 1
      if let crashes = entries[job]?.crashes, crashes >= crashesMax {
        bury(job, "its worker died \(crashes) times while running it", now)
        buried += 1
      } else {
        entries[job]?.state = .ready
      }
    }
    return (due.count, expired.count - buried, buried)
  }

  mutating func revive(_ job: Int) -> Bool {
    guard let state = entries[job]?.state, state == .delayed || state == .dead else { return false }
    entries[job]?.crashes = 0
    makeReady(job)
    return true
  }

  mutating func delete(_ job: Int) -> Bool {
    guard let state = entries[job]?.state, state != .leased else { return false }
    entries[job] = nil
    return true
  }

  private mutating func makeReady(_ job: Int) { entries[job]?.state = .ready }

  private mutating func bury(_ job: Int, _ reason: String, _ now: Duration) {
    entries[job]?.state = .dead
    entries[job]?.time = now
    entries[job]?.reason = reason
    entries[job]?.crashes = 0
  }
}
