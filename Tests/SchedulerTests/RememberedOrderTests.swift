import Calls
import Cipher
import EventLoop
import Foundation
import HTTPClient
import HTTPServer
import Kinds
import OrderWork
import Orders
import Postgres
import ProviderGate
import Queue
import Redis
import Store
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Jobs

/// Two processes that ask about one order, each with what it remembers of it.
@Suite(.serialized, .timeLimit(.minutes(1)))
@LoopActor
struct RememberedOrderTests {
  private nonisolated static let reference = "123456789012"
  private nonisolated static let cancelled = "OK|3| |Stok yok", waiting = "OK|1| |Sırada"

  /// Says of the order what a test wants, and of other references that it does not know them.
  private final class Panel: Sendable {
    private let line = Mutex(RememberedOrderTests.waiting)

    private let meanwhile = Mutex<(@Sendable () async -> Void)?>(nil)

    func say(_ text: String) { line.withLock { $0 = text } }
    /// What happens while the next question is under way.
    func during(_ happens: @escaping @Sendable () async -> Void) { meanwhile.withLock { $0 = happens } }

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
      let happens = meanwhile.withLock { now in
        defer { now = nil }
        return now
      }
      await happens?()
      let isOurs = request.query["tahsilat_api_islem_id"] == RememberedOrderTests.reference
      return .text(isOurs ? line.withLock { $0 } : "3|İşlem bulunamadı")
    }
  }

  /// The servers, and an order that the panel has accepted.
  private struct Bench {
    let redis: PrivateRedis
    let client: RedisClient
    let broker: RedisBroker
    let pool: PostgresPool
    let store: Store
    let http = HTTPClient(connectionsMax: 4)
    let panel: Panel
    let server: HTTPServer
    let id: OrderID
    let log = Log(program: "test", format: .text, level: .error)
  }

  private func bench() async throws -> Bench {
    let redis = try await PrivateRedis.start()
    let client = try redis.client()
    let pool = PostgresPool(
      url: try await PrivatePostgres.shared.createDatabase(), connectionsMax: 2, planner: Statements.planner)
    _ = try await Migrator(pool: pool).migrate()
    let store = Store(pool: pool, vault: try Vault(keys: Data(repeating: 7, count: 32).base64EncodedString()))
    let panel = Panel()
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await panel.answer($0) }
    try server.start()
    let setup = Setup(store: store)
    try await setup.addTenant("shop")
    try await setup.addProvider(
      .init(
        name: "panel", adapter: "znet", baseURL: "http://127.0.0.1:\(server.port)",
        credentials: ["kod": "me", "sifre": "secret"], timeout: .seconds(20), concurrencyMax: 16, ratePerSecond: nil,
        trustNotFoundAfter: nil, checkFirst: nil, checkBackoff: nil, checkBackoffMax: nil, checkDeadline: nil))
    var random = SystemRandomNumberGenerator()
    let id = OrderID(milliseconds: UInt64(Date().timeIntervalSince1970 * 1000), using: &random)
    try await pool.script(
      """
      INSERT INTO orders (id, version, status, came_from, tenant_id, product, fields, priority, quantity, idempotency_key,
        request_hash, provider_id, provider_reference, attempt, sent_at, due_at)
      SELECT '\(id)', 3, 'sent', 'sending', t.id, 'p', '{}', 'normal', 1, 'k', decode(repeat('00', 32), 'hex'), p.id,
        '\(Self.reference)', 1, now(), now() FROM tenants t, providers p;
      INSERT INTO attempts (order_id, number, provider_id, reference, state, account_epoch)
      SELECT id, 1, provider_id, provider_reference, 'accepted', 1 FROM orders;
      """)
    return Bench(
      redis: redis, client: client, broker: RedisBroker(client: client), pool: pool, store: store, panel: panel,
      server: server, id: id)
  }

  private func end(_ bench: Bench) async {
    await bench.server.stop(grace: .zero)
    bench.http.close()
    await bench.client.close()
    await bench.pool.close()
    bench.redis.stop()
  }

  /// What a worker has for checks, with a memory of its own.
  private func checker(_ bench: Bench, backoff: Duration) -> OrderChecker {
    let instruments = Instruments(log: bench.log, metrics: Metrics())
    let directory = Directory(store: bench.store)
    let tools = OrderTools(
      store: bench.store, directory: directory, planner: JobPlanner(broker: bench.broker, log: bench.log),
      schedule: CheckSchedule(first: backoff, backoff: backoff, jitter: 0), instruments: instruments)
    let client = ProviderClient(http: bench.http)
    let gate = ProviderGate(
      process: "test", slots: 4, redis: bench.client, store: bench.store, directory: directory, client: client,
      instruments)
    return OrderChecker(
      tools, client: client, gate: gate, questions: QuestionGate(redis: bench.client, instruments))
  }

  private func check(_ bench: Bench, _ checker: OrderChecker) async throws -> Outcome {
    let context = JobContext(
      record: JobRecord(id: "\(bench.id)", kind: CheckOrder.kind), lease: Lease(endsAt: .now + .seconds(60)))
    return try await checker.run(CheckOrder(order: "\(bench.id)"), context)
  }

  /// One process hears that it is cancelled and freezes. Another hears meanwhile that it is worked on, so that nothing is
  /// witnessed any more. The first wakes up, and hears it once more: for it that would be twice in a row.
  @Test func whatAnotherWasToldMeanwhileIsNotPassedOver() async throws {
    let bench = try await bench()
    // So short a pause between two that prove it that none is too early.
    let (first, second) = (
      checker(bench, backoff: .milliseconds(2)), checker(bench, backoff: .milliseconds(2))
    )
    bench.panel.say(Self.cancelled)
    guard case .snooze = try await check(bench, first) else {
      Issue.record("one line settled it")
      return
    }
    #expect(try await bench.store.order(bench.id)?.witness?.kind == .cancelled)
    bench.panel.say(Self.waiting)
    _ = try await check(bench, second)
    #expect(try await bench.store.order(bench.id)?.witness == nil)
    bench.panel.say(Self.cancelled)
    guard case .snooze(.zero, carrying: _) = try await check(bench, first) else {
      Issue.record("it was settled by what was remembered")
      return
    }
    #expect(try await bench.store.order(bench.id)?.status == .sent)
    // Read anew, it is the first to say so, and another bears it out.
    _ = try await check(bench, first)
    #expect(try await bench.store.order(bench.id)?.status == .sent)
    while try await bench.store.order(bench.id)?.status == .sent { _ = try await check(bench, second) }
    #expect(try await bench.store.order(bench.id)?.status == .failed)
    await end(bench)
  }

  /// Somebody asks right after the first line: the second comes too soon, proves nothing, and takes nobody's time.
  @Test func askingBetweenTwoLinesSettlesNothingSooner() async throws {
    let bench = try await bench()
    let backoff = Duration.seconds(60)
    let checker = checker(bench, backoff: backoff)
    bench.panel.say(Self.cancelled)
    #expect(try await check(bench, checker) == .snooze(.seconds(3)))
    let order = try #require(try await bench.store.order(bench.id))
    #expect(try await bench.store.askNow(order, pause: CheckSchedule.askPauseMin) == .asked)
    // As if no time had passed, however slow the machine is.
    try await bench.pool.script("UPDATE orders SET witnessed_at = clock_timestamp() + interval '1 second'")
    #expect(try await check(bench, self.checker(bench, backoff: backoff)) == .snooze(.seconds(3)))
    let asked = try #require(try await bench.store.order(bench.id))
    #expect(asked.status == .sent && asked.checks == 2 && asked.asks == 1 && asked.witness?.kind == .cancelled)
    // Asked or not: the next pause is the one that it would have been.
    bench.panel.say(Self.waiting)
    try await bench.pool.script("UPDATE orders SET due_at = now()")
    #expect(try await check(bench, self.checker(bench, backoff: backoff)) == .snooze(.seconds(120)))
    await end(bench)
  }

  /// A process that had lost its lease moves the order while another asks about it: the pause that it gives the job is noted
  /// nowhere, so that the other must not end the job as long as the order needs one.
  @Test func theJobOfAnOrderThatAnotherMovedEndsOnlyWithTheOrder() async throws {
    let bench = try await bench()
    bench.panel.during { try? await bench.pool.script("UPDATE orders SET version = 4") }
    #expect(try await check(bench, checker(bench, backoff: .seconds(60))) == .snooze(.zero))
    #expect(try await bench.store.order(bench.id)?.version == 4)
    try await bench.pool.script("UPDATE orders SET due_at = now()")
    bench.panel.during {
      guard let order = try? await bench.store.order(bench.id) else { return }
      try? await bench.store.applyPersistently(Transition(order, to: .held, Reason(.contradicted, "by a test")))
    }
    #expect(try await check(bench, checker(bench, backoff: .seconds(60))) == .completed)
    #expect(try await bench.store.order(bench.id)?.status == .held)
    await end(bench)
  }
}
