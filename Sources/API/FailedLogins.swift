public import EventLoop
import HTTPClient

/// Counts failed authorizations by where they come from, so that guessing and flooding cost little.
///
/// Only who fails is counted, and a token that works passes all the same: behind a proxy everyone has its address, since
/// `X-Forwarded-For` is not believed (whoever sends a request can write one).
@LoopActor
public struct FailedLogins {
  static let burst = 20.0
  static let perSecond = 0.5
  /// Networks that are remembered; when there are more, the ones that failed least are forgotten.
  static let networksMax = 4096

  private var buckets: [IPAddress: TokenBucket] = [:]

  public nonisolated init() {}

  /// How long this network has to wait before its next failure is heard; nil when it need not.
  public mutating func wait(_ peer: String) -> Duration? {
    guard !buckets.isEmpty, let network = Self.network(peer) else { return nil }
    return buckets[network]?.wait(for: 1, now: .now)
  }

  public mutating func note(_ peer: String) {
    guard let network = Self.network(peer) else { return }
    let now = ContinuousClock.now
    if buckets[network] == nil, buckets.count >= Self.networksMax { forget(now) }
    _ = buckets[network, default: TokenBucket(perSecond: Self.perSecond, burst: Self.burst, now: now)].take(1, now: now)
  }

  var count: Int { buckets.count }

  private mutating func forget(_ now: ContinuousClock.Instant) {
    for network in Array(buckets.keys) {
      guard buckets[network]?.wait(for: Self.burst, now: now) == nil else { continue }
      buckets[network] = nil
    }
    guard buckets.count >= Self.networksMax else { return }
    // Half of them at once, so that a flood from everywhere does not sort the table at each request.
    for (network, _) in buckets.sorted(by: { $0.value.remaining > $1.value.remaining }).prefix(Self.networksMax / 2) {
      buckets[network] = nil
    }
  }

  private static func network(_ peer: String) -> IPAddress? { IPAddress(peer)?.network }
}
