import Jobs
import Synchronization
import TestSupport

/// A clock that stands still until a test moves it.
final class HandClock: Sendable {
  private let time = Mutex(Duration.zero)
  var now: Duration { time.withLock { $0 } }
  func advance(_ duration: Duration) { time.withLock { $0 += duration } }
}

/// What happened, to be awaited one by one.
final class Happenings<Element: Sendable>: Sendable {
  private let stream: AsyncStream<Element>
  private let continuation: AsyncStream<Element>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func add(_ element: Element) { continuation.yield(element) }

  /// The next one that nobody awaited yet.
  func next() async -> Element {
    for await element in stream { return element }
    preconditionFailure("the test was cancelled")
  }

  func next(_ count: Int) async -> [Element] {
    var elements: [Element] = []
    for _ in 0..<count { elements.append(await next()) }
    return elements
  }
}

/// A door that stays open once opened.
final class Door: Sendable {
  private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

  func open() {
    let waiters = state.withLock { state in
      state.isOpen = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Not cancellable, as a handler that does not listen.
  func pass() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiters.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}

struct BrokerDown: Error, CustomStringConvertible { let description = "the broker is down" }

/// An in-memory broker that tells what was done to it, and fails when asked to.
final class ProbeBroker: Broker {
  struct Settled: Sendable, Equatable {
    let id: String
    let move: Settlement.Move
    let result: SettleResult
  }

  let base: InMemoryBroker
  let settled = Happenings<Settled>()
  let extended = Happenings<Int>()
  let idle = Happenings<Void>()
  private let claimFailures: Mutex<Int>
  private let settleFailures = Mutex(0)
  private let unreadable = Mutex<[(id: String, reason: String)]>([])

  init(_ base: InMemoryBroker = InMemoryBroker(), claimFailures: Int = 0) {
    self.base = base
    self.claimFailures = Mutex(claimFailures)
  }

  func failSettling(times: Int) { settleFailures.withLock { $0 = times } }

  /// The next claim brings a record that can't be read.
  func addUnreadable(_ id: String, reason: String) { unreadable.withLock { $0.append((id, reason)) } }

  private func fail(_ left: borrowing Mutex<Int>) throws {
    let fails = left.withLock { left in
      guard left > 0 else { return false }
      left -= 1
      return true
    }
    if fails { throw BrokerDown() }
  }

  func claim(
    _ max: Int, from queue: QueueName, token: String, lease: Duration, runsNothingElse: Bool
  ) async throws -> Claim {
    try fail(claimFailures)
    var claim = await base.claim(max, from: queue, token: token, lease: lease, runsNothingElse: runsNothingElse)
    let malformed = unreadable.withLock { list in
      defer { list = [] }
      return list
    }
    claim.malformed += malformed
    claim.jobs.removeAll { job in malformed.contains { $0.id == job.id } }
    return claim
  }

  func settle(_ jobs: [HeldSettlement], in queue: QueueName) async throws -> [SettleResult] {
    try fail(settleFailures)
    let results = await base.settle(jobs, in: queue)
    for (job, result) in zip(jobs.map(\.settlement), results) {
      settled.add(Settled(id: job.job.id, move: job.move, result: result))
    }
    return results
  }

  func extend(_ ids: [String], in queue: QueueName, token: String, lease: Duration) async throws -> [String] {
    let lost = await base.extend(ids, in: queue, token: token, lease: lease)
    extended.add(ids.count - lost.count)
    return lost
  }

  func waitForReady(in queue: QueueName, limit: Duration) async throws {
    idle.add(())
    try await base.waitForReady(in: queue, limit: limit)
  }

  func history(of queue: QueueName, minutes: Int) async throws -> (now: Int64, minutes: [QueueMinute]) {
    await base.history(of: queue, minutes: minutes)
  }

  func enqueue(_ jobs: [NewJob], to queue: QueueName) async throws -> [EnqueueResult] {
    try await base.enqueue(jobs, to: queue)
  }
  func promote(in queue: QueueName, max: Int, crashesMax: Int) async throws -> Promotion {
    await base.promote(in: queue, max: max, crashesMax: crashesMax)
  }
  func waitForEarlierDue(in queue: QueueName, limit: Duration) async throws {
    try await base.waitForEarlierDue(in: queue, limit: limit)
  }
  func setPaused(_ isPaused: Bool, queue: QueueName) async throws { await base.setPaused(isPaused, queue: queue) }
  func counts(of queue: QueueName) async throws -> QueueCounts { await base.counts(of: queue) }
  func list(_ state: JobState, in queue: QueueName, offset: Int, limit: Int) async throws -> [ListedJob] {
    await base.list(state, in: queue, offset: offset, limit: limit)
  }
  func find(_ id: String, in queue: QueueName) async throws -> ListedJob? { await base.find(id, in: queue) }
  func revive(_ id: String, in queue: QueueName) async throws -> Bool { await base.revive(id, in: queue) }
  func delete(_ id: String, in queue: QueueName) async throws -> Bool { await base.delete(id, in: queue) }
}

extension QueueName {
  static let dispatch = QueueName(known: "dispatch")
  static let check = QueueName(known: "check")
}

/// A job that says nothing beyond its id.
struct WordJob: Job {
  static let kind = "word"
  static let queue = QueueName.dispatch
  let id: String
  var payload: [UInt8] { [] }

  init(_ id: String) { self.id = id }
  init(id: String, payload: [UInt8]) { self.id = id }
}

/// A job that carries a number.
struct NumberJob: Job {
  static let kind = "number"
  static let queue = QueueName.check
  let id: String
  let number: Int
  var payload: [UInt8] { Array(String(number).utf8) }

  init(_ number: Int) { (id, self.number) = ("job-\(number)", number) }

  init(id: String, payload: [UInt8]) throws {
    guard let number = Int(String(decoding: payload, as: UTF8.self)) else { throw MalformedPayload("not a number") }
    (self.id, self.number) = (id, number)
  }
}

/// A runner of number jobs on a probed broker whose clock stands still.
struct Workshop {
  let clock = HandClock()
  let broker: ProbeBroker
  let events = Happenings<RunnerEvent>()
  let runner: Runner
  static let queue = NumberJob.queue
  static let policy = RetryPolicy(
    attemptsMax: 3, backoff: .exponential(from: .seconds(100), upTo: .seconds(1000), jitter: 0))

  init(
    concurrency: Int = 10, lease: Duration = .seconds(60), grace: Duration = .seconds(60), claimFailures: Int = 0,
    _ perform: @escaping @Sendable (NumberJob, JobContext) async throws -> Outcome
  ) {
    let clock = clock
    broker = ProbeBroker(InMemoryBroker { clock.now }, claimFailures: claimFailures)
    var handlers = Handlers()
    handlers.on(NumberJob.self, policy: Self.policy, perform)
    let events = events
    runner = Runner(
      queue: Self.queue, broker: broker, handlers: handlers,
      options: Runner.Options(concurrency: concurrency, lease: lease, grace: grace), token: "runner"
    ) { events.add($0) }
  }

  func start() -> Task<Void, Never> {
    let runner = runner
    return Task { await runner.run() }
  }

  func add(_ numbers: some Sequence<Int>) async throws {
    let results = try await broker.enqueue(numbers.map { NewJob(NumberJob($0)) }, to: Self.queue)
    precondition(results.allSatisfy { $0 == .added })
  }

  func add(_ number: Int) async throws { try await add([number]) }
  func promote() async throws -> Promotion { try await broker.promote(in: Self.queue, max: 100, crashesMax: 10) }
  func find(_ number: Int) async throws -> ListedJob? { try await broker.find("job-\(number)", in: Self.queue) }
  func counts() async throws -> QueueCounts { try await broker.counts(of: Self.queue) }
}
