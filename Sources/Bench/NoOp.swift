import CommandLine
import Jobs
import Kinds
import Orders
import Queue
import Telemetry

/// A job that does nothing; its id is as long as an order's.
struct NoOp: Job {
  static let kind = "noop"
  static let queue = QueueName.deliver
  /// Calls under way at once.
  static let lanes = 1000

  let id: String
  var payload: [UInt8] { [] }
  init(id: String) { self.id = id }
  init(id: String, payload: [UInt8]) { self.id = id }

  /// Enqueues `count` jobs, one call each.
  static func enqueue(_ count: Int, with broker: RedisBroker) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<min(lanes, count) {
        group.addTask {
          var random = SystemRandomNumberGenerator()
          for _ in stride(from: lane, to: count, by: lanes) {
            let id = OrderID(milliseconds: Clock.unixMilliseconds(), using: &random)
            let job = NewJob(NoOp(id: "\(id)"), now: Int64(Clock.unixMilliseconds()))
            let results = try await broker.enqueue([job], to: queue)
            guard results == [.added] else { throw UsageError("a job was there already: \(id)") }
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
