public import EventLoop
public import Jobs
import Kinds
public import Queue
public import Store
public import Telemetry

/// The jobs of what people are still to be told.
@LoopActor
public struct OwedNotifications: OwedJobs {
  private static let pageMax = 1000
  /// What is due for less time is no reason to look for its job: its channel may take few at once.
  private static let overdueMin = Duration.seconds(300)
  private static let start = NotifyStore.Line(target: 0, order: "00000000-0000-0000-0000-000000000000")

  private let store: NotifyStore
  private let broker: RedisBroker
  private let log: Log

  public init(store: Store, broker: RedisBroker, _ instruments: Instruments) {
    self.store = NotifyStore(store)
    self.broker = broker
    log = instruments.log
  }

  public func page(after last: String?) async throws -> OwedPage {
    let after = last.flatMap { try? NotifyPeople(id: $0, payload: []) }
    let owed = try await store.owed(
      after: after.map { .init(target: $0.target, order: $0.order) } ?? Self.start, limit: Self.pageMax)
    let jobs = owed.map { line, channel, untilDue in
      OwedJob(
        NotifyPeople.planned(
          target: line.target, order: line.order, channel: channel, after: max(untilDue, .zero)),
        isOverdue: untilDue < .zero - Self.overdueMin)
    }
    return OwedPage(jobs: jobs, end: owed.count < Self.pageMax ? nil : jobs.last?.planned.id)
  }

  /// What ended its workers is kept for a person; what died otherwise comes back by itself.
  public func lies(dead id: String, in queue: QueueName) async throws {
    guard let job = try await broker.find(id, in: queue), let died = job.workersDied,
      let line = try? NotifyPeople(id: id, payload: [])
    else { return }
    try await store.keep(.init(target: line.target, order: line.order), why: "telling it ended workers")
    _ = try await broker.delete(id, in: queue)
    log.error(
      "somebody is not told of an order: doing so ended workers", ["order": line.order, "workers": "\(died)"])
  }
}
