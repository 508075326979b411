import EventLoop
import Jobs
import Orders
import Store
import Telemetry

/// How a job about an order begins: the order is read, unless this process has just written it, and its trace joined.
@LoopActor
enum OrderJobRun {
  /// A job may come a little before the database's due time, since two clocks are at work.
  static let earlyMax = Duration.milliseconds(250)

  enum Beginning {
    /// - Parameter isRead: just now; else it is as this process wrote it, and a conflict may only mean that it must be read.
    case order(Order, isRead: Bool)
    /// There is nothing to do, or not now.
    case over(Outcome)
  }

  static func begin(_ id: String, _ tools: OrderTools) async throws -> Beginning {
    guard let id = OrderID(id) else { return .over(.dead(reason: "\"\(id)\" is not an order id")) }
    var recent = tools.recent.take(id)
    // A job that comes earlier than was planned was hurried by somebody.
    if recent?.untilDue ?? .zero > Self.earlyMax { recent = nil }
    var found = recent
    if found == nil { found = try await tools.store.order(id) }
    guard let order = found else {
      return .over(.retry(reason: "there is no order \(id) (yet): its commit may not be visible here"))
    }
    tools.instruments.tracer?.join(order)
    tools.instruments.tracer?.note(.read)
    return .order(order, isRead: recent == nil)
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

  /// What becomes of a job whose order somebody else moved while it ran: it ends only where the order needs it no longer.
  ///
  /// Who moved it may rely on this very job. A process that was frozen and comes back writes what it has to write, but has lost its
  /// lease, so that the pause which it gives the job is noted nowhere. If the job ended too, the order would wait for the ``Reconciler``.
  static func afterConflict(with order: Order, isRead: Bool, _ tools: OrderTools) async throws -> Outcome {
    guard isRead else { return .snooze(.zero) }
    guard let now = try await tools.store.order(order.id), now.status.work != nil else { return .completed }
    // Nobody did: the provider's account has become another one since it was read, and soon the new one is known here.
    let isAsRead = now.version == order.version && now.checks == order.checks
    return .snooze(isAsRead ? Directory.ageMax : .zero)
  }
}
