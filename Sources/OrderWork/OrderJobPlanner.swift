import EventLoop
public import Jobs
import Kinds
public import Orders

/// Brings an order's jobs in line with the status that a person gave it.
public enum OrderJobPlanner {
  /// - Parameter flow: see `Directory.flow`.
  /// - Returns: false when Redis did not take the job; a scheduler then adds it from PostgreSQL.
  @LoopActor
  public static func plan(
    _ order: Order, _ status: Status, flow: String, after delay: Duration, _ broker: any Broker
  ) async -> Bool {
    let id = order.id.description
    let wanted = status.work.map { OrderJob.make($0, of: order, flow: flow, delay: delay) }
    do {
      if let wanted {
        let result = try await broker.enqueue([wanted])
        // A buried or waiting job of the order's earlier life would keep the new one out.
        if result == [.duplicate(.dead)] || (status == .pending && result == [.duplicate(.delayed)]) {
          _ = try await broker.revive(id, in: wanted.queue)
        }
      }
      for other in Status.Work.allCases where other.queue != wanted?.queue {
        _ = try await broker.delete(id, in: other.queue)
      }
      return true
    } catch {
      return wanted == nil
    }
  }
}
