import Jobs

@testable import TestSupport

/// A queue and the workers around it in virtual time, through the steps of one history. After each step the queue is
/// compared with ``QueueModel``, and what the workers believe with both.
struct QueueHistory {
  static let lease = Duration.seconds(30)
  static let crashesMax = 3

  private struct Run {
    let job: Int
    let record: JobRecord
    /// Until when the worker may believe, by its own clock, that the job is its own; nil once it knows better.
    var ends: Duration?
    /// Its end is told to the broker, which has not answered yet.
    var isEnding = false
  }

  private struct Worker {
    var token: String
    var running: [Run] = []
  }

  private let mistake: FaultyQueue.Mistake
  private(set) var violation: String?
  /// How many steps were made, the one that failed included.
  private(set) var stepsMade = 0
  /// What this history came by.
  private(set) var met: [String: Int] = [:]
  private var queue: FaultyQueue
  private var model = QueueModel()
  private var now = Duration.zero
  private var brokerNow = Duration.seconds(1000)
  private var workers: [Worker]
  private var processes = 0
  private var mail: [(at: Duration, token: String, job: Int, settlement: Settlement)] = []
  /// What the database says is owed.
  private var owed: Set<Int> = []
  /// A clock that was set forward, and a wipe, end leases that their holders believe in: until they notice, only the
  /// fence of the database keeps two of them apart.
  private var believersUntrusted = false
  private var claimed = 0
  /// Jobs that were claimed although one of a higher priority waited.
  private var overtaken = 0

  init(_ mistake: FaultyQueue.Mistake = .none) {
    self.mistake = mistake
    queue = FaultyQueue(mistake)
    workers = (0..<QueueStep.workersCount).map { Worker(token: "worker \($0)") }
    processes = QueueStep.workersCount
  }

  mutating func run(_ steps: [QueueStep]) {
    for step in steps {
      stepsMade += 1
      perform(step)
      deliver()
      check()
      if violation != nil { return }
    }
    comeToRest()
  }

  // MARK: Steps

  private mutating func perform(_ step: QueueStep) {
    switch step {
    case .enqueue(let job, let priority, let delay):
      owed.insert(job)
      enqueue(job, priority, delay)
    case .claim(let worker, let max): claim(worker, max)
    case .heartbeat(let worker): heartbeat(worker)
    case .end(let worker, let pick, let end, let post): self.end(worker, pick, end, post)
    case .crash(let worker):
      processes += 1
      workers[worker] = Worker(token: "worker \(processes)")
    case .pass(let pause):
      now += pause
      brokerNow += pause
    case .setClock(let jump):
      brokerNow += jump
      if jump > .zero { believersUntrusted = true }
    case .promote(let max): promote(max)
    case .pause(let isPaused):
      queue.isPaused = isPaused
      model.isPaused = isPaused
    case .revive(let job): expect(queue.revive(id(job)), is: model.revive(job), "revive \(job)")
    case .delete(let job):
      let isDeleted = model.delete(job)
      if isDeleted { owed.remove(job) }
      expect(queue.delete(id(job)), is: isDeleted, "delete \(job)")
    case .wipe:
      queue.wipe()
      model = QueueModel()
      believersUntrusted = true
      (claimed, overtaken) = (0, 0)
      note("wiped")
    case .reconcile:
      for job in owed.sorted() { enqueue(job, .normal, .zero) }
      if let missing = owed.first(where: { queue.queue.listed(id($0), now: brokerNow) == nil }) {
        fail("job \(missing) is owed and was not rebuilt")
      }
    }
  }

  private mutating func enqueue(_ job: Int, _ priority: JobPriority, _ delay: Duration) {
    let record = JobRecord(id: id(job), kind: "test", priority: priority)
    let wanted = model.enqueue(job, priority, delay: delay, now: brokerNow)
    expect(queue.enqueue(NewJob(record, delay: delay), now: brokerNow), is: wanted, "enqueue \(job)")
    if case .duplicate(let state) = wanted { note("duplicate \(state)") }
  }

  private mutating func claim(_ worker: Int, _ max: Int) {
    let token = workers[worker].token
    let listed = queue.queue.sorted(.ready).compactMap { Int($0) }
    // A suspect that its worker settled late, or not at all, is not under its token any more; a worker knows what it runs.
    let isIdle = workers[worker].running.isEmpty
    let claim = queue.claim(max, token: token, until: brokerNow + Self.lease, runsNothingElse: isIdle)
    let records = claim.jobs
    let jobs = records.compactMap { Int($0.id) }
    checkClaim(jobs, listed, max: max, isIdle: isIdle, claim.suspectsLeft, by: token)
    model.claim(jobs, token: token, until: brokerNow + Self.lease)
    for (job, record) in zip(jobs, records) {
      if let index = workers[worker].running.firstIndex(where: { $0.job == job }) {
        // As `Runner` does: the first run is fenced off, and the job waits until it is over.
        workers[worker].running[index].ends = nil
        settle(job, Settlement(record, .postpone(.seconds(1))), token)
        note("came back to its own worker")
      } else {
        workers[worker].running.append(Run(job: job, record: record, ends: now + Self.lease))
      }
    }
  }

  /// As many as there are, but for suspects: one of those is given alone, and to who runs nothing else.
  private mutating func checkClaim(
    _ jobs: [Int], _ listed: [Int], max: Int, isIdle: Bool, _ suspectsLeft: Int, by token: String
  ) {
    let wanted = model.isPaused ? 0 : min(max, listed.count)
    let suspects = jobs.filter { model.isSuspect($0) }
    if !suspects.isEmpty {
      if jobs.count > 1 { fail("the suspects \(suspects) were given together in \(jobs)") }
      if !isIdle { fail("the suspect \(suspects) was given to \(token), which runs something") }
      note("suspect alone")
    } else if listed.contains(where: { model.isSuspect($0) }), !model.isPaused {
      if jobs.isEmpty, suspectsLeft == 0 { fail("nothing was given, and no suspect is to blame") }
      let isHolding = model.entries.values.contains { $0.state == .leased && $0.token == token }
      if jobs.isEmpty, isIdle, !isHolding { fail("no suspect was given to the idle \(token)") }
      if jobs.count < wanted, suspectsLeft == 0 { fail("\(token) got \(jobs.count) jobs, not \(wanted)") }
      if suspectsLeft > 0 { note("suspect left") }
    } else {
      expect(jobs.count, is: wanted, "the count of jobs claimed by \(token)")
      expect(suspectsLeft, is: 0, "the suspects left by \(token)")
    }
    checkTurns(jobs, listed.filter { suspects.contains($0) || !model.isSuspect($0) })
  }

  /// In each priority the first of the list are taken; a lower one is taken before a higher only now and then.
  private mutating func checkTurns(_ jobs: [Int], _ listed: [Int]) {
    claimed += jobs.count
    for priority in JobPriority.allCases {
      func isOf(_ job: Int) -> Bool { model.entries[job]?.priority == priority }
      let taken = jobs.filter(isOf)
      // A suspect is taken alone, whoever stands before it.
      if taken.contains(where: { model.isSuspect($0) }) { continue }
      expect(
        taken.sorted(), is: listed.filter(isOf).prefix(taken.count).sorted(), "the \(priority.rawValue) jobs claimed")
    }
    guard !jobs.contains(where: { model.isSuspect($0) }), let best = listed.first(where: { !jobs.contains($0) }),
      let left = model.entries[best]?.priority
    else { return }
    let ranks = JobPriority.allCases
    func rank(_ priority: JobPriority?) -> Int { ranks.firstIndex { $0 == priority } ?? 0 }
    overtaken += jobs.count { rank(model.entries[$0]?.priority) > rank(left) }
    if overtaken > 2 * (claimed / 16 + 1) { fail("\(overtaken) of \(claimed) jobs were claimed before higher ones") }
  }

  private mutating func heartbeat(_ worker: Int) {
    let token = workers[worker].token
    for index in workers[worker].running.indices {
      let job = workers[worker].running[index].job
      let isKept = model.extend(job, token: token, now: brokerNow, lease: Self.lease)
      expect(
        queue.extend(id(job), token: token, now: brokerNow, lease: Self.lease), is: isKept, "extend \(job) by \(token)")
      if !isKept {
        workers[worker].running[index].ends = nil
        note("heartbeat too late")
      } else if workers[worker].running[index].ends != nil {
        workers[worker].running[index].ends = now + Self.lease
      }
    }
  }

  private mutating func end(_ worker: Int, _ pick: Int, _ end: QueueStep.End, _ post: QueueStep.Post) {
    let choice = workers[worker].running.indices.filter { !workers[worker].running[$0].isEnding }
    guard !choice.isEmpty else { return }
    let token = workers[worker].token
    let index = choice[pick % choice.count]
    let (job, record) = (workers[worker].running[index].job, workers[worker].running[index].record)
    let move: Settlement.Move =
      switch end {
      case .complete: .complete
      case .retry: .delay(.seconds(1), attempts: record.attempts + 1)
      case .snooze: .delay(.seconds(40), attempts: record.attempts)
      case .release: .release
      case .bury: .bury(reason: "given up")
      }
    let settlement = Settlement(record, move)
    if case .arrivesLater = post {
      workers[worker].running[index].isEnding = true
    } else {
      workers[worker].running.remove(at: index)
    }
    switch post {
    case .arrives: settle(job, settlement, token)
    case .arrivesTwice:
      settle(job, settlement, token)
      settle(job, settlement, token)
    case .arrivesLater(let pause): mail.append((now + pause, token, job, settlement))
    case .isLost: break
    }
  }

  private mutating func deliver() {
    while let index = mail.firstIndex(where: { $0.at <= now }) {
      let letter = mail.remove(at: index)
      if let worker = workers.firstIndex(where: { $0.token == letter.token }) {
        workers[worker].running.removeAll { $0.job == letter.job }
      }
      settle(letter.job, letter.settlement, letter.token)
    }
  }

  private mutating func settle(_ job: Int, _ settlement: Settlement, _ token: String) {
    let wanted = model.settle(job, settlement.move, token: token, now: brokerNow)
    expect(queue.settle(settlement, token: token, now: brokerNow), is: wanted, "\(settlement.move) \(job) by \(token)")
    if wanted == .settled, settlement.move == .complete { owed.remove(job) }
    note("\(wanted)")
  }

  private mutating func promote(_ max: Int) {
    let due = model.sorted(.delayed).compactMap { model.entries[$0]?.time }.min()
    let (promoted, reaped, buried) = model.promote(max, crashesMax: Self.crashesMax, now: brokerNow)
    let result = queue.promote(max: max, crashesMax: Self.crashesMax, now: brokerNow)
    let next = (model.sorted(.delayed) + model.sorted(.leased)).compactMap { model.entries[$0]?.time }.min()
    let wanted = Promotion(
      promoted: promoted, reaped: reaped, buried: buried, next: next.map { Swift.max(.zero, $0 - brokerNow) },
      lateness: promoted > 0 ? due.map { brokerNow - $0 } : nil)
    expect(result, is: wanted, "promote")
    if promoted > 0 { note("promoted") }
    if reaped > 0 { note("reaped") }
    if buried > 0 { note("buried by reaping") }
  }

  private var left: [Int] { model.entries.keys.filter { model.entries[$0]?.state != .dead }.sorted() }

  /// With nothing more to disturb it, every job ends, but for the dead.
  private mutating func comeToRest() {
    perform(.pause(false))
    for _ in 0..<QueueStep.jobsCount * Self.crashesMax * 2 where !left.isEmpty {
      for step in [QueueStep.crash(worker: 0), .pass(.seconds(200)), .promote(max: 10), .claim(worker: 0, max: 10)] {
        perform(step)
        deliver()
      }
      while violation == nil, workers[0].running.contains(where: { !$0.isEnding }) { end(0, 0, .complete, .arrives) }
      check()
    }
    if !left.isEmpty { fail("the jobs \(left) never end") }
  }

  // MARK: What must always hold

  private mutating func check() {
    var seen: Set<String> = []
    let counts = queue.queue.counts
    let listed: [(JobState, Int)] = [
      (.ready, counts.ready), (.leased, counts.leased), (.delayed, counts.delayed), (.dead, counts.dead),
    ]
    for (state, count) in listed where count > 0 {
      let ids = queue.queue.sorted(state)
      expect(ids.count, is: count, "the count of the \(state.rawValue) jobs")
      expect(state == .ready ? ids.sorted() : ids, is: model.sorted(state).map(id), "the \(state.rawValue) jobs")
      for id in ids {
        if !seen.insert(id).inserted { fail("job \(id) is in two states") }
        checkJob(id, state)
      }
    }
    expect(seen.count, is: model.entries.count, "the count of all jobs")
    if !believersUntrusted { checkBelievers() }
  }

  private mutating func checkJob(_ id: String, _ state: JobState) {
    guard let job = queue.queue.listed(id, now: brokerNow), let number = Int(id), let entry = model.entries[number]
    else {
      return fail("job \(id) is listed but not there")
    }
    expect(job.state, is: state, "the state of \(id)")
    expect(job.record.attempts, is: entry.attempts, "the attempts of \(id)")
    expect(job.record.priority, is: entry.priority, "the priority of \(id)")
    switch state {
    case .ready: break
    case .delayed: expect(job.remaining, is: entry.time - brokerNow, "the wait of \(id)")
    case .leased:
      expect(job.remaining, is: entry.time - brokerNow, "the lease of \(id)")
      expect(job.detail, is: entry.token, "the holder of \(id)")
    case .dead:
      if job.detail.isEmpty { fail("job \(id) is dead without a reason") }
      expect(job.detail, is: entry.reason, "why \(id) is dead")
    }
  }

  /// Who may act on a job holds it, and is alone.
  private mutating func checkBelievers() {
    for worker in workers {
      for run in worker.running {
        guard let ends = run.ends, ends > now else { continue }
        if !model.isHeld(run.job, by: worker.token, at: brokerNow) {
          fail("\(worker.token) believes that it holds job \(run.job), which it doesn't")
        }
      }
    }
  }

  private static let ids = (0..<QueueStep.jobsCount).map { "\($0)" }
  private func id(_ job: Int) -> String { Self.ids[job] }

  private mutating func note(_ what: String) { met[what, default: 0] += 1 }

  private mutating func expect<T: Equatable>(_ found: T, is wanted: T, _ what: @autoclosure () -> String) {
    if found != wanted { fail("\(what()): \(found), not \(wanted)") }
  }

  private mutating func fail(_ what: String) {
    if violation == nil { violation = what }
  }
}

extension QueueHistory {
  /// What is wrong with a history, told with as few steps as still show it; nil when nothing is.
  static func verdict(seed: UInt64, steps: [QueueStep], _ mistake: FaultyQueue.Mistake = .none) -> String? {
    func trial(_ steps: [QueueStep]) -> QueueHistory {
      var history = QueueHistory(mistake)
      history.run(steps)
      return history
    }
    var last = trial(steps)
    guard last.violation != nil else { return nil }
    var few = Array(steps.prefix(last.stepsMade))
    // Leaves parts out, large ones first, as long as something is still wrong without them.
    var size = few.count / 2
    while size > 0 {
      var start = 0
      while start < few.count {
        var fewer = few
        fewer.removeSubrange(start..<min(start + size, few.count))
        let next = trial(fewer)
        if next.violation != nil { (few, last) = (Array(fewer.prefix(next.stepsMade)), next) } else { start += size }
      }
      size /= 2
    }
    let told = few.map { "  \($0)" }.joined(separator: "\n")
    return "seed \(seed): \(last.violation ?? "") after \(few.count) steps:\n\(told)"
  }
}
