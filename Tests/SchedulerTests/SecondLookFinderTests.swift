import EventLoop
import Jobs
import Kinds
import OrderWork
import Orders
import Postgres
import Queue
import Redis
import Telemetry
import TestSupport
import Testing

@testable import Scheduler
@testable import Store

/// The finder of second looks with much to do.
@Suite(.serialized, .timeLimit(.minutes(2)))
@LoopActor
struct SecondLookFinderTests {
  private static let orders = 1500

  /// Each event in a run of its own, as with little to do at a time: more runs than it used to look at in a minute.
  private func prepared(_ pool: PostgresPool) async throws {
    _ = try await Migrator(pool: pool).migrate()
    try await pool.script(
      """
      INSERT INTO tenants (name) VALUES ('shop');
      INSERT INTO providers (name, adapter, base_url, credentials, timeout_ms, concurrency_max)
      VALUES ('znet', 'znet', 'http://127.0.0.1:1', '', 1000, 1);
      INSERT INTO second_look_marks SELECT delay, 0 FROM unnest(ARRAY[3600000, 86400000]) AS delay;
      INSERT INTO orders (id, status, came_from, tenant_id, product, fields, priority, quantity, idempotency_key, request_hash,
        provider_id, provider_reference, attempt)
      SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'completed', 'sent', t.id, 'p', '{}', 'normal', 1,
        'k' || n, decode(repeat('00', 32), 'hex'), p.id, n::text, 1
      FROM generate_series(1, \(Self.orders)) AS n, tenants t, providers p;
      INSERT INTO events (order_id, version, status, type, at, position, published_at)
      SELECT id, version, 'completed', 'sevk.order.completed', now() - interval '2 hours', 0, 'infinity' FROM orders ORDER BY id;
      INSERT INTO event_places (last, first, least_id, ids) SELECT n, n, id, ARRAY[id]
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM events) AS e;
      """)
  }

  private func tools(_ pool: PostgresPool, _ broker: RedisBroker) -> OrderTools {
    let log = Log(program: "test", format: .text, level: .error)
    let store = Store(pool: pool, vault: nil)
    return OrderTools(
      store: store, directory: Directory(store: store), planner: JobPlanner(broker: broker, log: log),
      schedule: CheckSchedule(), instruments: Instruments(log: log, metrics: Metrics()))
  }

  @Test func itGoesOnWhileThereIsMore() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    let client = try redis.client()
    let broker = RedisBroker(client: client)
    let pool = PostgresPool(
      url: try await PrivatePostgres.shared.createDatabase(), connectionsMax: 2, planner: Statements.planner)
    try await prepared(pool)
    let tools = tools(pool, broker)
    try await SecondLookFinder(tools, broker, retention: .seconds(7200)).find()
    let looks = try await pool.run(PostgresStatement(name: "", sql: "SELECT count(*) FROM second_looks"), [])[0].int(0)
    #expect(looks == Int64(Self.orders))
    #expect(try await broker.counts(of: LookAgain.queue).ready == Self.orders)
    await pool.close()
    await client.close()
  }
}
