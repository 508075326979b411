public import EventLoop
import Redis

/// Wakes the relay when events were committed: one ring at a time, however many commits there were, and again until
/// Redis took it.
///
/// A ring that is lost with its process delays events by ten seconds at most, since the relay looks for itself.
@LoopActor
public final class WakeSignal {
  /// Rung when an event was committed; the relay waits on this key.
  public nonisolated static let key = "sevk:{events}:bell"
  private static let retryPause = Duration.milliseconds(500)

  private let redis: RedisClient
  private var isRinging = false
  private var isDue = false
  private var isClosed = false

  init(redis: RedisClient) { self.redis = redis }

  func ring() {
    isDue = true
    guard !isRinging else { return }
    isRinging = true
    Task(executorPreference: EventLoop.shared) { await self.ringUntilHeard() }
  }

  func close() { isClosed = true }

  private func ringUntilHeard() async {
    while isDue, !isClosed {
      isDue = false
      do { _ = try await redis.command("ZADD", .string(Self.key), 0, "1") } catch {
        isDue = true
        try? await EventLoop.sleep(for: Self.retryPause)
      }
    }
    isRinging = false
  }
}
