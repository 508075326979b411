/// A token bucket: `burst` at once, and `perSecond` in the long run.
public struct TokenBucket {
  public let perSecond: Double
  public let burst: Double
  private var level: Double
  private var filledAt: ContinuousClock.Instant

  public init(perSecond: Double, burst: Double, now: ContinuousClock.Instant) {
    (self.perSecond, self.burst, level, filledAt) = (perSecond, burst, burst, now)
  }

  /// Whole requests that may come at once.
  public var remaining: Int { max(0, Int(level)) }

  /// Until it is full again.
  public var untilFull: Duration { .seconds(max(0, burst - level) / perSecond) }

  /// Takes `cost`, or nothing when there is not enough.
  ///
  /// What costs more than a full bucket waits for a full one and leaves a debt: a big batch is not refused for ever, and
  /// the rate holds in the long run.
  ///
  /// - Returns: how long to wait before it is worth trying again; nil when it was taken.
  public mutating func take(_ cost: Double, now: ContinuousClock.Instant) -> Duration? {
    let wait = wait(for: cost, now: now)
    if wait == nil { level -= cost }
    return wait
  }

  /// As ``take(_:now:)``, without taking.
  public mutating func wait(for cost: Double, now: ContinuousClock.Instant) -> Duration? {
    level = min(burst, level + (now - filledAt) / .seconds(1) * perSecond)
    filledAt = now
    let needed = min(cost, burst)
    return level >= needed ? nil : .seconds((needed - level) / perSecond)
  }
}

extension Duration {
  /// In whole seconds, rounded up.
  public var secondsUp: Int { Int((self / .seconds(1)).rounded(.up)) }
}
