/// When a provider is asked about an order: the first time after `first`, then on an exponential backoff.
public struct CheckSchedule: Sendable, Equatable {
  /// From the send to the first check.
  public var first: Duration
  /// From the first check to the second; doubles from there.
  public var backoff: Duration
  /// The longest pause between two checks.
  public var backoffMax: Duration
  /// From the send until a person is asked. Never turns an order into `failed`: money may have moved.
  public var deadline: Duration
  /// Each pause is stretched or shortened by up to this share, so that orders sent together are not asked together.
  public var jitter: Double

  public init(
    first: Duration = .seconds(60), backoff: Duration = .seconds(30), backoffMax: Duration = .seconds(600),
    deadline: Duration = .seconds(86_400), jitter: Double = 0.1
  ) {
    self.first = first
    self.backoff = backoff
    self.backoffMax = backoffMax
    self.deadline = deadline
    self.jitter = jitter
  }

  /// The schedule for finding out about a lost answer: it asks soon, since money hangs on it, then backs off alike.
  public var afterLostAnswer: CheckSchedule {
    var quick = self
    quick.first = min(first, .seconds(5))
    quick.backoff = min(backoff, .seconds(5))
    return quick
  }

  /// From an answer that would settle the order to the question that must bear it out: seconds, so that what spoilt the
  /// one does not spoil the other.
  public var confirmation: Duration { min(backoff, .seconds(3)) }

  /// Longer than any pause that this schedule plans. A due time further ahead was written by a clock that was wrong.
  public var pauseMax: Duration { max(first, backoffMax) * 2 }

  /// At the least between two questions about an order that somebody wants before their time.
  public static let askPauseMin = Duration.seconds(10)

  /// The least time that has passed since the send when `done` checks are done and another is made: the pauses add up,
  /// whatever a wall clock says.
  ///
  /// - Parameter asks: how many of the checks, this one included, somebody wanted before their time. Those did not wait for
  ///   their pause, but only for ``askPauseMin`` after one another.
  public func leastElapsed(afterChecks done: Int, asks: Int = 0) -> Duration {
    let waited = done - max(asks, 0)
    let pauses =
      waited < 0 ? Duration.zero : (0...waited).reduce(.zero) { $0 + delay(afterChecks: $1) * (1 - jitter) }
    return max(pauses, Self.askPauseMin * max(asks - 1, 0))
  }

  /// The time since the send by its clock, but no more than the pauses before `done` checks and the one that is made add
  /// up to: so a clock that stepped brings no deadline. Time in which nobody asked does not count.
  ///
  /// - Parameter asks: as in ``leastElapsed(afterChecks:asks:)``.
  public func age(_ sinceSend: Duration, afterChecks done: Int, asks: Int = 0) -> Duration {
    var (sum, pause) = (first, min(backoff, backoffMax))
    for _ in 0..<max(done - max(asks, 0), 0) {
      guard sum < sinceSend else { break }
      sum += pause
      pause = min(pause * 2, backoffMax)
    }
    return min(sinceSend, max(sum, Self.askPauseMin * max(asks - 1, 0)))
  }

  private func delay(afterChecks done: Int) -> Duration {
    guard done > 0 else { return first }
    var delay = backoff
    // Stops doubling at the maximum, so that no number of checks overflows.
    for _ in 1..<done {
      guard delay < backoffMax else { break }
      delay = delay * 2
    }
    return min(delay, backoffMax)
  }

  /// No pause before the check that follows `done` checks is planned longer.
  func longestPause(afterChecks done: Int) -> Duration { delay(afterChecks: done) * (1 + jitter) }

  /// The pause before the check that follows `done` checks.
  public func delay(afterChecks done: Int, using generator: inout some RandomNumberGenerator) -> Duration {
    let delay = delay(afterChecks: done)
    guard jitter > 0 else { return delay }
    return delay * Double.random(in: (1 - jitter)...(1 + jitter), using: &generator)
  }
}
