import EventLoop
import Jobs
import OrderWork
import Queue
import Redis
import Telemetry
import TestSupport
import Testing

/// The reconciler with sources of its own: it goes through all of them, whatever they owe.
@Suite(.timeLimit(.minutes(1))) struct ReconcilerTests {
  @Test func everyPageOfEverySourceIsEnqueuedOnce() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    let client = try redis.client()
    let broker = RedisBroker(client: client)
    let first = await Ledger([["a", "b"], [], ["c"]])
    let second = await Ledger([["d"]])
    let reconciler = await Self.reconciler(broker, [first, second])
    #expect(try await reconciler.reconcile() == 4)
    #expect(
      try await broker.list(.ready, in: Errand.queue, offset: 0, limit: 9).map(\.record.id).sorted()
        == ["a", "b", "c", "d"])
    #expect(try await reconciler.reconcile() == 0)
    #expect(await first.dead.isEmpty)
    await client.close()
  }

  @Test func theSourceOfADeadJobIsTold() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    let client = try redis.client()
    let broker = RedisBroker(client: client)
    let (first, second) = (await Ledger([["a"]]), await Ledger([["b"]]))
    let reconciler = await Self.reconciler(broker, [first, second])
    try await reconciler.reconcile()
    let claim = try await broker.claim(9, from: Errand.queue, token: "t", lease: .seconds(60))
    let buried = claim.jobs.filter { $0.id == "b" }.map { Settlement($0, .bury(reason: "no")) }
    _ = try await broker.settle(buried, in: Errand.queue, token: "t")
    #expect(try await reconciler.reconcile() == 0)
    #expect(await first.dead.isEmpty)
    #expect(await second.dead == ["b"])
    await client.close()
  }

  @LoopActor
  private static func reconciler(_ broker: RedisBroker, _ sources: [any OwedJobs]) -> Reconciler {
    let log = Log(program: "test", format: .text, level: .error)
    return Reconciler(
      broker: broker, sources: sources, lease: .seconds(30), Instruments(log: log, metrics: Metrics()))
  }
}

private struct Errand: Job {
  static let kind = "errand"
  static let queue = QueueName(known: "errands")
  let id: String
  var payload: [UInt8] { [] }
  init(id: String) { self.id = id }
  init(id: String, payload: [UInt8]) { self.id = id }
}

/// Owes errands, page by page.
@LoopActor
private final class Ledger: OwedJobs {
  private let pages: [[String]]
  private(set) var dead: [String] = []

  init(_ pages: [[String]]) { self.pages = pages }

  func page(after last: String?) async throws -> OwedPage {
    let number = last.flatMap(Int.init) ?? 0
    return OwedPage(
      jobs: pages[number].map { OwedJob(PlannedJob(Errand(id: $0)), isOverdue: false) },
      end: number + 1 < pages.count ? "\(number + 1)" : nil)
  }

  func lies(dead id: String, in queue: QueueName) async throws {
    if queue == Errand.queue { dead.append(id) }
  }
}
