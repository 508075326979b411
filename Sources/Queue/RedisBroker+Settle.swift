internal import EventLoop
public import Jobs
internal import Redis

/// A settlement and who claims to hold the job.
struct OwnedSettlement: Sendable {
  let token: String
  let settlement: Settlement
}

extension RedisBroker {
  /// Longest reason kept with a dead job, in characters.
  public nonisolated static let reasonCharactersMax = 1_000

  /// - Throws: `RedisError`, after which jobs may have been settled: settling them again answers `lost` for those.
  public func settle(_ jobs: [Settlement], in queue: QueueName, token: String) async throws -> [SettleResult] {
    guard !jobs.isEmpty else { return [] }
    let batcher =
      settlers[queue]
      ?? Batcher(batchMax: Self.jobsPerScriptMax, concurrencyMax: Self.batchesMax) {
        [client, keys = keys(queue)] calls in
        await ScriptBatches.run(calls) { try await Self.settle($0, client, keys) }
      }
    settlers[queue] = batcher
    return try await batcher.submit(jobs.map { OwnedSettlement(token: token, settlement: $0) })
  }

  /// Sorts the settlements by script, runs the scripts, and puts the results back in order.
  private static func settle(_ jobs: [OwnedSettlement], _ client: RedisClient, _ keys: Keys) async throws
    -> [SettleResult]
  {
    var calls = [
      SettleCall.complete(keys), .delay(keys, .postponed), .delay(keys, .retried), .release(keys), .bury(keys),
      .delay(keys, .postponed, isUntouched: true),
    ]
    for (index, job) in jobs.enumerated() {
      let start: [RedisArgument] = [.string(job.token), .string(job.settlement.job.id)]
      switch job.settlement.move {
      case .complete: calls[0].add(start, index)
      case .delay(let delay, let attempts):
        var record = job.settlement.job
        record.attempts = attempts
        let call = job.settlement.counted == .retried ? 2 : 1
        calls[call].add(start + [.integer(delay.millisecondsRoundedUp), .bytes(record.encoded())], index)
      case .postpone(let delay):
        let record = job.settlement.job
        calls[5].add(start + [.integer(delay.millisecondsRoundedUp), .bytes(record.encoded())], index)
      case .release: calls[3].add(start, index)
      case .bury(let reason): calls[4].add(start + [.string(String(reason.prefix(reasonCharactersMax)))], index)
      }
    }
    var results = [SettleResult](repeating: .lost, count: jobs.count)
    try await withThrowingTaskGroup(of: [(Int, SettleResult)].self) { group in
      for call in calls where !call.indices.isEmpty { group.addTask { try await call.run(client) } }
      for try await part in group {
        for (index, result) in part { results[index] = result }
      }
    }
    return results
  }
}

/// One settling script and the jobs it is for.
private struct SettleCall: Sendable {
  let script: RedisScript
  let keys: [RedisArgument]
  var arguments: [RedisArgument] = []
  /// Where each job stands in the input.
  var indices: [Int] = []

  static func complete(_ keys: Keys) -> SettleCall {
    SettleCall(script: Scripts.complete, keys: [keys.jobs, keys.leases, keys.owners, keys.crashes, keys.history])
  }
  /// - Parameter isUntouched: nobody ran the jobs, so that they are as suspicious as before.
  static func delay(_ keys: Keys, _ counted: QueueTally.Move, isUntouched: Bool = false) -> SettleCall {
    SettleCall(
      script: Scripts.delay,
      keys: [keys.jobs, keys.leases, keys.owners, keys.delayed, keys.dueWake, keys.crashes, keys.history],
      arguments: [.string(counted.rawValue), isUntouched ? "1" : "0"])
  }
  static func release(_ keys: Keys) -> SettleCall {
    SettleCall(
      script: Scripts.release, keys: [keys.jobs, keys.leases, keys.owners, keys.ready, keys.wake, keys.history])
  }
  static func bury(_ keys: Keys) -> SettleCall {
    SettleCall(
      script: Scripts.bury,
      keys: [keys.jobs, keys.leases, keys.owners, keys.crashes, keys.dead, keys.reasons, keys.history])
  }

  mutating func add(_ part: [RedisArgument], _ index: Int) {
    arguments += part
    indices.append(index)
  }

  func run(_ client: RedisClient) async throws -> [(Int, SettleResult)] {
    let reply = try await client.run(script, keys: keys, arguments: arguments)
    let letters = try Reply(reply).letters(indices.count)
    return zip(indices, letters).map { ($0, $1 == UInt8(ascii: "1") ? .settled : .lost) }
  }
}
