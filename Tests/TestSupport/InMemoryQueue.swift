import Jobs

/// The states of one queue's jobs, as a value; the caller brings the time.
struct MemoryQueue {
  private struct Entry {
    var record: JobRecord
    var state: JobState
    /// Orders ready jobs: band of the priority, then the flow's turn.
    var place: Int64 = 0
    /// Delayed: due. Leased: end of the lease. Dead: when it was buried.
    var time: Duration = .zero
    var token = ""
    var reason = ""
    var crashes = 0
  }

  private var entries: [String: Entry] = [:]
  /// Ready ids by place.
  private var ready: [(place: Int64, id: String)] = []
  private var turns = MemoryTurns()
  private(set) var history = MemoryHistory()
  var isPaused = false
  /// Set by a move that gives a waiter something to do.
  var wakesReady = false
  var wakesDue = false

  mutating func enqueue(_ job: NewJob, now: Duration) -> EnqueueResult {
    if let entry = entries[job.record.id] { return .duplicate(entry.state) }
    entries[job.record.id] = Entry(record: job.record, state: .ready)
    history.count(.enqueued, now: now)
    if job.delay > .zero {
      delay(job.record.id, until: now + job.delay)
    } else {
      makeReady(job.record.id)
    }
    return .added
  }

  /// - Parameter runsNothingElse: whether a suspect may be given, which is then alone.
  mutating func claim(
    _ max: Int, token: String, until end: Duration, runsNothingElse: Bool = true
  ) -> Claim {
    guard !isPaused, max > 0 else { return Claim(jobs: []) }
    let isApart = hasLower
    let lower = takeLower(of: Swift.min(max, ready.count))
    let first = ready.prefix(max - lower.count)
    ready.removeFirst(first.count)
    let (taken, suspectsLeft) = leaveSuspects(
      first + lower, runsNothingElse && !entries.values.contains { $0.state == .leased && $0.token == token },
      keepsSeats: isApart)
    if !ready.isEmpty, !first.isEmpty || !lower.isEmpty { wakesReady = true }
    let jobs: [JobRecord] = taken.compactMap { place, id in
      guard let record = entries[id]?.record else { return nil }
      turns.claimed(record.priority, place)
      entries[id]?.state = .leased
      entries[id]?.time = end
      entries[id]?.token = token
      return record
    }
    return Claim(jobs: jobs, crashes: crashes(of: jobs), suspectsLeft: suspectsLeft)
  }

  /// Of what a claim took: one suspect alone, or everything but the suspects. What is not given stands in its place again.
  private mutating func leaveSuspects(
    _ taken: ArraySlice<(place: Int64, id: String)>, _ mayGiveSuspect: Bool, keepsSeats: Bool
  ) -> (given: ArraySlice<(place: Int64, id: String)>, suspectsLeft: Int) {
    func isSuspect(_ id: String) -> Bool { entries[id]?.crashes ?? 0 >= DeadWorkers.suspicious }
    let suspects = taken.filter { isSuspect($0.id) }
    guard let suspect = suspects.first else { return (taken, 0) }
    let given = mayGiveSuspect ? [suspect] : taken.filter { !isSuspect($0.id) }
    let left = taken.filter { entry in !given.contains { $0.id == entry.id } }
    for (place, id) in left { makeReady(id, at: place) }
    let waiting = left.filter { isSuspect($0.id) }.compactMap { entries[$0.id]?.record.priority }
    if keepsSeats, let lower = [JobPriority.normal, .low].first(where: waiting.contains) { turns.keepSeat(of: lower) }
    return (given[...], suspects.count - (mayGiveSuspect ? 1 : 0))
  }

  /// Whether jobs of more than one band wait.
  private var hasLower: Bool {
    guard let first = ready.first, let last = ready.last else { return false }
    return MemoryTurns.areApart(first.place, last.place)
  }

  /// What lower bands get of `count` jobs although a higher one waits.
  private mutating func takeLower(of count: Int) -> [(place: Int64, id: String)] {
    guard hasLower else { return [] }
    var taken: [(place: Int64, id: String)] = []
    for (band, count) in turns.lowerSeats(among: count) {
      let start = ready.firstIndex { $0.place >= band.lowerBound } ?? ready.count
      let found = ready[start...].prefix(count).prefix { band.contains($0.place) }
      taken += found
      ready.removeSubrange(found.startIndex..<found.endIndex)
    }
    return taken
  }

  /// How many leases each of the jobs lost; those that lost none are left out.
  func crashes(of jobs: [JobRecord]) -> [String: Int] {
    var found: [String: Int] = [:]
    for job in jobs { if let crashes = entries[job.id]?.crashes, crashes > 0 { found[job.id] = crashes } }
    return found
  }

  private func isHeld(_ id: String, _ token: String, _ now: Duration) -> Bool {
    guard let entry = entries[id] else { return false }
    return entry.state == .leased && entry.token == token && entry.time > now
  }

  mutating func settle(_ settlement: Settlement, token: String, now: Duration) -> SettleResult {
    let id = settlement.job.id
    guard isHeld(id, token, now) else { return .lost }
    history.count(settlement.counted, now: now)
    switch settlement.move {
    case .complete:
      entries[id] = nil
    case .delay(let pause, let attempts):
      entries[id]?.record = settlement.job
      entries[id]?.record.attempts = attempts
      entries[id]?.crashes = 0
      delay(id, until: now + pause)
    case .postpone(let pause):
      delay(id, until: now + pause)
    case .release:
      makeReady(id, at: entries[id]?.place)
    case .bury(let reason):
      bury(id, reason, now: now)
    }
    return .settled
  }

  mutating func extend(_ id: String, token: String, now: Duration, lease: Duration) -> Bool {
    guard isHeld(id, token, now) else { return false }
    entries[id]?.time = now + lease
    return true
  }

  /// Whether nothing that the token holds waits to be taken back.
  func mayClaim(_ token: String, now: Duration) -> Bool {
    !entries.values.contains { $0.state == .leased && $0.token == token && $0.time <= now }
  }

  /// Sets the end of all that the token holds.
  mutating func prolong(_ token: String, until end: Duration) {
    for (id, entry) in entries where entry.state == .leased && entry.token == token { entries[id]?.time = end }
  }

  /// Gives back what the token holds and nobody runs.
  mutating func giveBack(allBut ids: Set<String>, of token: String) {
    for (id, entry) in entries where entry.state == .leased && entry.token == token && !ids.contains(id) {
      makeReady(id, at: entry.place)
    }
  }

  mutating func promote(max: Int, crashesMax: Int, now: Duration) -> Promotion {
    let due = sorted(.delayed).prefix { (entries[$0]?.time ?? now) <= now }.prefix(max)
    let lateness = due.first.flatMap { entries[$0] }.map { now - $0.time }
    for id in due { makeReady(id) }
    var buried = 0
    let expired = sorted(.leased).prefix { (entries[$0]?.time ?? now) <= now }.prefix(max)
    for id in expired {
      let crashes = (entries[id]?.crashes ?? 0) + 1
      entries[id]?.crashes = crashes
      if crashes >= crashesMax {
        bury(id, DeadWorkers.reason(crashes), crashes: crashes, now: now)
        history.count(.dead, now: now)
        buried += 1
      } else {
        history.count(.lost, now: now)
        makeReady(id, at: entries[id]?.place)
      }
    }
    let next = entries.values.lazy.filter { $0.state == .delayed || $0.state == .leased }.map(\.time).min()
    return Promotion(
      promoted: due.count, reaped: expired.count - buried, buried: buried,
      next: next.map { Swift.max(.zero, $0 - now) },
      lateness: lateness)
  }

  mutating func revive(_ id: String) -> Bool {
    guard let entry = entries[id], entry.state == .delayed || entry.state == .dead else { return false }
    entries[id]?.crashes = 0
    makeReady(id)
    return true
  }

  mutating func delete(_ id: String) -> Bool {
    guard let entry = entries[id], entry.state != .leased else { return false }
    if entry.state == .ready { ready.removeAll { $0.id == id } }
    entries[id] = nil
    return true
  }

  // MARK: Inspection

  var counts: QueueCounts {
    func count(_ state: JobState) -> Int { entries.values.count { $0.state == state } }
    return QueueCounts(
      ready: ready.count, leased: count(.leased), delayed: count(.delayed), dead: count(.dead), isPaused: isPaused)
  }

  /// Ids in the order in which they will be taken; dead ones newest first.
  func sorted(_ state: JobState) -> [String] {
    if state == .ready { return ready.map(\.id) }
    let byTime = entries.filter { $0.value.state == state }
      .sorted { ($0.value.time, $0.key) < ($1.value.time, $1.key) }.map(\.key)
    return state == .dead ? byTime.reversed() : byTime
  }

  func listed(_ id: String, now: Duration) -> ListedJob? {
    guard let entry = entries[id] else { return nil }
    let (remaining, detail): (Duration?, String) =
      switch entry.state {
      case .ready: (nil, "")
      case .leased: (entry.time - now, entry.token)
      case .delayed: (entry.time - now, "")
      case .dead: (entry.time - now, entry.reason)
      }
    let died = entry.state == .dead && entry.crashes > 0 ? entry.crashes : nil
    return ListedJob(
      record: entry.record, state: entry.state, remaining: remaining, detail: detail, workersDied: died)
  }

  // MARK: Moves

  private mutating func makeReady(_ id: String, at given: Int64? = nil) {
    guard let record = entries[id]?.record else { return }
    if given == nil, ready.isEmpty { turns.reset() }
    let place = given ?? turns.place(record)
    entries[id]?.state = .ready
    entries[id]?.place = place
    entries[id]?.reason = ""
    var low = 0
    var high = ready.count
    while low < high {
      let middle = (low + high) / 2
      if (ready[middle].place, ready[middle].id) < (place, id) { low = middle + 1 } else { high = middle }
    }
    ready.insert((place, id), at: low)
    wakesReady = true
  }

  private mutating func delay(_ id: String, until due: Duration) {
    let earliest = entries.values.lazy.filter { $0.state == .delayed }.map(\.time).min()
    if earliest.map({ due < $0 }) ?? true { wakesDue = true }
    entries[id]?.state = .delayed
    entries[id]?.time = due
  }

  private mutating func bury(_ id: String, _ reason: String, crashes: Int = 0, now: Duration) {
    entries[id]?.state = .dead
    entries[id]?.time = now
    entries[id]?.reason = reason
    entries[id]?.crashes = crashes
  }
}
