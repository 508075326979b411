import API
import EventLoop
import Orders

/// How often something may be done with one order's page, so that who has a link can't fill the order's story or hold up others.
@LoopActor
struct PageLimit {
  private static let perSecond = 1.0 / 6
  private static let burst = 10.0
  /// Orders that are remembered; beyond, those that wait for nothing are forgotten.
  private static let ordersMax = 10_000

  private var buckets: [OrderID: TokenBucket] = [:]

  nonisolated init() {}

  /// How long to wait before the next one; nil when it was counted.
  mutating func take(_ id: OrderID) -> Duration? {
    let now = ContinuousClock.now
    if buckets[id] == nil, buckets.count >= Self.ordersMax { forget(now) }
    return buckets[id, default: TokenBucket(perSecond: Self.perSecond, burst: Self.burst, now: now)].take(1, now: now)
  }

  private mutating func forget(_ now: ContinuousClock.Instant) {
    for id in Array(buckets.keys) where buckets[id]?.wait(for: Self.burst, now: now) == nil { buckets[id] = nil }
    // All of them are in use: half are, so that a flood does not sort them at each request.
    guard buckets.count >= Self.ordersMax else { return }
    for id in Array(buckets.keys.prefix(Self.ordersMax / 2)) { buckets[id] = nil }
  }
}
