public import EventLoop
public import Jobs
import Kinds
import Orders
public import Store
public import Telemetry

/// Gives the orders whose job was buried because it ended its workers to a person; what an order becomes stands in
/// ``PoisonOrder``.
///
/// Who buries jobs calls this at once. If it dies in between, or PostgreSQL is away, the reconciler finds the order: open,
/// and its job dead. Once it is held, no job of it is made again, whatever becomes of Redis.
@LoopActor
public final class PoisonOrders {
  private let broker: any Broker
  private let store: Store
  private let log: Log
  private let metrics: Metrics

  public init(broker: any Broker, store: Store, _ instruments: Instruments) {
    self.broker = broker
    self.store = store
    (log, metrics) = (instruments.log, instruments.metrics)
    metrics.describe("sevk_orders_poisoned_total", "counter", "Orders held because they ended their workers")
    metrics.add("sevk_orders_poisoned_total", by: 0)
  }

  /// Looks at the jobs that were buried last.
  public func holdNewest(_ count: Int, of queue: QueueName) async throws {
    for job in try await broker.list(.dead, in: queue, offset: 0, limit: count) { try await hold(job, of: queue) }
  }

  /// Looks at one dead job.
  public func hold(_ id: String, of queue: QueueName) async throws {
    guard let job = try await broker.find(id, in: queue) else { return }
    try await hold(job, of: queue)
  }

  private func hold(_ job: ListedJob, of queue: QueueName) async throws {
    guard let died = job.workersDied, let work = Status.Work(in: queue), let id = OrderID(job.record.id),
      let order = try await store.order(id),
      let move = PoisonOrder.hold(order, work, workersDied: died)
    else { return }
    do {
      try await store.apply(move)
    } catch StoreError.conflict {
      // Somebody else holds the newer version and goes on with it.
      return
    }
    metrics.add("sevk_orders_poisoned_total")
    log.error("order held", ["order": "\(id)", "reason": move.reason.text, "trace": order.traceID])
  }
}
