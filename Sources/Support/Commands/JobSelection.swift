import CommandLine
import EventLoop
import Jobs
import Kinds
import Queue

/// The jobs that a command means: by queue, state and kind.
struct JobSelection {
  static let flags = ["--queue", "--state", "--kind"]

  /// What the flags can be, where they name states in `states`.
  static func choices(_ states: [JobState] = JobState.allCases) -> [String: [String]] {
    ["--queue": JobKinds.sevk.queues.map(\.rawValue), "--state": states.map(\.rawValue)]
  }
  private static let pageMax = RedisBroker.jobsPerScriptMax

  var queues = JobKinds.sevk.queues
  var states = JobState.allCases
  var kind: String?

  init(queues: [QueueName], states: [JobState], kind: String? = nil) {
    self.queues = queues
    self.states = states
    self.kind = kind
  }

  init(_ arguments: Arguments) throws(UsageError) {
    if let text = arguments.value("--queue") { queues = [try RedisCommand.queue(text)] }
    if let text = arguments.value("--state") {
      guard let state = JobState(rawValue: text) else {
        let known = JobState.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("--state \(text) is not known; it can be \(known)")
      }
      states = [state]
    }
    kind = arguments.value("--kind")
  }

  private func matches(_ job: ListedJob) -> Bool { kind == nil || job.record.kind == kind }

  /// At most `limit` jobs after the first `offset`.
  @LoopActor
  func page(offset: Int, limit: Int, _ broker: RedisBroker) async throws -> [(QueueName, ListedJob)] {
    var found: [(QueueName, ListedJob)] = []
    var skip = offset
    try await forEachPage(broker) { queue, jobs in
      for job in jobs where matches(job) && found.count < limit {
        if skip > 0 { skip -= 1 } else { found.append((queue, job)) }
      }
      return found.count < limit
    }
    return found
  }

  /// Every id, queue by queue. What moves meanwhile may be missed or come twice.
  @LoopActor
  func ids(_ broker: RedisBroker) async throws -> [QueueName: [String]] {
    var ids: [QueueName: [String]] = [:]
    try await forEachPage(broker) { queue, jobs in
      ids[queue, default: []] += jobs.filter(matches).map(\.record.id)
      return true
    }
    return ids
  }

  /// How many there are now.
  @LoopActor
  func count(_ broker: RedisBroker) async throws -> Int {
    var count = 0
    guard kind == nil else {
      try await forEachPage(broker) { _, jobs in
        count += jobs.count(where: matches)
        return true
      }
      return count
    }
    for queue in queues {
      let counts = try await broker.counts(of: queue)
      for state in states { count += Self.count(of: state, counts) }
    }
    return count
  }

  private static func count(of state: JobState, _ counts: QueueCounts) -> Int {
    switch state {
    case .ready: counts.ready
    case .leased: counts.leased
    case .delayed: counts.delayed
    case .dead: counts.dead
    }
  }

  /// Takes jobs out of their state, a page at a time, so that any number of them takes the memory of one page.
  ///
  /// - Parameters:
  ///   - most: so many at most, so that jobs that come meanwhile, or come back, don't keep it busy for ever.
  ///   - act: takes a job out of its state, and tells whether it did.
  /// - Returns: how many it did it to.
  @LoopActor
  func takeOut(
    atMost most: Int, _ broker: RedisBroker, _ progress: Progress?,
    _ act: @escaping @LoopActor @Sendable (String, QueueName) async throws -> Bool
  ) async throws -> Int {
    var done = 0
    for queue in queues {
      for state in states {
        var offset = 0
        while done < most, offset < Self.count(of: state, try await broker.counts(of: queue)) {
          let jobs = try await broker.list(state, in: queue, offset: offset, limit: Self.pageMax)
          let changed = try await Self.act(on: jobs.filter(matches).prefix(most - done), queue, act)
          // What was taken out is followed by what came behind it.
          offset += Self.pageMax - changed
          done += changed
          progress?.show(done, of: most)
        }
      }
    }
    progress?.end()
    return done
  }

  /// The calls of a page go out together.
  @LoopActor
  private static func act(
    on jobs: some Sequence<ListedJob>, _ queue: QueueName,
    _ act: @escaping @LoopActor @Sendable (String, QueueName) async throws -> Bool
  ) async throws -> Int {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for id in jobs.map(\.record.id) { group.addTask { try await act(id, queue) } }
      var count = 0
      for try await isDone in group where isDone { count += 1 }
      return count
    }
  }

  @LoopActor
  private func forEachPage(
    _ broker: RedisBroker, _ body: @LoopActor (QueueName, [ListedJob]) -> Bool
  ) async throws {
    for queue in queues {
      for state in states {
        var offset = 0
        while true {
          // Ids without a record are left out of a page, so a short page is not the last.
          let jobs = try await broker.list(state, in: queue, offset: offset, limit: Self.pageMax)
          if jobs.isEmpty { break }
          guard body(queue, jobs) else { return }
          offset += Self.pageMax
        }
      }
    }
  }
}
