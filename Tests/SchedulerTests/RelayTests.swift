import CommandLine
import EventLoop
import Events
import Foundation
import Postgres
import Process
import Redis
import Support
import Telemetry
import TestSupport
import Testing

@testable import Scheduler
@testable import Store

/// The relay while PostgreSQL is slower than a lease is long.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct RelayTests {
  @Test func aReadThatOutlastsTheLeaseIsPublished() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    let url = try await PrivatePostgres.shared.createDatabase()
    let admin = PostgresPool(url: url, connectionsMax: 2)
    _ = try await Migrator(pool: admin).migrate()
    try await admin.script(
      """
      INSERT INTO tenants (name) VALUES ('shop');
      INSERT INTO orders (id, status, tenant_id, product, fields, priority, quantity, idempotency_key, request_hash, due_at)
      SELECT '01900000-0000-7000-8000-000000000001', 'pending', id, 'p', '{}', 'normal', 1, 'k',
        decode(repeat('00', 32), 'hex'), now() FROM tenants;
      INSERT INTO events (order_id, version, status, type)
      VALUES ('01900000-0000-7000-8000-000000000001', 1, 'pending', 'sevk.order.created');
      """)
    // Whoever reads events waits from now on.
    let lock = PostgresPool(url: url, connectionsMax: 1)
    _ = try await lock.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_lock(5)"), [])
    async let locking: Void = admin.script(
      "LOCK TABLE events IN ACCESS EXCLUSIVE MODE; SELECT pg_advisory_xact_lock(5)")
    let waiting = PostgresStatement(
      name: "", sql: "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while try await lock.run(waiting, []).single().int(0) == 0 { await Task.yield() }

    let log = Log(program: "test", format: .text, level: .error)
    let (pool, own) = (PostgresPool(url: url, connectionsMax: 4, planner: Statements.planner), try redis.client())
    let lease = Duration.milliseconds(200)
    let relay = await RelayService(
      process: "test", redis: own, outbox: Outbox(pool: pool),
      sinks: [StreamSink(redis: own, outbox: Outbox(pool: pool))], lease: lease,
      Instruments(log: log, metrics: Metrics()))
    try await relay.start()
    // The lease is seen to begin anew more often than it could without being prolonged.
    let client = try redis.client()
    var holder: String?
    var least = Int64.max
    var renewals = 0
    while renewals < 5 {
      let name = try await client.command("GET", "{sevk:events}:relay").text
      let rest = try await client.command("PTTL", "{sevk:events}:relay").integer ?? -2
      if holder != nil { try #require(name == holder, "the lease was lost while events were read") }
      holder = name
      if rest > least { renewals += 1 }
      least = rest > 0 ? rest : .max
    }
    _ = try await lock.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_unlock(5)"), [])
    try await locking
    while try await client.command("XLEN", "sevk:events").integer != 1 { await Task.yield() }
    await relay.stop()
    await client.close()
    await own.close()
    await pool.close()
    await admin.close()
    await lock.close()
  }

  @Test func whoLostTheLeaseDoesNotTakeItByProlonging() async throws {
    let client = try await PrivateRedis.shared.client()
    func renew(_ name: RedisArgument) async throws -> Int64? {
      try await client.run(RelayService.renew, keys: ["{renew:events}:relay"], arguments: [name, 60_000]).integer
    }
    #expect(try await renew("a") == 0)
    #expect(try await client.command("EXISTS", "{renew:events}:relay").integer == 0)
    _ = try await client.run(RelayService.claim, keys: ["{renew:events}:relay"], arguments: ["b", 1000])
    #expect(try await renew("a") == 0)
    #expect(try await renew("b") == 1)
    #expect(try await client.command("PTTL", "{renew:events}:relay").integer ?? 0 > 1000)
    await client.close()
  }

  @Test func processesThatAreGoneAreForgotten() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    let client = try redis.client()
    let now = Int(Date().timeIntervalSince1970)
    for (name, seen) in [("gone", "\(now - 3600)"), ("here", "\(now)"), ("odd", "\(Int.min)")] {
      _ = try await client.command("HSET", "sevk:processes", .string(name), .string(seen))
    }
    try await Inspector(redis: client).forgetSilent()
    #expect(try await client.command("HGETALL", "sevk:processes").array?.first?.text == "here")
    #expect(try await client.command("HLEN", "sevk:processes").integer == 1)
    await client.close()
  }
}
