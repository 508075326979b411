public import Jobs
internal import Redis

extension RedisBroker {
  /// Which of the jobs will not run by themselves for a long time.
  ///
  /// - Parameters:
  ///   - latenessMax: delayed ones are due, and leases end, later than this from now.
  ///   - burialMin: dead ones were buried at least so long ago.
  public func strays(
    among ids: [String], in queue: QueueName, latenessMax: Duration, burialMin: Duration
  ) async throws -> [String] {
    let keys = keys(queue)
    var strays: [String] = []
    for start in stride(from: 0, to: ids.count, by: Self.jobsPerScriptMax) {
      let part = ids[start..<min(start + Self.jobsPerScriptMax, ids.count)]
      let reply = try await client.run(
        Scripts.strays, keys: keys.arguments,
        arguments: [.integer(latenessMax.millisecondsRoundedUp), .integer(burialMin.millisecondsRoundedUp)]
          + part.map { .string($0) })
      strays += try Reply(reply).texts()
    }
    return strays
  }

  /// Makes a job ready whose lease ends later than any can, as one that was given while Redis' clock was ahead to a worker
  /// that died since. One that lives has renewed it, and so shortened it; if it has not yet, it finds its lease gone.
  ///
  /// - Parameter leaseMax: no lease ends later than this from now.
  /// - Returns: false when its lease is an ordinary one, or it has none.
  public func takeBack(_ id: String, in queue: QueueName, leaseMax: Duration) async throws -> Bool {
    let reply = try await client.run(
      Scripts.takeBack, keys: keys(queue).arguments,
      arguments: [.string(id), .integer(leaseMax.millisecondsRoundedUp)])
    return try Reply(reply).flag()
  }

  /// Where each of the jobs is; nil for one that is not there.
  public func states(of ids: [String], in queue: QueueName) async throws -> [JobState?] {
    let keys = keys(queue)
    var states: [JobState?] = []
    for start in stride(from: 0, to: ids.count, by: Self.jobsPerScriptMax) {
      let part = ids[start..<min(start + Self.jobsPerScriptMax, ids.count)]
      let reply = try await client.run(
        Scripts.states, keys: keys.arguments,
        arguments: part.map { .string($0) })
      states += try Reply(reply).letters(part.count).map { JobState(letter: $0) }
    }
    return states
  }
}
