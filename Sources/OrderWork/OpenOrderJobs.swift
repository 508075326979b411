import CrashPoints
public import EventLoop
public import Jobs
public import Orders
public import Store

/// The jobs of the open orders: a send or a check each.
@LoopActor
public struct OpenOrderJobs: OwedJobs {
  private static let pageMax = 1000
  /// An order that is due for less time is no reason to look for its job.
  private static let overdueMin = Duration.seconds(30)

  private let store: Store
  private let directory: Directory
  private let schedule: CheckSchedule
  private let poison: PoisonOrders

  /// - Parameter schedule: for providers that set none of their own.
  public init(store: Store, directory: Directory, schedule: CheckSchedule, poison: PoisonOrders) {
    self.store = store
    self.directory = directory
    self.schedule = schedule
    self.poison = poison
  }

  public func page(after last: String?) async throws -> OwedPage {
    // For the flows of the jobs; without it they go by tenant alone.
    if last == nil { _ = try? await directory.providers() }
    let orders = try await store.openOrders(after: last.flatMap { OrderID($0) }, limit: Self.pageMax)
    guard let end = orders.last?.id else { return OwedPage(jobs: [], end: nil) }
    CrashPoint.reach(.openOrdersRead)
    var jobs: [OwedJob] = []
    for order in orders {
      let pauseMax = await directory.pauseMax(of: order.providerID, schedule)
      guard let job = job(of: order, pauseMax) else { continue }
      jobs.append(OwedJob(job, isOverdue: isOverdue(order, pauseMax)))
    }
    // Sends before questions: they are what a shop waits for.
    let sends = jobs.filter { $0.planned.queue == Status.Work.send.queue }
    jobs = sends + jobs.filter { $0.planned.queue != Status.Work.send.queue }
    return OwedPage(jobs: jobs, end: orders.count < Self.pageMax ? nil : "\(end)")
  }

  /// An open order whose job is dead would be open for ever.
  public func lies(dead id: String, in queue: QueueName) async throws { try await poison.hold(id, of: queue) }

  private func job(of order: OpenOrder, _ pauseMax: Duration) -> PlannedJob? {
    let delay = order.untilDue > pauseMax ? .zero : max(order.untilDue, .zero)
    let flow = directory.flow(tenant: order.tenantID, product: order.product, provider: order.providerID)
    return order.status.work.map {
      OrderJob.make($0, order.id, order.priority, flow: flow, delay: delay, trace: order.trace)
    }
  }

  /// Its due time passed, or is further ahead than anybody plans: then it was written while a clock was wrong.
  private func isOverdue(_ order: OpenOrder, _ pauseMax: Duration) -> Bool {
    order.untilDue < .zero - Self.overdueMin || (order.untilDue > .zero && order.untilDue > pauseMax)
  }
}
