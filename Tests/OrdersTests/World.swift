import Jobs
import Orders
import Seeded

@testable import TestSupport

/// Orders, their jobs in the real queue, processes that crash, freeze and come back, a Redis that is wiped, and a
/// provider for each order: the promise as a whole, in virtual time.
struct World {
  /// Mistakes of the parts between the orders and the queue.
  enum Mistake { case none, neverReconcile, leavePoisonBuried }

  static let ordersCount = 3
  private static let processesCount = 2
  private static let lease = Duration.seconds(30)
  private static let stepsMax = 3000
  private static let reconcileInterval = Duration.seconds(60)

  private struct Run {
    let work: History.Work
    let order: Int
    let record: JobRecord
    /// What comes next, and when; nil when the job ended without a word of it arriving.
    var next: (at: Duration, what: History.Later)?
  }

  private struct Process {
    var token: String
    var frozenUntil = Duration.zero
    /// Where jobs are about that may have ended their processes: those are run alone.
    var careful: Set<History.Work> = []
    var runs: [Run] = []
  }

  private let mistake: Mistake
  /// No message is lost and Redis is never emptied: then nobody may need the reconciler, whoever crashes or freezes.
  private let isReliable: Bool
  private(set) var orders: [History]
  private(set) var violation: String?
  /// What the world came by.
  private(set) var met: Set<String> = []
  /// The order that kills whoever works on it, if there is one, and at which work.
  private let poison: (order: Int, work: History.Work)?
  private var queues: [History.Work: MemoryQueue] = [.dispatch: MemoryQueue(), .check: MemoryQueue()]
  private var processes: [Process]
  private var started = 0
  private var random: SeededGenerator
  private var now = Duration.zero
  private var reconcileAt = Duration.zero

  init(
    seed: UInt64, _ mistake: Mistake = .none, orders orderMistake: History.Mistake = .none, isReliable: Bool = false
  ) {
    self.mistake = mistake
    self.isReliable = isReliable
    random = SeededGenerator(seed: seed)
    orders = (0..<UInt64(Self.ordersCount)).map {
      History(seed: seed &* 31 &+ $0, mistake: orderMistake, isAlone: false)
    }
    let work = History.Work.allCases.randomElement(using: &random) ?? .dispatch
    poison = Int.random(in: 0..<10, using: &random) == 0 ? (0, work) : nil
    processes = (0..<Self.processesCount).map { Process(token: "process \($0)") }
    started = processes.count
  }

  mutating func run() {
    for _ in 0..<Self.stepsMax {
      guard violation == nil else { return }
      guard orders.contains(where: \.isOpen) || processes.contains(where: { !$0.runs.isEmpty }) else { break }
      step()
    }
    if let open = orders.firstIndex(where: \.isOpen) { fail(open, "it never ended") }
  }

  // MARK: Time

  private mutating func step() {
    disturb()
    promote()
    if now >= reconcileAt { reconcile() }
    for process in processes.indices where processes[process].frozenUntil <= now {
      heartbeat(process)
      claim(process)
    }
    while violation == nil, let (process, run) = dueRun() { resume(process, run) }
    now = max(nextMoment() ?? now, now + .milliseconds(1))
  }

  private func nextMoment() -> Duration? {
    var moments = [reconcileAt]
    for process in processes {
      for run in process.runs { if let next = run.next { moments.append(max(next.at, process.frozenUntil)) } }
      if !process.runs.isEmpty { moments.append(max(now + Self.lease / 3, process.frozenUntil)) }
    }
    for queue in queues.values {
      for state in [JobState.delayed, .leased] {
        if let id = queue.sorted(state).first, let rest = queue.listed(id, now: now)?.remaining {
          moments.append(now + rest)
        }
      }
    }
    return moments.filter { $0 > now }.min()
  }

  // MARK: Faults

  private mutating func disturb() {
    for process in processes.indices {
      switch Int.random(in: 0..<100, using: &random) {
      case 0: crash(process)
      case 1:
        processes[process].frozenUntil = now + .seconds(.random(in: 1...100, using: &random))
        met.insert("frozen")
      default: break
      }
    }
    if chance(1, of: 100), let order = orders.indices.randomElement(using: &random) {
      orders[order].claimRefund(at: now)
      met.insert("claimed")
      look(order)
    }
    guard !isReliable, chance(1, of: 150) else { return }
    for work in History.Work.allCases { queues[work] = MemoryQueue() }
    met.insert("wiped")
  }

  private mutating func crash(_ process: Int) {
    processes[process] = Process(token: "process \(started)")
    started += 1
    met.insert("crashed")
  }

  // MARK: As scheduler and reconciler do

  private mutating func promote() {
    for work in History.Work.allCases {
      let result = queues[work]?.promote(max: 10, crashesMax: DeadWorkers.max, now: now)
      guard let buried = result?.buried, buried > 0 else { continue }
      // Whoever buries may die before it tells anybody.
      if !isReliable, chance(1, of: 3) { continue }
      for id in queues[work]?.sorted(.dead).prefix(buried) ?? [] { hold(id, work) }
    }
  }

  private mutating func hold(_ id: String, _ work: History.Work) {
    guard mistake != .leavePoisonBuried, let order = Int(id),
      let died = queues[work]?.listed(id, now: now)?.workersDied
    else { return }
    orders[order].jobIsBuried(work, workersDied: died, at: now)
    if orders[order].status == .held { met.insert("poison") }
    look(order)
  }

  private mutating func reconcile() {
    reconcileAt = now + Self.reconcileInterval
    // The first announcement of an order is its intake's, not a repair.
    if mistake == .neverReconcile || isReliable, now > .zero { return }
    for order in orders.indices {
      let work: History.Work
      switch orders[order].status {
      case .pending, .sending: work = .dispatch
      case .sent, .unresolved: work = .check
      case .held, .completed, .failed, .cancelled, .contested: continue
      }
      if enqueue(order, work, after: max(.zero, orders[order].dueAt - now)) == .duplicate(.dead) {
        hold("\(order)", work)
      }
    }
  }

  @discardableResult
  private mutating func enqueue(_ order: Int, _ work: History.Work, after delay: Duration) -> EnqueueResult? {
    queues[work]?.enqueue(NewJob(JobRecord(id: "\(order)", kind: "\(work)"), delay: delay), now: now)
  }

  // MARK: As Runner does

  private mutating func heartbeat(_ process: Int) {
    for run in processes[process].runs {
      _ = queues[run.work]?.extend(run.record.id, token: processes[process].token, now: now, lease: Self.lease)
    }
  }

  private mutating func claim(_ process: Int) {
    for work in History.Work.allCases {
      let token = processes[process].token
      let isIdle = !processes[process].runs.contains { $0.work == work }
      let isCareful = processes[process].careful.contains(work)
      guard var queue = queues[work], isIdle || !isCareful else { continue }
      let claim = queue.claim(
        isCareful ? 1 : 2, token: token, until: now + Self.lease, runsNothingElse: isIdle)
      let records = claim.jobs
      processes[process].careful.remove(work)
      if claim.suspectsLeft > 0 { processes[process].careful.insert(work) }
      for record in records {
        guard let order = Int(record.id) else { continue }
        if claim.crashes[record.id, default: 0] >= DeadWorkers.suspicious { processes[process].careful.insert(work) }
        if processes[process].runs.contains(where: { $0.work == work && $0.order == order }) {
          _ = queue.settle(Settlement(record, .postpone(.seconds(1))), token: token, now: now)
        } else {
          processes[process].runs.append(Run(work: work, order: order, record: record, next: nil))
        }
      }
      queues[work] = queue
      for record in records {
        guard let order = Int(record.id),
          let run = processes[process].runs.firstIndex(where: {
            $0.work == work && $0.order == order && $0.next == nil
          })
        else { continue }
        if let poison, poison == (order, work), isTouched(order, work) { return crash(process) }
        orders[order].turn(work, at: now)
        settle(process, run)
      }
    }
  }

  /// Whether the work begins for good, and not only to find that it is not due or done already.
  private func isTouched(_ order: Int, _ work: History.Work) -> Bool {
    guard orders[order].dueAt <= now else { return false }
    switch orders[order].status {
    case .pending, .sending: return work == .dispatch
    case .sent, .unresolved: return work == .check
    case .held, .completed, .failed, .cancelled, .contested: return false
    }
  }

  private func dueRun() -> (process: Int, run: Int)? {
    var first: (process: Int, run: Int)?
    var at = now
    for process in processes.indices where processes[process].frozenUntil <= now {
      for (run, entry) in processes[process].runs.enumerated() {
        if let next = entry.next, next.at <= at { (first, at) = ((process, run), next.at) }
      }
    }
    return first
  }

  private mutating func resume(_ process: Int, _ run: Int) {
    let entry = processes[process].runs[run]
    guard let next = entry.next else { return }
    orders[entry.order].resume(next.what, at: now)
    settle(process, run)
  }

  /// Notes what the order wants next, or ends its job. Every message of that may be lost.
  private mutating func settle(_ process: Int, _ run: Int) {
    let entry = processes[process].runs[run]
    look(entry.order)
    if let next = orders[entry.order].next {
      processes[process].runs[run].next = (now + next.after, next.what)
      return
    }
    processes[process].runs.remove(at: run)
    guard let end = orders[entry.order].jobEnd else { return fail(entry.order, "a job neither ended nor went on") }
    if let (work, delay) = end.plan, isReliable || !chance(1, of: 20) { enqueue(entry.order, work, after: delay) }
    if !isReliable, chance(1, of: 20) { return }
    let move = end.snooze.map { Settlement.Move.delay($0, attempts: entry.record.attempts) } ?? .complete
    let result = queues[entry.work]?.settle(
      Settlement(entry.record, move), token: processes[process].token, now: now)
    if result == .lost { met.insert("zombie") }
  }

  // MARK: What must always hold

  /// What must hold of one order stands in ``History``.
  private mutating func look(_ order: Int) {
    if let found = orders[order].violation { fail(order, found) }
  }

  private mutating func fail(_ order: Int, _ what: String) {
    guard violation == nil else { return }
    let story = orders[order].story.map(\.rawValue).joined(separator: ", ")
    violation = "order \(order): \(what), at \(now.inWords): \(story)"
  }

  private mutating func chance(_ part: Int, of whole: Int) -> Bool {
    Int.random(in: 0..<whole, using: &random) < part
  }
}
