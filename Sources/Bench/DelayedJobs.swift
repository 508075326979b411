import EventLoop
import Jobs
import Kinds
import Orders
import Queue
import Redis
import Telemetry

/// Fills the queue of checks with jobs that are due much later, as the open orders of a busy day.
@LoopActor
struct DelayedJobs {
  /// Where the broker keeps them: the only key of the queue that is looked at from outside, for exact due times.
  static let key = RedisArgument.string("sevk:{\(CheckOrder.queue)}:2:delayed")
  private nonisolated static let batch = 500
  private nonisolated static let batchesAtOnce = 4
  private nonisolated static let earliest = Duration.seconds(3600)
  private nonisolated static let spreadMilliseconds: Int64 = 24 * 3600 * 1000

  let broker: RedisBroker

  /// Adds `count` checks, due in one hour to twenty-five.
  func fill(_ count: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<Self.batchesAtOnce {
        group.addTask {
          var random = SystemRandomNumberGenerator()
          for start in stride(from: lane * Self.batch, to: count, by: Self.batch * Self.batchesAtOnce) {
            let jobs = (start..<min(start + Self.batch, count)).map { _ in
              NewJob(
                Self.check(&random),
                delay: Self.earliest + .milliseconds(Int64.random(in: 0..<Self.spreadMilliseconds, using: &random)))
            }
            _ = try await broker.enqueue(jobs, to: CheckOrder.queue)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  nonisolated static func check(_ random: inout SystemRandomNumberGenerator) -> CheckOrder {
    CheckOrder(order: "\(OrderID(milliseconds: Clock.unixMilliseconds(), using: &random))")
  }
}
