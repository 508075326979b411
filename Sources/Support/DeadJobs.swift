public import EventLoop
public import Jobs
import Kinds
import Orders
public import Queue

/// Jobs that were given up, as people mend them.
@LoopActor
public enum DeadJobs {
  /// One of them.
  public struct Job: Sendable {
    public let id: String
    public let kind: String
    public let attempts: Int
    /// Why it was given up.
    public let why: String
  }

  /// So many are taken in one go.
  public nonisolated static let takenMax = 10_000

  /// The queues that Sevk has.
  public nonisolated static var queues: [String] { JobKinds.sevk.queues.map(\.rawValue) }

  public static func list(_ queue: String, limit: Int, _ broker: RedisBroker) async throws -> [Job] {
    guard let queue = name(queue) else { return [] }
    return try await broker.list(.dead, in: queue, offset: 0, limit: limit).map {
      Job(id: $0.record.id, kind: $0.record.kind, attempts: $0.record.attempts, why: $0.detail)
    }
  }

  /// Makes dead jobs ready again, or removes them.
  ///
  /// - Parameter id: of one; nil: all of the queue, ``takenMax`` at most.
  /// - Returns: how many.
  public static func mend(
    _ queue: String, id: String?, isDeleted: Bool, _ broker: RedisBroker
  ) async throws -> Int {
    guard let queue = name(queue) else { return 0 }
    let act: @LoopActor @Sendable (String, QueueName) async throws -> Bool = {
      isDeleted ? try await broker.delete($0, in: $1) : try await broker.revive($0, in: $1)
    }
    guard let id else {
      let selection = JobSelection(queues: [queue], states: [.dead])
      let count = min(takenMax, try await selection.count(broker))
      return try await selection.takeOut(atMost: count, broker, nil, act)
    }
    // It may be another's by now, and what is not dead is left alone.
    guard let job = try await broker.find(id, in: queue), job.state == .dead else { return 0 }
    return try await act(id, queue) ? 1 : 0
  }

  /// Stops giving out a queue's jobs, or goes on.
  ///
  /// - Returns: false when there is no such queue.
  public static func pause(_ queue: String, isPaused: Bool, _ broker: RedisBroker) async throws -> Bool {
    guard let queue = name(queue) else { return false }
    try await broker.setPaused(isPaused, queue: queue)
    return true
  }

  public static func counts(_ queue: String, _ broker: RedisBroker) async throws -> QueueCounts? {
    guard let queue = name(queue) else { return nil }
    return try await broker.counts(of: queue)
  }

  private nonisolated static func name(_ text: String) -> QueueName? {
    QueueName(text).flatMap { JobKinds.sevk.queues.contains($0) ? $0 : nil }
  }
}
