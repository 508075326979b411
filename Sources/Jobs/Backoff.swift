/// How long to wait before the next attempt: a pure value.
public struct Backoff: Sendable, Equatable {
  let first: Duration
  let max: Duration
  let jitter: Double

  /// Doubles from `from` to `upTo`; each pause is stretched or shortened by up to the share `jitter`.
  public static func exponential(from first: Duration, upTo max: Duration, jitter: Double = 0.1) -> Backoff {
    Backoff(first: first, max: max, jitter: jitter)
  }

  /// The pause after the `attempt`-th failure, counted from 1.
  public func delay(afterAttempt attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration {
    var delay = first
    // Stops at the maximum, so that no number of attempts overflows.
    for _ in 1..<Swift.max(attempt, 1) where delay < max { delay = delay * 2 }
    delay = min(delay, max)
    guard jitter > 0 else { return delay }
    return delay * Double.random(in: (1 - jitter)...(1 + jitter), using: &generator)
  }
}
