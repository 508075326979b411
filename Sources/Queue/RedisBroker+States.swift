public import Jobs
internal import Redis

extension RedisBroker {
  /// Which of the jobs will not run by themselves for a long time.
  ///
  /// - Parameters:
  ///   - latenessMax: delayed ones are due later than this from now.
  ///   - burialMin: dead ones were buried at least so long ago.
  public func strays(
    among ids: [String], in queue: QueueName, latenessMax: Duration, burialMin: Duration
  ) async throws -> [String] {
    let keys = keys(queue)
    var strays: [String] = []
    for start in stride(from: 0, to: ids.count, by: Self.jobsPerScriptMax) {
      let part = ids[start..<min(start + Self.jobsPerScriptMax, ids.count)]
      let reply = try await client.run(
        Scripts.strays, keys: [keys.delayed, keys.dead],
        arguments: [.integer(latenessMax.millisecondsRoundedUp), .integer(burialMin.millisecondsRoundedUp)]
          + part.map { .string($0) })
      strays += try Reply(reply).texts()
    }
    return strays
  }

  /// Where each of the jobs is; nil for one that is not there.
  public func states(of ids: [String], in queue: QueueName) async throws -> [JobState?] {
    let keys = keys(queue)
    var states: [JobState?] = []
    for start in stride(from: 0, to: ids.count, by: Self.jobsPerScriptMax) {
      let part = ids[start..<min(start + Self.jobsPerScriptMax, ids.count)]
      let reply = try await client.run(
        Scripts.states, keys: [keys.jobs, keys.ready, keys.delayed, keys.leases, keys.dead],
        arguments: part.map { .string($0) })
      states += try Reply(reply).letters(part.count).map { letter in
        switch letter {
        case UInt8(ascii: "r"): .ready
        case UInt8(ascii: "d"): .delayed
        case UInt8(ascii: "l"): .leased
        case UInt8(ascii: "x"): .dead
        default: nil
        }
      }
    }
    return states
  }
}
