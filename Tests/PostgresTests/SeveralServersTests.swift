import EventLoop
import Postgres
import PrivateServers
import TestSupport
import Testing

/// A URL that names a primary and what may take its place.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct SeveralServersTests {
  private static let isStandby = PostgresStatement(name: "is_standby", sql: "SELECT pg_is_in_recovery()")

  @Test func thePrimaryIsFoundAndItsSuccessorToo() async throws {
    let primary = try await PrivatePostgres.started()
    let standby = try await primary.standby()
    // As a machine without power: it answers nothing, and nothing refuses the connection either.
    let silent = RawServer { _ in .hold }
    let url = standby.url(database: "postgres", first: ("127.0.0.1", silent.port))
    let pool = PostgresPool(url: url, connectTimeout: .seconds(6))
    let (several, one) = await (pool.namesSeveralServers, PostgresPool(url: primary.url).namesSeveralServers)
    #expect(several && !one)
    try await pool.connect()
    #expect(try await !pool.run(Self.isStandby, []).single().bool(0), "a standby takes no writes")

    try await standby.isWaitedFor()
    try await pool.script("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
    await primary.kill()
    try await standby.server.promote()
    // The same pool: its connections broke, and the one that took over is found.
    let count = PostgresStatement(name: "count", sql: "SELECT count(*) FROM kept")
    var found: Int64?
    while found == nil { found = try? await pool.run(count, []).single().int(0) }
    #expect(found == 1)
    await pool.close()
    standby.remove()
    primary.remove()
  }

  /// `postgres://sevk@db-1,db-2/sevk`: each at the usual port, as with psql.
  @Test func aListWithoutPortsMeansTheUsualOne() async throws {
    let primary = try await PrivatePostgres.started()
    let hosts = ["/nowhere", primary.folder].map { $0.replacing("/", with: "%2F") }.joined(separator: ",")
    let pool = PostgresPool(url: "postgres://\(PostgresServer.superuser)@\(hosts)/postgres")
    #expect(try await !pool.run(Self.isStandby, []).single().bool(0))
    await pool.close()
    primary.remove()
  }

  @Test func whyNoneCanBeHadNamesEach() async throws {
    let primary = try await PrivatePostgres.started()
    let standby = try await primary.standby()
    await primary.kill()
    let error = await #expect(throws: PostgresError.self) {
      try await PostgresPool(url: standby.url(database: "postgres")).connect()
    }
    #expect(error?.code == .unavailable)
    let text = error?.message ?? ""
    #expect(text.contains("is a standby, which takes no writes; PostgreSQL at \(primary.folder)"), "\(text)")
    // Who wants a standby gets one.
    let reader = PostgresPool(url: standby.url(database: "postgres") + "&target_session_attrs=standby")
    #expect(try await reader.run(Self.isStandby, []).single().bool(0))
    await reader.close()
    standby.remove()
    primary.remove()
  }
}
