public import Adapters
public import EventLoop
public import Orders
public import Store
public import Telemetry

/// What work on orders needs, whichever it is: the orders, where they go, who plans their jobs, and what is told of it.
@LoopActor
public struct OrderTools: Sendable {
  public let store: Store
  public let directory: Directory
  public let planner: JobPlanner
  /// For providers that set none of their own.
  public let schedule: CheckSchedule
  public let instruments: Instruments
  /// What this process has just written.
  public let recent: RecentOrders
  /// The providers' grammars that this program knows.
  public let adapters: AdapterRegistry
  /// Answers that no contract explains.
  let unfamiliar: UnfamiliarNotes
  /// How long orders take.
  let times: OrderTimes
  var log: Log { instruments.log }
  var metrics: Metrics { instruments.metrics }

  public nonisolated init(
    store: Store, directory: Directory, planner: JobPlanner, schedule: CheckSchedule, instruments: Instruments,
    adapters: AdapterRegistry = .sevk
  ) {
    self.store = store
    self.directory = directory
    self.planner = planner
    self.schedule = schedule
    self.instruments = instruments
    self.adapters = adapters
    recent = RecentOrders()
    unfamiliar = UnfamiliarNotes(store, instruments)
    times = OrderTimes(instruments.metrics, directory)
  }

  /// For the log: whom it was sent to last, and whose it is; nil while that is not known here.
  func providerName(_ order: Order) -> String? { order.providerID.flatMap { directory.providerNameKnown($0) } }
  func tenantName(_ order: Order) -> String? { directory.tenantNameKnown(order.tenantID) }

  /// Plans the job that an order waits for.
  func plan(_ work: Status.Work, of order: Order, after delay: Duration) async {
    await planner.plan(OrderJob.make(work, of: order, flow: directory.flow(order), delay: delay))
  }
}

extension Order {
  /// From when it was recorded until its last change, in milliseconds.
  var milliseconds: Int64 { max(0, updatedAt - createdAt) }
}
