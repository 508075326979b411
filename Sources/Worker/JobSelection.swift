import EventLoop
import Jobs
import Queue
import Service

/// The jobs that a command means: by queue, state and kind.
struct JobSelection {
  static let flags = ["--queue", "--state", "--kind"]
  private static let pageMax = RedisBroker.jobsPerScriptMax

  var queues = QueueName.all
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

  @LoopActor
  func removeAll(_ broker: RedisBroker) async throws -> Int {
    try await all(broker) { try await broker.delete($0, in: $1) }
  }

  @LoopActor
  func reviveAll(_ broker: RedisBroker) async throws -> Int {
    try await all(broker) { try await broker.revive($0, in: $1) }
  }

  /// Does something to every job and counts where it was done; the calls of a page go out together.
  @LoopActor
  private func all(
    _ broker: RedisBroker, _ act: @escaping @Sendable (String, QueueName) async throws -> Bool
  ) async throws -> Int {
    var done = 0
    for (queue, ids) in try await ids(broker) {
      for start in stride(from: 0, to: ids.count, by: Self.pageMax) {
        done += try await withThrowingTaskGroup(of: Bool.self) { group in
          for id in ids[start..<min(start + Self.pageMax, ids.count)] {
            group.addTask { try await act(id, queue) }
          }
          var count = 0
          for try await isDone in group where isDone { count += 1 }
          return count
        }
      }
    }
    return done
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
