import EventLoop
import Store

/// Keeps this process within a provider's limits: calls at once, and calls a second.
@LoopActor
final class ProviderGates {
  private final class Gate {
    var inside = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
    /// When the next call may begin, for a rate limit.
    var nextStart = ContinuousClock.now
  }
  private var gates: [Int64: Gate] = [:]

  nonisolated init() {}

  /// Runs `body` when the provider's limits allow. Wait here before an intent is committed, never after.
  func pass<T: Sendable>(_ provider: Provider, _ body: @LoopActor () async throws -> T) async throws -> T {
    let gate = gates[provider.id] ?? Gate()
    gates[provider.id] = gate
    if gate.inside >= provider.concurrencyMax {
      // The one who leaves hands its place over, so `inside` stays as it is.
      await withCheckedContinuation { gate.waiting.append($0) }
    } else {
      gate.inside += 1
    }
    defer {
      if gate.waiting.isEmpty { gate.inside -= 1 } else { gate.waiting.removeFirst().resume() }
    }
    if let rate = provider.ratePerSecond {
      let start = max(gate.nextStart, ContinuousClock.now)
      gate.nextStart = start + .seconds(1) / rate
      let pause = start - ContinuousClock.now
      if pause > .zero { try await EventLoop.sleep(for: pause) }
    }
    return try await body()
  }
}
