import EventLoop

/// Requests under way by endpoint: nobody's may take so many places that others have to wait.
@LoopActor
final class Lanes {
  private var underWay: [Int64: Int] = [:]
  /// Of endpoints that don't answer, or slowly.
  private var doubtful = 0
  /// Those that did so when they were last posted to.
  private var known: Set<Int64> = []
  private let healthyMax: Int
  private let doubtfulMax: Int

  /// - Parameter slots: jobs that this process runs at once.
  nonisolated init(slots: Int) {
    healthyMax = max(1, slots / 2)
    doubtfulMax = max(1, slots / 4)
  }

  func isDoubtful(_ endpoint: Int64) -> Bool { known.contains(endpoint) }

  /// As far as is known without reading anything.
  func hasRoom(_ endpoint: Int64) -> Bool { hasRoom(endpoint, isDoubtful(endpoint)) }

  /// One at a time is enough to notice that an endpoint answers again.
  private func hasRoom(_ endpoint: Int64, _ isDoubtful: Bool) -> Bool {
    let mine = underWay[endpoint] ?? 0
    return isDoubtful ? mine < 1 && doubtful < doubtfulMax : mine < healthyMax
  }

  /// Runs `body` if there is room for one more request to the endpoint.
  ///
  /// - Returns: nil when there is none.
  func run<Answer>(
    _ endpoint: Int64, isDoubtful: Bool, _ body: @LoopActor () async throws -> Answer
  ) async rethrows -> Answer? {
    if isDoubtful { known.insert(endpoint) } else { known.remove(endpoint) }
    guard hasRoom(endpoint, isDoubtful) else { return nil }
    underWay[endpoint, default: 0] += 1
    if isDoubtful { doubtful += 1 }
    defer {
      let left = (underWay[endpoint] ?? 1) - 1
      underWay[endpoint] = left > 0 ? left : nil
      if isDoubtful { doubtful -= 1 }
    }
    return try await body()
  }
}
