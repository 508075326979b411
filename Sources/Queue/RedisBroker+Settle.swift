internal import EventLoop
public import Jobs
internal import Redis

extension RedisBroker {
  /// Longest reason kept with a dead job, in characters.
  public nonisolated static let reasonCharactersMax = 1_000

  /// - Throws: `RedisError`, after which jobs may have been settled: settling them again answers `lost` for those.
  public func settle(_ jobs: [HeldSettlement], in queue: QueueName) async throws -> [SettleResult] {
    guard !jobs.isEmpty else { return [] }
    let batcher =
      settlers[queue]
      ?? Batcher(batchMax: Self.jobsPerScriptMax, concurrencyMax: Self.batchesMax) {
        [client, keys = keys(queue)] calls in
        await ScriptBatches.run(calls) { try await Self.settle($0, client, keys) }
      }
    settlers[queue] = batcher
    return try await batcher.submit(jobs)
  }

  /// Sorts the settlements by script, runs the scripts, and puts the results back in order.
  private static func settle(_ jobs: [HeldSettlement], _ client: RedisClient, _ keys: Keys) async throws
    -> [SettleResult]
  {
    var calls = [
      SettleCall(Scripts.complete), .delay(.postponed), .delay(.retried), SettleCall(Scripts.release),
      SettleCall(Scripts.bury), .delay(.postponed, isUntouched: true),
    ]
    for (index, job) in jobs.enumerated() {
      let (token, record) = (job.token, job.settlement.job)
      switch job.settlement.move {
      case .complete: calls[0].add(record.id, of: token, index)
      case .delay(let delay, let attempts):
        var record = record
        record.attempts = attempts
        let call = job.settlement.counted == .retried ? 2 : 1
        calls[call].add(
          record.id, of: token, index, with: [.bytes(record.encoded()), .integer(delay.millisecondsRoundedUp)])
      case .postpone(let delay):
        calls[5].add(
          record.id, of: token, index, with: [.bytes(record.encoded()), .integer(delay.millisecondsRoundedUp)])
      case .release: calls[3].add(record.id, of: token, index)
      case .bury(let reason):
        calls[4].add(record.id, of: token, index, with: [.string(String(reason.prefix(reasonCharactersMax)))])
      }
    }
    var results = [SettleResult](repeating: .lost, count: jobs.count)
    try await withThrowingTaskGroup(of: [(Int, SettleResult)].self) { group in
      for call in calls where !call.groups.isEmpty { group.addTask { try await call.run(client, keys) } }
      for try await part in group {
        for (index, result) in part { results[index] = result }
      }
    }
    return results
  }
}
