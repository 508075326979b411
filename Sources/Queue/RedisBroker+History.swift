public import Jobs
internal import Redis

extension RedisBroker {
  public func history(of queue: QueueName, minutes: Int) async throws -> (now: Int64, minutes: [QueueMinute]) {
    let moves = QueueTally.Move.allCases
    let wanted = max(0, min(minutes, QueueMinute.keptMax))
    let reply = try await client.run(
      Scripts.history, keys: keys(queue).arguments,
      arguments: [.integer(Int64(wanted))] + moves.map { .string($0.rawValue) })
    let now = try Reply(reply).numbers(1)[0]
    let rows = try Reply(reply).rows(1 + moves.count, skipping: 1)
    return (
      now,
      rows.map { row in
        var tally = QueueTally()
        for (move, count) in zip(moves, row.dropFirst()) { tally[move] = Int(count.integer ?? 0) }
        return QueueMinute(minute: row.first?.integer ?? 0, tally: tally)
      }
    )
  }
}
