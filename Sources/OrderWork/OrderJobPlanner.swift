import EventLoop
import Jobs
import Kinds
public import Orders
public import Process
import Queue

/// Brings an order's jobs in line with the status that a person gave it.
public enum OrderJobPlanner {
  /// - Returns: false when Redis did not take the job; a scheduler then adds it from PostgreSQL.
  @LoopActor
  public static func plan(_ order: Order, _ status: Status, after delay: Duration, _ frame: ProcessFrame) async -> Bool
  {
    let id = order.id.description
    let wanted = status.work.map { OrderJob.make($0, of: order, flow: frame.flow(order), delay: delay) }
    do {
      if let wanted {
        let result = try await frame.broker.enqueue([wanted])
        // A buried or waiting job of the order's earlier life would keep the new one out.
        if result == [.duplicate(.dead)] || (status == .pending && result == [.duplicate(.delayed)]) {
          _ = try await frame.broker.revive(id, in: wanted.queue)
        }
      }
      for other in Status.Work.allCases where other.queue != wanted?.queue {
        _ = try await frame.broker.delete(id, in: other.queue)
      }
      return true
    } catch {
      return wanted == nil
    }
  }
}
