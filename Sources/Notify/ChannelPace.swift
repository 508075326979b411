import EventLoop

/// How much goes to each channel at once, and in a second: no service that is slow may take all places of a process, and
/// none is given more than it says it takes.
@LoopActor
final class ChannelPace {
  /// In a second, to one channel: Telegram takes about 30.
  private static let perSecond = 25
  private static let pauses: ClosedRange<Int64> = 100...400

  private struct Lane {
    var underWay = 0
    /// Began in the second since.
    var began = 0
    var since: ContinuousClock.Instant
  }

  private let underWayMax: Int
  private let now: @Sendable () -> ContinuousClock.Instant
  private var lanes: [Int64: Lane] = [:]

  /// - Parameter slots: jobs that this process runs at once.
  nonisolated init(slots: Int, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    underWayMax = max(1, slots / 4)
    self.now = now
  }

  /// - Returns: nil when a message may go now, and ``leave(_:)`` must follow; else how long to wait.
  func enter(_ channel: Int64) -> Duration? {
    let now = now()
    var lane = lanes[channel] ?? Lane(since: now)
    if now - lane.since >= .seconds(1) { (lane.began, lane.since) = (0, now) }
    defer { lanes[channel] = lane }
    guard lane.underWay < underWayMax else { return .milliseconds(Int64.random(in: Self.pauses)) }
    guard lane.began < Self.perSecond else {
      return .seconds(1) - (now - lane.since) + .milliseconds(Int64.random(in: Self.pauses))
    }
    lane.underWay += 1
    lane.began += 1
    return nil
  }

  func leave(_ channel: Int64) { lanes[channel]?.underWay -= 1 }
}
