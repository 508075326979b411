import CommandLine
import EventLoop
import Orders
import Postgres
import PrivateServers
import Process
import Redis
import Store
import Telemetry
import TestSupport
import Testing

@testable import Events
@testable import Scheduler

/// Streams that lie on several nodes: no script appends to two of them, so each has a fence of its own.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ClusterStreamTests {
  private static let tenants = ["shop", "rival", "third"]

  @Test @LoopActor func eachStreamIsGaplessAcrossRelaysThatTakeOver() async throws {
    let house = try await House(try await PrivateCluster.shared, Self.tenants)
    #expect(Set(try await house.owners()).count > 1, "the streams lie on several nodes")
    let (first, second) = (house.sink(), house.sink())
    let (one, two) = (house.term("one"), house.term("two"))
    try await house.addEvents(300)
    let turn = try await house.outbox.place(limit: 500)
    #expect(try await house.claim("one"))
    #expect(try await first.take(Array(turn.events.prefix(100)), in: one) == .taken(fresh: 100))
    // It is frozen, and another takes over from where it was noted to be: some come again, and are known.
    #expect(try await house.takeOver("two"))
    #expect(try await second.take(Array(turn.events[50..<250]), in: two) == .taken(fresh: 150))
    // It wakes with what it had read: nothing is added, not to the tenants' streams either.
    #expect(try await first.take(Array(turn.events[100..<200]), in: one) == .termOver)
    try await house.expectWhole(250)
    #expect(try await second.take(Array(turn.events[250...]), in: two) == .taken(fresh: 50))
    // As if it had died after that of all and before a tenant's: they come again, and each stream takes what it lacks.
    try await house.loseTail(of: EventStream.of(tenant: "rival"), 16)
    #expect(try await second.take(Array(turn.events[250...]), in: two) == .taken(fresh: 0))
    try await house.expectWhole(300)
    await house.close()
  }

  /// What a failover does: a node that took over had not got the newest entries of the streams that lie there.
  @Test @LoopActor func aStreamThatLostItsTailGetsItBack() async throws {
    let house = try await House(try await PrivateCluster.shared, Self.tenants)
    let sink = house.sink()
    let term = house.term("one")
    #expect(try await house.claim("one"))
    try await house.addEvents(900)
    for _ in 0..<2 {
      let events = try await house.outbox.place(limit: 450).events
      #expect(try await sink.take(events, in: term) == .taken(fresh: 450))
    }
    for stream in ["sevk:events"] + Self.tenants.map({ EventStream.of(tenant: $0) }) {
      try await house.loseTail(of: stream, 200)
      // By who meets another Redis: a relay that begins.
      #expect(try await house.sink().mend(through: 900, in: term) == 200, "\(stream)")
      try await house.expectWhole(900)
    }
    // Of the stream of all the next event shows it.
    try await house.loseTail(of: EventStream.all, 10)
    try await house.addEvents(3)
    #expect(try await sink.take(try await house.outbox.place(limit: 500).events, in: term) == .taken(fresh: 13))
    try await house.expectWhole(903)
    // One that is empty begins with what comes next.
    _ = try await house.redis.command("DEL", .string(EventStream.of(tenant: "third")))
    #expect(try await house.sink().mend(through: 903, in: term) == 0)
    try await house.expectWhole(903, but: "third")
    await house.close()
  }

  /// The node of a tenant's stream is replaced by one that lacks its end, and the next event of that tenant comes at once.
  @Test @LoopActor func aNodeThatTookOverIsMadeWholeBeforeTheNextEvent() async throws {
    try await PrivateCluster.with { servers in
      let house = try await House(servers, Self.tenants)
      let sink = house.sink()
      let term = house.term("one")
      #expect(try await house.claim("one"))
      try await house.addEvents(90)
      #expect(try await sink.take(try await house.outbox.place(limit: 500).events, in: term) == .taken(fresh: 90))
      try await house.loseTail(of: EventStream.of(tenant: "rival"), 5)
      let owner = try await servers.owner(of: try await servers.slot(of: EventStream.of(tenant: "rival")))
      let promoted = try await servers.failOver(owner)
      try await Waiting.until("the replica serves", within: .seconds(30)) {
        try await servers.owner(of: try await servers.slot(of: EventStream.of(tenant: "rival"))) == promoted
      }
      #expect(try await house.claim("one"))
      try await house.addEvents(3)
      #expect(try await sink.take(try await house.outbox.place(limit: 500).events, in: term) == .taken(fresh: 3))
      try await house.expectWhole(93)
      await house.close()
    }
  }

  @Test @LoopActor func twoSchedulersPublishOnACluster() async throws {
    let house = try await House(try await PrivateCluster.shared, Self.tenants)
    try await house.relay {
      try await house.relay {
        for _ in 0..<20 { try await house.addEvents(30) }
        try await Waiting.until("all are in the stream", within: .seconds(60)) {
          try await house.positions(EventStream.all).count >= 600
        }
        try await Waiting.until("the tenants have theirs", within: .seconds(60)) {
          try await house.positions(EventStream.of(tenant: "third")).count >= 200
        }
      }
    }
    try await house.expectWhole(600)
    await house.close()
  }
}

/// A database of the test's own, with an order of each tenant that gets as many events as a test wants, and a cluster whose
/// streams are empty.
@LoopActor
private final class House {
  private let url: String
  private let pool: PostgresPool
  private let servers: ClusterServers
  private let tenants: [String]
  let redis: RedisClient
  let outbox: Outbox

  init(_ servers: ClusterServers, _ tenants: [String]) async throws {
    self.servers = servers
    self.tenants = tenants
    url = try await PrivatePostgres.shared.createDatabase()
    pool = PostgresPool(url: url, connectionsMax: 2)
    redis = RedisClient(try RedisURL(servers.url), connectTimeout: .seconds(10))
    outbox = Outbox(pool: pool)
    _ = try await Migrator(pool: pool).migrate()
    _ = try await redis.command("FLUSHALL")
    for (index, tenant) in tenants.enumerated() {
      try await pool.script(
        """
        INSERT INTO tenants (name) VALUES ('\(tenant)');
        INSERT INTO orders (id, status, tenant_id, product, fields, priority, quantity, idempotency_key, request_hash, due_at)
        SELECT '01900000-0000-7000-8000-00000000000\(index)', 'pending', id, 'p', '{}', 'normal', 1, 'k\(index)',
          decode(repeat('00', 32), 'hex'), now() FROM tenants WHERE name = '\(tenant)';
        """)
    }
  }

  func sink() -> StreamSink { StreamSink(redis: redis, outbox: outbox) }

  func term(_ name: String) -> RelayTerm { RelayTerm(holder: [.string(name), 600_000]) }

  func claim(_ name: String) async throws -> Bool {
    try await redis.run(RelayService.claim, keys: [RelayTerm.key], arguments: [.string(name), 600_000]).integer == 1
  }

  func takeOver(_ name: String) async throws -> Bool {
    _ = try await redis.command("DEL", RelayTerm.key)
    return try await claim(name)
  }

  func owners() async throws -> [Int] {
    var owners: [Int] = []
    for tenant in tenants {
      owners.append(try await servers.owner(of: try await servers.slot(of: EventStream.of(tenant: tenant))))
    }
    return owners
  }

  /// Of the tenants in turn.
  func addEvents(_ count: Int) async throws {
    try await pool.script(
      """
      INSERT INTO events (order_id, version, status, type)
      SELECT ('01900000-0000-7000-8000-00000000000' || n % \(tenants.count))::uuid,
        (SELECT coalesce(max(version), 0) FROM events) + n, 'pending', 'sevk.order.created'
      FROM generate_series(1, \(count)) AS n ORDER BY n;
      """)
    _ = try await redis.command("ZADD", .string(WakeSignal.key), 0, "1")
  }

  func loseTail(of stream: String, _ count: Int64) async throws {
    let newest = try await redis.command("XREVRANGE", .string(stream), "+", "-", "COUNT", .integer(count)).array ?? []
    let ids = newest.compactMap { $0.array?.first?.text }
    _ = try await redis.command(["XDEL", .string(stream)] + ids.map { .string($0) })
  }

  func positions(_ stream: String) async throws -> [Int64] {
    let entries = try await redis.command("XRANGE", .string(stream), "-", "+").array ?? []
    return entries.compactMap { $0.array?.last?.array?[1].integer }
  }

  /// Each stream has every position that is its own, once and in order.
  func expectWhole(_ count: Int64, but emptied: String? = nil) async throws {
    #expect(try await positions(EventStream.all) == (1...count).map { $0 })
    for tenant in tenants where tenant != emptied {
      let id = try await outbox.tenants()[tenant] ?? 0
      let own = try await outbox.list(tenant: id, after: 0, limit: 2000).events.map(\.position).filter { $0 <= count }
      #expect(try await positions(EventStream.of(tenant: tenant)) == own, "\(tenant)")
      #expect(abs(own.count * tenants.count - Int(count)) < tenants.count, "\(tenant)")
    }
  }

  /// Runs a relay for as long as `body` takes.
  func relay(_ body: @LoopActor () async throws -> Void) async throws {
    let log = Log(program: "test", format: .text, level: .error)
    let pool = PostgresPool(url: url, connectionsMax: 4, planner: Statements.planner)
    let client = RedisClient(try RedisURL(servers.url))
    let outbox = Outbox(pool: pool)
    let relay = RelayService(
      process: "test-\(UInt32.random(in: 0...UInt32.max))", redis: client, outbox: outbox,
      sinks: [StreamSink(redis: client, outbox: outbox)], Instruments(log: log, metrics: Metrics()))
    try await relay.start()
    let result: Result<Void, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    await relay.stop()
    client.close()
    await pool.close()
    try result.get()
  }

  func close() async {
    redis.close()
    await pool.close()
  }
}
