/// Where jobs wait: the states of a job and every move between them.
///
///     enqueue ─→ ready ─claim→ leased ─complete→ (gone)
///        └─→ delayed ─promote↗   │├─ retry, snooze, postpone ─→ delayed
///                                │├─ release ─→ ready (spends no attempt)
///                                │└─ bury ─→ dead ─revive→ ready
///                                └─ lease ran out: reap ─→ ready, or dead after `crashesMax`
///
/// Every move checks the state it comes from, is atomic, and takes many jobs at once. At least once: a job is given out
/// again when its lease runs out. `BrokerConformance` holds every implementation to this.
public protocol Broker: Sendable {
  /// Adds jobs that don't exist yet; one result each.
  func enqueue(_ jobs: [NewJob], to queue: QueueName) async throws -> [EnqueueResult]

  /// Takes up to `max` ready jobs under a lease of `lease` whose token is `token`; nothing while the queue is paused.
  ///
  /// All that a token holds is under one lease, which a claim or an extension sets anew. So give each claim a token of its
  /// own: what was claimed and never arrived then runs out by itself. Nothing is given to a token whose lease ran out and
  /// whose jobs were not taken back yet.
  ///
  /// Highest priority first, but of 16 jobs taken while two priorities wait, one is the first of the normal and one the
  /// first of the low ones. Within a priority the flows take turns, and each flow's oldest job comes first.
  ///
  /// A job that lost ``DeadWorkers/suspicious`` leases is a suspect: it is given alone, and only to a caller that runs nothing
  /// else and whose token holds nothing. The others then keep their places and are charged with nothing, whatever becomes
  /// of the one; ``Claim/suspectsLeft`` says that there are some.
  func claim(
    _ max: Int, from queue: QueueName, token: String, lease: Duration, runsNothingElse: Bool
  ) async throws -> Claim

  /// Settles jobs, each held by the token it names; one result each, `lost` where the lease is no longer held.
  func settle(_ jobs: [HeldSettlement], in queue: QueueName) async throws -> [SettleResult]

  /// Prolongs the lease of `token` to `lease` from now; returns those of `ids` that it no longer holds. What it holds and is not
  /// among them is back in its place at once, since nobody runs it; when it holds none of them, nothing changes.
  func extend(_ ids: [String], in queue: QueueName, token: String, lease: Duration) async throws -> [String]

  /// Moves due delayed jobs to ready, and jobs whose lease ran out back to ready (or, the `crashesMax`-th time, to the
  /// dead set). At most `max` of each.
  func promote(in queue: QueueName, max: Int, crashesMax: Int) async throws -> Promotion

  /// Waits until a ready job may be there, or `limit` passed. May return early; never misses a job for good.
  func waitForReady(in queue: QueueName, limit: Duration) async throws

  /// Waits until a due time earlier than all before was added, or `limit` passed.
  func waitForEarlierDue(in queue: QueueName, limit: Duration) async throws

  /// Stops or restarts giving out jobs.
  func setPaused(_ isPaused: Bool, queue: QueueName) async throws

  /// How many jobs are in each state.
  func counts(of queue: QueueName) async throws -> QueueCounts

  /// What the queue did in the last `minutes` minutes with the present one, at most ``QueueMinute/keptMax``, and which
  /// minute is the present one. Oldest first; minutes in which nothing happened are left out.
  func history(of queue: QueueName, minutes: Int) async throws -> (now: Int64, minutes: [QueueMinute])

  /// Jobs of a state, in the order in which they will be taken (dead: newest first).
  func list(_ state: JobState, in queue: QueueName, offset: Int, limit: Int) async throws -> [ListedJob]

  /// One job, or nil.
  func find(_ id: String, in queue: QueueName) async throws -> ListedJob?

  /// Moves a delayed or dead job to ready; false when it is in neither state.
  func revive(_ id: String, in queue: QueueName) async throws -> Bool

  /// Removes a job that is not leased; false when there is none or it is leased.
  func delete(_ id: String, in queue: QueueName) async throws -> Bool
}

extension Broker {
  /// Settles jobs that one token holds.
  public func settle(_ jobs: [Settlement], in queue: QueueName, token: String) async throws -> [SettleResult] {
    try await settle(jobs.map { HeldSettlement($0, token: token) }, in: queue)
  }
}

/// Where a job is.
public enum JobState: String, Sendable, CaseIterable { case ready, leased, delayed, dead }

/// A job to enqueue: ready at once, or after `delay`.
public struct NewJob: Sendable {
  public var record: JobRecord
  public var delay: Duration
  public init(_ record: JobRecord, delay: Duration = .zero) {
    self.record = record
    self.delay = delay
  }

  /// The stored form of a typed job.
  public init(
    _ job: some Job, priority: JobPriority = .normal, flow: String = "", delay: Duration = .zero, trace: String = "",
    now: Int64 = 0
  ) {
    record = JobRecord(
      id: job.id, kind: type(of: job).kind, priority: priority, flow: flow, enqueuedAt: now, trace: trace,
      payload: job.payload)
    self.delay = delay
  }
}
extension Broker {
  /// A claim by who runs nothing.
  public func claim(_ max: Int, from queue: QueueName, token: String, lease: Duration) async throws -> Claim {
    try await claim(max, from: queue, token: token, lease: lease, runsNothingElse: true)
  }
}

public enum EnqueueResult: Sendable, Equatable {
  case added
  /// A job with this id is already there, in the state given.
  case duplicate(JobState)
}

/// What a claim brought.
public struct Claim: Sendable {
  /// Jobs that can be run.
  public var jobs: [JobRecord]
  /// Jobs whose record can't be read; leased as well, to be buried with the reason.
  public var malformed: [(id: String, reason: String)]
  /// How many leases a job lost since it was enqueued or revived; jobs that lost none are left out.
  public var crashes: [String: Int]
  /// Suspects whose turn it was, and which have to be run alone.
  public var suspectsLeft: Int
  /// Under which they are held, noted by who asked.
  var token = ""
  /// From before it was asked for, likewise.
  var asked: ContinuousClock.Instant?
  public init(
    jobs: [JobRecord], malformed: [(id: String, reason: String)] = [], crashes: [String: Int] = [:],
    suspectsLeft: Int = 0
  ) {
    self.jobs = jobs
    self.malformed = malformed
    self.crashes = crashes
    self.suspectsLeft = suspectsLeft
  }
}

/// How a leased job ends.
public struct Settlement: Sendable {
  public enum Move: Sendable, Equatable {
    /// Done: the job is gone.
    case complete
    /// To delayed; `attempts` is the count of failed attempts that the record then carries. Its worker lived, so that
    /// the leases it lost before are forgotten.
    case delay(Duration, attempts: Int)
    /// To delayed without having been run: as if it had never been claimed, leases that it lost included.
    case postpone(Duration)
    /// Back to ready at once, as if it had never been claimed.
    case release
    /// To the dead set, with a reason for people.
    case bury(reason: String)
  }
  public var job: JobRecord
  public var move: Move
  public init(_ job: JobRecord, _ move: Move) {
    self.job = job
    self.move = move
  }
}

/// A settlement and the token under which its job is held.
public struct HeldSettlement: Sendable {
  public var settlement: Settlement
  public var token: String
  public init(_ settlement: Settlement, token: String) {
    self.settlement = settlement
    self.token = token
  }
}

public enum SettleResult: Sendable, Equatable {
  case settled
  /// The lease ran out or was taken over: another may run the job, so nothing was changed.
  case lost
}

/// What a promotion moved, and when to come back.
public struct Promotion: Sendable, Equatable {
  public var promoted: Int
  public var reaped: Int
  public var buried: Int
  /// Until the next job is due or the next lease runs out; nil when there is neither. Zero when more is due already.
  public var next: Duration?
  /// How long after its due time the first of the promoted jobs was promoted; nil when none was.
  public var lateness: Duration?
  public init(promoted: Int, reaped: Int, buried: Int, next: Duration?, lateness: Duration? = nil) {
    self.promoted = promoted
    self.reaped = reaped
    self.buried = buried
    self.next = next
    self.lateness = lateness
  }
}

public struct QueueCounts: Sendable, Equatable {
  public var ready: Int
  public var leased: Int
  public var delayed: Int
  public var dead: Int
  public var isPaused: Bool
  public init(ready: Int, leased: Int, delayed: Int, dead: Int, isPaused: Bool) {
    self.ready = ready
    self.leased = leased
    self.delayed = delayed
    self.dead = dead
    self.isPaused = isPaused
  }
}

/// A job as an inspector sees it.
public struct ListedJob: Sendable, Equatable {
  /// The ``detail`` of a dead job whose reason is not there any more.
  public static let lostReason = "its reason is lost: the key in Redis that kept the reasons was deleted"

  public var record: JobRecord
  public var state: JobState
  /// Leased: until the lease ends. Delayed: until it is due. Negative when overdue. Dead: since its burial, as a negative
  /// duration. Ready: nil.
  public var remaining: Duration?
  /// Dead: why. Leased: the token that holds it. Empty otherwise.
  public var detail: String
  /// How many workers died while they ran it, if that is why it is dead; nil otherwise.
  public var workersDied: Int?

  public init(
    record: JobRecord, state: JobState, remaining: Duration?, detail: String, workersDied: Int? = nil
  ) {
    self.record = record
    self.state = state
    self.remaining = remaining
    self.detail = detail
    self.workersDied = workersDied
  }
}
