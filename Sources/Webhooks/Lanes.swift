import EventLoop

/// Requests under way by endpoint: nobody's may take so many places that others have to wait.
@LoopActor
final class Lanes {
  private var underWay: [Int64: Int] = [:]
  /// Of endpoints that don't answer, or slowly.
  private var doubtful = 0
  private let healthyMax: Int
  private let doubtfulMax: Int

  /// - Parameter slots: jobs that this process runs at once.
  nonisolated init(slots: Int) {
    healthyMax = max(1, slots / 2)
    doubtfulMax = max(1, slots / 4)
  }

  /// Runs `body` if there is room for one more request to the endpoint.
  ///
  /// - Returns: nil when there is none.
  func run<Answer>(
    _ endpoint: Int64, isDoubtful: Bool, _ body: @LoopActor () async throws -> Answer
  ) async rethrows -> Answer? {
    let mine = underWay[endpoint] ?? 0
    // One at a time is enough to notice that it answers again.
    guard isDoubtful ? mine < 1 && doubtful < doubtfulMax : mine < healthyMax else { return nil }
    underWay[endpoint] = mine + 1
    if isDoubtful { doubtful += 1 }
    defer {
      let left = (underWay[endpoint] ?? 1) - 1
      underWay[endpoint] = left > 0 ? left : nil
      if isDoubtful { doubtful -= 1 }
    }
    return try await body()
  }
}
