public import Jobs
internal import Redis

extension RedisBroker {
  public func setPaused(_ isPaused: Bool, queue: QueueName) async throws {
    _ = try await client.run(Scripts.pause, keys: keys(queue).arguments, arguments: [isPaused ? "1" : "0"])
  }

  public func counts(of queue: QueueName) async throws -> QueueCounts {
    let numbers = try await sums(of: queue)
    return QueueCounts(
      ready: numbers[0], leased: numbers[1], delayed: numbers[2], dead: numbers[3], isPaused: numbers[4] == 1)
  }

  /// Of the jobs that are ready, the one that is taken next and the one that stands last; none when nothing is ready.
  public func readyEnds(of queue: QueueName) async throws -> [String] {
    try Reply(try await client.run(Scripts.ends, keys: keys(queue).arguments, arguments: [])).texts()
  }

  /// Lists at most ``jobsPerScriptMax`` at once. A record that can't be read is shown with the kind `unreadable`.
  public func list(_ state: JobState, in queue: QueueName, offset: Int, limit: Int) async throws -> [ListedJob] {
    guard limit > 0, offset >= 0 else { return [] }
    let reply = try await client.run(
      Scripts.list, keys: keys(queue).arguments,
      arguments: [
        .string(state.rawValue), .integer(Int64(offset)), .integer(Int64(min(limit, Self.jobsPerScriptMax))),
      ])
    let now = reply.array?.first?.integer ?? 0
    return try Reply(reply).rows(5, skipping: 1).compactMap { ListedJob(row: $0, state: state, now: now) }
  }

  public func find(_ id: String, in queue: QueueName) async throws -> ListedJob? {
    let reply = try await client.run(Scripts.find, keys: keys(queue).arguments, arguments: [.string(id)])
    guard let row = reply.array, row.count == 7, let now = row[0].integer,
      let state = row[1].text.flatMap({ JobState(rawValue: $0) })
    else { return nil }
    return ListedJob(row: row[2...], state: state, now: now)
  }

  /// Drops jobs that were buried longer than `age` ago, ``jobsPerScriptMax`` at a time. One of an open order comes back with
  /// the next reconciliation, and is judged anew.
  ///
  /// - Returns: how many it dropped.
  public func retireDead(olderThan age: Duration, in queue: QueueName) async throws -> Int {
    let keys = keys(queue)
    var count = 0
    while true {
      let reply = try await client.run(
        Scripts.retireDead, keys: keys.arguments,
        arguments: [.integer(Int64(age / .milliseconds(1))), .integer(Int64(Self.jobsPerScriptMax))])
      let dropped = Int(reply.integer ?? 0)
      count += dropped
      guard dropped == Self.jobsPerScriptMax else { return count }
      try Task.checkCancellation()
    }
  }

  public func revive(_ id: String, in queue: QueueName) async throws -> Bool {
    let reply = try await client.run(Scripts.revive, keys: keys(queue).arguments, arguments: [.string(id)])
    return try Reply(reply).flag()
  }

  public func delete(_ id: String, in queue: QueueName) async throws -> Bool {
    let reply = try await client.run(Scripts.delete, keys: keys(queue).arguments, arguments: [.string(id)])
    return try Reply(reply).flag()
  }
}
