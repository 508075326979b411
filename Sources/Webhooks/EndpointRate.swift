import EventLoop
import Redis
import Telemetry

/// How often all workers together post to an endpoint: so many in each second of the clock.
@LoopActor
struct EndpointRate {
  private static let memory: Int64 = 10
  /// Longest wait of one of many.
  private static let secondsMax: Int64 = 60
  let redis: RedisClient

  /// - Returns: nil when a request may go now, else how long to wait.
  func wait(for endpoint: Int64, rate: Int) async throws -> Duration? {
    let now = Clock.unixMilliseconds()
    let key = RedisArgument.string("sevk:endpoint:\(endpoint):\(now / 1000)")
    let count = try await redis.command("INCRBY", key, .integer(1)).integer ?? 0
    if count == 1 { _ = try await redis.command("EXPIRE", key, .integer(Self.memory)) }
    guard count > rate else { return nil }
    // The more there are, the longer each waits, so that they don't all come each second.
    let seconds = min(count / Int64(rate), Self.secondsMax)
    return .milliseconds(Int64(1000 - now % 1000) + .random(in: 0...1000 * seconds))
  }
}
