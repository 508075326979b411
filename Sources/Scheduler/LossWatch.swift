import EventLoop
import Jobs
import OrderWork
import Process
import Queue
import Telemetry

/// Notices that Redis lost jobs, and has them rebuilt from PostgreSQL at once; also when the process starts.
///
/// Redis tells nobody that it was emptied, so this one thing is looked at every second, with a few constant-time
/// commands. A new connection may mean a restart from an old snapshot, so that is followed by a rebuild too.
@LoopActor
final class LossWatch: ProcessService {
  private static let lookInterval = Duration.seconds(1)
  /// Damage that a rebuild does not mend is not a reason to rebuild every second.
  private static let rebuildIntervalMin = Duration.seconds(15)

  let name = "loss watch"
  private let broker: RedisBroker
  private let log: Log
  private let metrics: Metrics
  private let reconciler: Reconciler
  private let queues: [QueueName]
  private var task: Task<Void, Never>?
  private var connectionsSeen = 0
  /// Redis says only once that a queue was lost, so it is kept until a rebuild succeeded.
  private var isLost = false
  /// Redis was there and did not take writes (READONLY, OOM, BUSY), or did not answer: jobs that were to be added
  /// meanwhile were not, and no new connection tells of it.
  private var wasRefused = false
  private var damageRebuiltAt: ContinuousClock.Instant?
  /// When to look once more after Redis was away, the next last.
  private var looksAgain: [ContinuousClock.Instant] = []
  /// Other processes may have gone on for a moment with a master that was replaced: what they added there is lost, and was
  /// not missing yet when this process met the new one. Sentinel makes a replica of such a master after eight seconds.
  private static let lookAgainAfter = [Duration.seconds(12), .seconds(3)]

  init(broker: RedisBroker, queues: [QueueName], reconciler: Reconciler, _ instruments: Instruments) {
    self.broker = broker
    (log, metrics) = (instruments.log, instruments.metrics)
    self.queues = queues
    self.reconciler = reconciler
    metrics.describe("sevk_redis_losses_total", "counter", "How often Redis was found lost, damaged or restarted")
    metrics.add("sevk_redis_losses_total", by: 0)
  }

  func start() async throws {
    task = Task(executorPreference: EventLoop.shared) { await self.watch() }
  }

  func stop() async {
    task?.cancel()
    await task?.value
  }

  private func watch() async {
    while !Task.isCancelled {
      if let loss = await lookOrNote() {
        do {
          if loss != Self.started, loss != Self.again {
            log.error("Redis \(loss); rebuilding the jobs from PostgreSQL")
            metrics.add("sevk_redis_losses_total")
          }
          try await reconciler.reconcile()
          isLost = false
          wasRefused = false
        } catch {
          log.error("the rebuild failed, trying again", ["reason": "\(error)"])
          connectionsSeen = 0
        }
      }
      try? await EventLoop.sleep(for: Self.lookInterval)
    }
  }

  private static let started = "is new to this process"
  private static let again = "was away a moment ago"

  /// What can't be looked at now is looked at in a second; that Redis is away is said by others.
  private func lookOrNote() async -> String? {
    do { return try await look() } catch {
      wasRefused = true
      return nil
    }
  }

  /// What happened to Redis, in words; nil when it is whole.
  private func look() async throws -> String? {
    var isDamaged = false
    for queue in queues {
      switch try await broker.lookForLoss(in: queue) {
      case .whole: break
      case .lost: isLost = true
      case .damaged: isDamaged = true
      }
    }
    let connections = broker.connectionsMade
    let isFirstLook = connectionsSeen == 0
    let isReconnected = connections != connectionsSeen
    connectionsSeen = connections
    if isFirstLook { return Self.started }
    if isLost { return "was emptied" }
    if isReconnected {
      looksAgain = Self.lookAgainAfter.map { .now + $0 }
      return "was away and may have been restarted"
    }
    if wasRefused { return "did not take commands for a while" }
    if isDamaged, damageRebuiltAt.map({ ContinuousClock.now - $0 > Self.rebuildIntervalMin }) ?? true {
      damageRebuiltAt = ContinuousClock.now
      return "lost a key"
    }
    if let due = looksAgain.last, due < .now {
      looksAgain.removeLast()
      return Self.again
    }
    return nil
  }
}
