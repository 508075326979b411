import API
import EventLoop
import HTTPServer
import Postgres
import Store
import TestSupport
import Testing

@testable import Dispatcher

/// Days of books while the database is slow.
@LoopActor
@Suite(.timeLimit(.minutes(1))) struct OrderDigestsTests {
  private func grant(_ tenant: Int64) -> TokenGrant {
    TokenGrant(
      tenantID: tenant, tenant: "shop", scopes: ["orders:read"], tokenID: 1, prefix: "x", ratePerSecond: nil,
      rateBurst: nil)
  }

  private static func status(
    _ digests: OrderDigests, _ request: HTTPRequest, _ grant: TokenGrant
  ) async throws -> Int {
    try await digests.day(request, grant).status
  }

  @Test func onlySoManyDaysAreReadAtOnce() async throws {
    let url = try await PrivatePostgres.shared.createDatabase()
    let admin = PostgresPool(url: url, connectionsMax: 2)
    _ = try await Migrator(pool: admin).migrate()
    // Whoever reads orders waits from now on.
    let lock = PostgresPool(url: url, connectionsMax: 1)
    _ = try await lock.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_lock(6)"), [])
    async let locking: Void = admin.script(
      "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE; SELECT pg_advisory_xact_lock(6)")
    let waiting = PostgresStatement(
      name: "", sql: "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while try await lock.run(waiting, []).single().int(0) == 0 { await Task.yield() }

    let pool = PostgresPool(url: url, connectionsMax: 2, planner: Statements.planner)
    let digests = OrderDigests(Store(pool: pool, vault: nil))
    let request = HTTPRequest(path: "/v1/orders:digest", query: ["day": "2026-11-29"])
    var begun: [Task<Int, any Error>] = []
    for tenant in 1...(OrderDigests.daysMax / OrderDigests.daysOfTenantMax) {
      for _ in 0..<OrderDigests.daysOfTenantMax {
        let grant = grant(Int64(tenant))
        begun.append(
          Task(executorPreference: EventLoop.shared) { try await Self.status(digests, request, grant) })
      }
      await Task.yield()
      // One more of the same, while there is room for others.
      let more = await #expect(throws: Problem.self) { try await digests.day(request, grant(1)) }
      #expect(more?.status == 429 && more?.retryAfterSeconds == 10)
    }
    let other = await #expect(throws: Problem.self) { try await digests.day(request, grant(99)) }
    #expect(other?.status == 429)
    _ = try await lock.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_unlock(6)"), [])
    try await locking
    for task in begun { #expect(try await task.value == 200) }
    #expect(try await digests.day(request, grant(1)).status == 200, "its places are free again")
    for pool in [pool, admin, lock] { await pool.close() }
  }
}
