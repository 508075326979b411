import API
import EventLoop
import Store
import Telemetry

/// Keeps each token to its rate. It counts in this process alone: behind N dispatchers a token may do N times its rate.
/// That costs no round trip to Redis, and a limit that is away can't stop intake.
@LoopActor
final class RateLimiter {
  /// A token over its limit is logged no more often.
  private static let logPause = Duration.seconds(60)

  private let log: Log
  private let metrics: Metrics
  private let usual: Int?
  private var buckets: [Int64: TokenBucket] = [:]
  private var loggedAt: [Int64: ContinuousClock.Instant] = [:]

  /// - Parameter usual: requests a second of a token that has no rate of its own; nil: no limit.
  init(usual: Int?, _ instruments: Instruments) {
    self.usual = usual
    (log, metrics) = (instruments.log, instruments.metrics)
    metrics.describe(
      "sevk_http_rate_limited_total", "counter", "Requests refused because of a token's rate limit")
  }

  /// Takes `cost` requests, a batch's each counting, of what the token may do: all of them or none.
  ///
  /// - Throws: ``Problem`` with status 429. Nothing was recorded then.
  func take(_ cost: Int, _ grant: TokenGrant) throws(Problem) {
    guard let wait = use(grant, { $0.take(Double(cost), now: .now) }) else { return }
    throw refuse(grant, wait)
  }

  /// Refuses a token that is over its limit before its body is read as JSON.
  func look(_ grant: TokenGrant) throws(Problem) {
    guard let wait = use(grant, { $0.wait(for: 1, now: .now) }) else { return }
    throw refuse(grant, wait)
  }

  /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers); none for a token without a limit.
  func headers(_ grant: TokenGrant) -> [(String, String)] {
    guard let bucket = buckets[grant.tokenID] else { return [] }
    let window = max(1, Int((bucket.burst / bucket.perSecond).rounded(.up)))
    return [
      ("RateLimit-Policy", "\"token\";q=\(Int(bucket.burst));w=\(window)"),
      ("RateLimit", "\"token\";r=\(bucket.remaining);t=\(bucket.untilFull.secondsUp)"),
    ]
  }

  /// One bucket a token that has a limit and was used: as many as ops made tokens.
  private func use(_ grant: TokenGrant, _ body: (inout TokenBucket) -> Duration?) -> Duration? {
    guard let rate = grant.ratePerSecond ?? usual, rate > 0 else {
      if !buckets.isEmpty { buckets[grant.tokenID] = nil }
      return nil
    }
    let (perSecond, burst) = (Double(rate), Double(grant.rateBurst ?? rate))
    var bucket = buckets[grant.tokenID]
    if bucket?.perSecond != perSecond || bucket?.burst != burst { bucket = nil }
    var taken = bucket ?? TokenBucket(perSecond: perSecond, burst: burst, now: .now)
    defer { buckets[grant.tokenID] = taken }
    return body(&taken)
  }

  private func refuse(_ grant: TokenGrant, _ wait: Duration) -> Problem {
    metrics.add("sevk_http_rate_limited_total")
    if loggedAt[grant.tokenID].map({ ContinuousClock.now - $0 > Self.logPause }) ?? true {
      loggedAt[grant.tokenID] = .now
      log.warning(
        "a token is over its rate limit", ["token": "\(grant.tokenID)", "prefix": grant.prefix, "tenant": grant.tenant])
    }
    return .tooMany("the token is over its rate limit; nothing was recorded", wait)
  }
}
