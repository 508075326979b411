import CommandLine
import EventLoop
import Jobs
import Kinds
import Process
import Queue
import Redis

/// What the commands on queues and jobs share: they need Redis and nothing else.
enum RedisCommand {
  static let settings: [Setting] = Setting.redis

  @LoopActor
  static func with(
    _ settings: Settings, _ body: @LoopActor (RedisBroker) async throws -> Void
  ) async throws {
    let redis = RedisClient(try settings.redisURL())
    do { try await redis.ping() } catch {
      guard error.isUnsaved else { throw StartError("\(error.message); check \(Setting.redisURL.variable)") }
    }
    try await body(RedisBroker(client: redis))
    redis.close()
  }

  static func queue(_ text: String) throws(UsageError) -> QueueName {
    guard let queue = QueueName(text), JobKinds.sevk.queues.contains(queue) else {
      let known = JobKinds.sevk.queues.map(\.rawValue).joined(separator: ", ")
      throw UsageError("there is no queue \(text); the queues are \(known)")
    }
    return queue
  }

  /// Said wherever jobs are removed.
  static let harmless = "Jobs of open orders come back: a scheduler rebuilds them from PostgreSQL within a minute."
}
