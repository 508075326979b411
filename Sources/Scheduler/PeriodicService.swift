import CrashPoints
import EventLoop
import Process
import Redis
import Telemetry

/// Runs tasks at fixed times, each tick once however many schedulers there are.
///
/// A tick is a number: Redis's time divided by the interval. Who first notes the number as done runs the task.
@LoopActor
final class PeriodicService: ProcessService {
  struct PeriodicTask {
    let name: String
    let every: Duration
    let run: @LoopActor () async throws -> Void
    init(name: String, every: Duration, _ run: @escaping @LoopActor () async throws -> Void) {
      self.name = name
      self.every = every
      self.run = run
    }
  }

  static let claimTick = RedisScript(PackageResources.claim_tick_lua)

  let name = "periodic tasks"
  private let redis: RedisClient
  private let log: Log
  private let periodic: [PeriodicTask]
  private var tasks: [Task<Void, Never>] = []

  init(redis: RedisClient, log: Log, tasks: [PeriodicTask]) {
    self.redis = redis
    self.log = log
    periodic = tasks
  }

  func start() async throws {
    tasks = periodic.indices.map { index in
      Task(executorPreference: EventLoop.shared) { await self.keep(index) }
    }
  }

  func stop() async {
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }

  private func keep(_ index: Int) async {
    let task = periodic[index]
    while !Task.isCancelled {
      var pause = Duration.seconds(1)
      do {
        let interval = RedisArgument.integer(Int64(task.every.wholeMilliseconds))
        let answer = try await redis.run(
          Self.claimTick, keys: ["sevk:ticks"], arguments: [.string(task.name), interval])
        if let wait = answer.array?.last?.integer { pause = .milliseconds(wait) }
        if answer.array?.first?.integer == 1 {
          CrashPoint.reach(.tickClaimed)
          try await task.run()
        }
      } catch {
        log.error("a periodic task failed", ["task": task.name, "reason": "\(error)"])
      }
      try? await EventLoop.sleep(for: pause)
    }
  }
}
