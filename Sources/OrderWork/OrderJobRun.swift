import EventLoop
import Jobs
import Orders
import Store
import Telemetry

/// How a job about an order begins: the order is read, and its trace joined.
@LoopActor
enum OrderJobRun {
  enum Beginning {
    case order(Order)
    /// There is nothing to do, or not now.
    case over(Outcome)
  }

  static func begin(_ id: String, _ tools: OrderTools) async throws -> Beginning {
    guard let id = OrderID(id) else { return .over(.dead(reason: "\"\(id)\" is not an order id")) }
    guard let order = try await tools.store.order(id) else {
      return .over(.retry(reason: "there is no order \(id) (yet): its commit may not be visible here"))
    }
    tools.instruments.tracer?.join(order)
    tools.instruments.tracer?.note(.read)
    return .order(order)
  }

  /// Until an order is due; nil when it is, or when its due time is further ahead than anybody plans, and so was written
  /// while a clock was wrong.
  static func wait(for order: Order, longerThan earlyMax: Duration = .zero, _ tools: OrderTools) async -> Duration? {
    guard let wait = order.untilDue, wait > earlyMax,
      wait <= (await tools.directory.pauseMax(of: order.providerID, tools.schedule))
    else {
      return nil
    }
    return wait
  }
}
