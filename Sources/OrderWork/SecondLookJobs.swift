public import EventLoop
public import Jobs
import Kinds
public import Orders
public import Store

/// The jobs of the second looks that are due: noted in PostgreSQL, so that none is lost with Redis.
@LoopActor
public struct SecondLookJobs: OwedJobs {
  private static let pageMax = 1000
  private static let overdueMin = Duration.seconds(30)

  private let looks: SecondLooks
  private let directory: Directory

  public init(_ store: Store, _ directory: Directory) {
    looks = SecondLooks(store)
    self.directory = directory
  }

  public func page(after last: String?) async throws -> OwedPage {
    let owed = try await looks.owed(after: last.flatMap { OrderID($0) }, limit: Self.pageMax)
    let jobs = owed.map { OwedJob(job(of: $0), isOverdue: $0.untilDue < .zero - Self.overdueMin) }
    return OwedPage(jobs: jobs, end: owed.count < Self.pageMax ? nil : owed.last.map { "\($0.orderID)" })
  }

  /// The order has ended either way; whoever asked is told by the job's own record.
  public func lies(dead id: String, in queue: QueueName) async throws {}

  public func job(of look: OwedSecondLook) -> PlannedJob {
    Self.job(
      look.orderID, flow: directory.flow(tenant: look.tenantID, product: look.product, provider: look.providerID),
      delay: max(look.untilDue, .zero), trace: look.trace)
  }

  /// The job of one look. It never comes before that of an order that is open.
  public static func job(_ id: OrderID, flow: String, delay: Duration = .zero, trace: String?) -> PlannedJob {
    PlannedJob(LookAgain(order: id.description), priority: .low, flow: flow, delay: delay, trace: Order.jobTrace(trace))
  }
}
