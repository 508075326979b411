import CommandLine
import EventLoop
import Foundation
import Orders
import Postgres
import Process
import Redis
import Store
import Telemetry
import TestSupport
import Testing

@testable import Events
@testable import Scheduler

/// The relay with sinks that come later, fail, and are served by several schedulers.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct SinkTests {
  @Test func aSinkThatComesLaterGetsAllThatIsKept() async throws {
    let house = try await House()
    try await house.addEvents(700)
    try await house.relay([StreamSink(redis: house.redis, outbox: house.outbox)]) {
      try await house.expectStreamed(700)
    }
    // More than a batch lies before it, and more comes meanwhile.
    let second = ListSink("second")
    try await house.addEvents(3)
    try await house.relay([StreamSink(redis: house.redis, outbox: house.outbox), second]) {
      await second.wait(for: 703)
      try await house.addEvents(4)
      await second.wait(for: 707)
      try await house.expectStreamed(707)
    }
    #expect(await second.positions == (1...707).map(Int64.init), "in order, each once")
    await house.close()
  }

  @Test func whatGotItsPositionAndWasNotDeliveredIsDeliveredByTheNextOne() async throws {
    let house = try await House()
    try await house.addEvents(5)
    // A relay that died right after it.
    let turn = try await house.outbox.place(limit: 3)
    #expect(turn.events.map(\.position) == [1, 2, 3])
    let second = ListSink("second")
    try await house.relay([StreamSink(redis: house.redis, outbox: house.outbox), second]) {
      try await house.expectStreamed(5)
      await second.wait(for: 5)
    }
    // One that died before it noted what it had delivered.
    try await house.script("UPDATE event_sinks SET position = 2 WHERE name = 'second'")
    try await house.relay([StreamSink(redis: house.redis, outbox: house.outbox), second]) { await second.wait(for: 8) }
    #expect(await second.positions == [1, 2, 3, 4, 5, 3, 4, 5])
    await house.close()
  }

  /// What a failover does to the streams: the replica that took over had not got the newest entries.
  @Test func aStreamThatLostItsTailGetsItBack() async throws {
    let house = try await House()
    let sink = StreamSink(redis: house.redis, outbox: house.outbox)
    try await house.addEvents(700)
    try await house.relay([sink]) {
      try await house.expectStreamed(700)
      // While the relay goes on, more than a batch; the next event shows it.
      try await house.loseTail(600)
      try await house.addEvents(2)
      try await house.expectStreamed(702)
    }
    // And where nothing new comes, when a relay meets another Redis.
    try await house.loseTail(3)
    try await house.relay([sink]) { try await house.expectStreamed(702) }
    #expect(try await house.streamed() == (1...702).map(Int64.init), "in order, each once")
    // One that was emptied is not filled again.
    try await house.loseTail(702)
    try await house.addEvents(1)
    try await house.relay([sink]) { try await house.expectStreamed(1) }
    #expect(try await house.streamed() == [703])
    await house.close()
  }

  @Test func aSinkThatFailsKeepsNoOtherFromGoingOn() async throws {
    let house = try await House()
    try await house.addEvents(1200)
    let broken = await ListSink("broken", isBroken: true)
    try await house.relay([broken, StreamSink(redis: house.redis, outbox: house.outbox)]) {
      try await house.expectStreamed(1200)
      #expect(await broken.positions.isEmpty)
      broken.mend()
      await broken.wait(for: 1200)
    }
    #expect(await broken.positions == (1...1200).map(Int64.init))
    await house.close()
  }

  @Test func twoSchedulersDeliverEachEventOnceAndInOrder() async throws {
    let house = try await House()
    let (first, second) = (ListSink("list"), StreamSink(redis: house.redis, outbox: house.outbox))
    try await house.relay([first, second]) {
      try await house.relay([first, second]) {
        for _ in 0..<20 { try await house.addEvents(50) }
        await first.wait(for: 1000)
        try await house.expectStreamed(1000)
      }
    }
    #expect(await first.positions == (1...1000).map(Int64.init))
    await house.close()
  }

  @Test func theStreamsAreNotGivenWhatASchedulerOfBeforePublished() async throws {
    let house = try await House()
    try await house.addEvents(4)
    try await house.script("UPDATE events SET published_at = now() WHERE version <= 2")
    let second = ListSink("second")
    try await house.relay([StreamSink(redis: house.redis, outbox: house.outbox), second]) {
      await second.wait(for: 4)
      try await house.expectStreamed(2)
    }
    #expect(await second.positions == [1, 2, 3, 4])
    await house.close()
  }
}

/// A sink in memory.
private final class ListSink: EventSink {
  struct Broken: Error {}

  let name: String
  @LoopActor private(set) var positions: [Int64] = []
  @LoopActor private var isBroken = false

  init(_ name: String) { self.name = name }

  @LoopActor init(_ name: String, isBroken: Bool) {
    self.name = name
    self.isBroken = isBroken
  }

  @LoopActor func take(_ events: [OutboxEvent], in term: RelayTerm) async throws -> SinkAnswer {
    if isBroken { throw Broken() }
    positions += events.map(\.position)
    return .taken(fresh: events.count)
  }

  @LoopActor func mend() { isBroken = false }

  @LoopActor func wait(for count: Int) async { while positions.count < count, !Task.isCancelled { await Task.yield() } }
}

/// A database and a Redis of the test's own, with one order that gets as many events as a test wants.
@LoopActor
private final class House {
  private let server: PrivateRedis
  private let url: String
  private let pool: PostgresPool
  let redis: RedisClient
  let outbox: Outbox

  init() async throws {
    server = try await PrivateRedis.start()
    url = try await PrivatePostgres.shared.createDatabase()
    pool = PostgresPool(url: url, connectionsMax: 2)
    redis = try server.client()
    outbox = Outbox(pool: pool)
    _ = try await Migrator(pool: pool).migrate()
    try await pool.script(
      """
      INSERT INTO tenants (name) VALUES ('shop');
      INSERT INTO orders (id, status, tenant_id, product, fields, priority, quantity, idempotency_key, request_hash, due_at)
      SELECT '01900000-0000-7000-8000-000000000001', 'pending', id, 'p', '{}', 'normal', 1, 'k',
        decode(repeat('00', 32), 'hex'), now() FROM tenants;
      """)
  }

  func script(_ sql: String) async throws { try await pool.script(sql) }

  func addEvents(_ count: Int) async throws {
    try await pool.script(
      """
      INSERT INTO events (order_id, version, status, type)
      SELECT '01900000-0000-7000-8000-000000000001', (SELECT coalesce(max(version), 0) FROM events) + n, 'pending',
        'sevk.order.created'
      FROM generate_series(1, \(count)) AS n ORDER BY n;
      """)
    _ = try await redis.command("ZADD", .string(WakeSignal.key), 0, "1")
  }

  /// Takes the newest entries out of both streams.
  func loseTail(_ count: Int64) async throws {
    for stream in [EventStream.all, EventStream.of(tenant: "shop")] {
      let newest = try await redis.command("XREVRANGE", .string(stream), "+", "-", "COUNT", .integer(count)).array ?? []
      let ids = newest.compactMap { $0.array?.first?.text }
      _ = try await redis.command(["XDEL", .string(stream)] + ids.map { .string($0) })
    }
  }

  /// The positions in the stream of all.
  func streamed() async throws -> [Int64] {
    let entries = try await redis.command("XRANGE", .string(EventStream.all), "-", "+").array ?? []
    return entries.compactMap { $0.array?.last?.array?[1].integer }
  }

  /// Runs a relay for as long as `body` takes.
  func relay(_ sinks: [any EventSink], _ body: @LoopActor () async throws -> Void) async throws {
    let log = Log(program: "test", format: .text, level: .error)
    let (pool, redis) = (PostgresPool(url: url, connectionsMax: 4, planner: Statements.planner), try server.client())
    let relay = RelayService(
      // Each has a lease of its own.
      process: "test-\(UInt32.random(in: 0...UInt32.max))", redis: redis, outbox: Outbox(pool: pool), sinks: sinks,
      Instruments(log: log, metrics: Metrics()))
    try await relay.start()
    do { try await body() } catch {
      await relay.stop()
      redis.close()
      await pool.close()
      throw error
    }
    await relay.stop()
    redis.close()
    await pool.close()
  }

  /// Waits until the streams have so many events, and finds no more.
  func expectStreamed(_ count: Int64) async throws {
    func length(_ stream: String) async throws -> Int64 {
      try await redis.command("XLEN", .string(stream)).integer ?? -1
    }
    while try await length(EventStream.all) < count, !Task.isCancelled { await Task.yield() }
    #expect(try await length(EventStream.all) == count)
    #expect(try await length(EventStream.of(tenant: "shop")) == count)
  }

  func close() async {
    redis.close()
    await pool.close()
    server.stop()
  }
}
