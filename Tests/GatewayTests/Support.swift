import API
import CommandLine
import EventLoop
import HTTPServer
import Orders
import Postgres
import Redis
import Store
import Telemetry
import TestSupport

@testable import Events
@testable import Gateway

/// A database with a tenant whose events get positions at once, a Redis of its own, and a hub on both.
@LoopActor
struct LiveBench {
  let url: String
  let pool: PostgresPool
  let outbox: Outbox
  let redis: PrivateRedis
  let client: RedisClient
  let directory: Directory
  let feed: EventFeed
  let instruments: Instruments
  private let store: Store
  private let lease = RelayTerm(holder: ["test", 600_000])

  init() async throws {
    url = try await PrivatePostgres.shared.createDatabase()
    pool = PostgresPool(url: url, connectionsMax: 4, planner: Statements.planner)
    _ = try await Migrator(pool: pool).migrate()
    store = Store(pool: pool, vault: nil)
    try await Setup(store: store).addTenant("shop")
    try await Setup(store: store).addTenant("rival")
    outbox = Outbox(pool: pool)
    redis = try await PrivateRedis.start()
    client = try redis.client()
    let arguments = try Arguments([], grammar: .init())
    instruments = Instruments(log: try Log(program: "test", Settings(arguments) { _ in nil }), metrics: Metrics())
    directory = Directory(store: store)
    feed = EventFeed(redis: client.url, outbox: outbox, instruments)
    try await takeLease()
  }

  private func takeLease() async throws {
    _ = try await client.command("SET", RelayTerm.key, "test")
  }

  func hub(_ limits: StreamHub.Limits = .init()) -> StreamHub {
    StreamHub(limits, feed: feed, outbox: outbox, directory: directory, instruments)
  }

  func tenant(_ name: String) async throws -> Int64 {
    try await pool.run(PostgresStatement(name: "", sql: "SELECT id FROM tenants WHERE name = $1"), [.text(name)])
      .single().int(0)
  }

  /// Adds orders, each with its first event.
  func add(_ count: Int, to tenant: String = "shop") async throws {
    let id = try await self.tenant(tenant)
    for _ in 0..<count {
      var random = SystemRandomNumberGenerator()
      let order = OrderID(milliseconds: 1, using: &random)
      _ = try await store.add(
        NewOrder(
          id: order, tenantID: id, product: "pubg-60", fields: ["player_id": "1"], shopReference: "shop-1",
          priority: .normal, quantity: 1, idempotencyKey: order.description,
          requestHash: [UInt8](repeating: 1, count: 32), trace: nil))
    }
  }

  /// Gives positions to what there is, and brings it to the streams, as a relay does.
  ///
  /// - Parameter publishes: false leaves it to PostgreSQL alone, as a relay that dies in between.
  @discardableResult
  func relay(publishes: Bool = true) async throws -> [Int64] {
    try await takeLease()
    let events = try await outbox.place(limit: 500).events
    if publishes, !events.isEmpty {
      // Not by the sink, which would publish what was left to PostgreSQL.
      let batch = StreamBatch(events)
      _ = try await StreamSink.append(
        batch.entries, to: batch.streams, lease: lease.key, lease.holder, client, StreamSink.anyway)
    }
    return events.map(\.position)
  }

  func request(
    _ tenant: String = "shop", after: Int64 = 0, types: [String] = [], scopes: Set<String> = ["orders:read"]
  ) async throws -> StreamRequest {
    let id = try await self.tenant(tenant)
    let query = try Query(
      .init(path: "/", query: types.isEmpty ? [:] : ["types": types.joined(separator: ",")]), repeated: ["types"])
    return StreamRequest(
      grant: TokenGrant(
        tenantID: id, tenant: tenant, scopes: scopes, tokenID: 1, prefix: "", ratePerSecond: nil,
        rateBurst: nil),
      tokenHash: [1], query: try EventQuery(query), reach: try EventQuery(query).reach(scopes: scopes), after: after)
  }

  func close() async {
    await feed.stop()
    client.close()
    redis.stop()
    await pool.close()
  }
}
