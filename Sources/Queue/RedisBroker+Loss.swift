public import Jobs
internal import Redis

extension RedisBroker {
  /// What Redis still has of a queue.
  public enum Condition: String, Sendable {
    case whole
    /// Everything is gone since this was last asked: emptied, or restarted empty. Said once.
    case lost
    /// A key was deleted: some job has no state, or some state no job. Said until it is mended.
    case damaged
  }

  /// Looks whether a queue was lost or damaged; a few quick commands.
  public func lookForLoss(in queue: QueueName) async throws -> Condition {
    let reply = try await client.run(Scripts.lookForLoss, keys: keys(queue).arguments, arguments: [])
    guard let condition = reply.text.flatMap(Condition.init(rawValue:)) else {
      throw RedisError(.protocolError, "Redis gave an unexpected answer to look_for_loss")
    }
    return condition
  }

  /// Grows when Redis was away and is back: it may have been restarted from an old snapshot.
  public var connectionsMade: Int { client.connectionsMade }
}
