public import Orders
internal import Postgres

extension Store {
  /// So many sends are looked at.
  public nonisolated static let sendHistoryMax = 200_000

  /// What became of the sends to a provider in the last `steps` steps, the oldest first.
  public func sendHistory(
    provider: Int64, steps: Int, step: Duration, nowMilliseconds: Int64
  ) async throws -> [[SendState: Int]] {
    // An order may have waited before it was sent.
    let from = OrderID.first(at: UInt64(max(0, nowMilliseconds - 2 * Int64(steps) * step.milliseconds)))
    let rows = try await pool.run(
      Statements.sendHistory,
      [.text(from.description), .int(provider), .int(steps), .int(step.milliseconds), .int(Self.sendHistoryMax)])
    var history = [[SendState: Int]](repeating: [:], count: steps)
    for row in rows {
      let ago = Int(try row.int(0))
      guard history.indices.contains(steps - 1 - ago), let state = SendState(rawValue: try row.text(1)) else {
        continue
      }
      history[steps - 1 - ago][state] = Int(try row.int(2))
    }
    return history
  }
}
