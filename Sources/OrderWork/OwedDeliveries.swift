public import EventLoop
public import Jobs
import Kinds
public import Queue
public import Store
public import Telemetry

/// The jobs of what is in line for endpoints.
@LoopActor
public struct OwedDeliveries: OwedJobs {
  private static let pageMax = 1000
  /// What is due for less time is no reason to look for its job: its endpoint may let few in at once.
  private static let overdueMin = Duration.seconds(300)
  private static let start = DeliveryStore.Line(endpoint: 0, order: "00000000-0000-0000-0000-000000000000")

  private let store: DeliveryStore
  private let broker: RedisBroker
  private let log: Log

  public init(store: Store, broker: RedisBroker, _ instruments: Instruments) {
    self.store = DeliveryStore(store: store)
    self.broker = broker
    log = instruments.log
  }

  public func page(after last: String?) async throws -> OwedPage {
    let after = last.flatMap { try? DeliverEvent(id: $0, payload: []) }
    let owed = try await store.owed(
      after: after.map { .init(endpoint: $0.endpoint, order: $0.order) } ?? Self.start, limit: Self.pageMax)
    let jobs = owed.map { line, untilDue in
      OwedJob(
        DeliverEvent.planned(endpoint: line.endpoint, order: line.order, after: max(untilDue, .zero)),
        isOverdue: untilDue < .zero - Self.overdueMin)
    }
    return OwedPage(jobs: jobs, end: owed.count < Self.pageMax ? nil : jobs.last?.planned.id)
  }

  /// What ended its workers is kept for a person; what died otherwise comes back by itself.
  public func lies(dead id: String, in queue: QueueName) async throws {
    guard let job = try await broker.find(id, in: queue), let died = job.workersDied,
      let line = try? DeliverEvent(id: id, payload: [])
    else { return }
    try await store.keep(.init(endpoint: line.endpoint, order: line.order))
    _ = try await broker.delete(id, in: queue)
    log.error(
      "events are kept and not posted: doing so ended workers",
      ["endpoint": "\(line.endpoint)", "order": line.order, "workers": "\(died)"])
  }
}
