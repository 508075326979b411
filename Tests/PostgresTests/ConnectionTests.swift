import EventLoop
import Postgres
import TestSupport
import Testing

@Suite struct ConnectionTests {
  static let pid = PostgresStatement(name: "pid", sql: "SELECT pg_backend_pid()")
  static let sleep = PostgresStatement(name: "sleep", sql: "SELECT pg_sleep(600)")

  @Test func refusalsAreOneClearLineWithoutThePassword() async throws {
    let server = try await PrivatePostgres.started(listensOnTCP: true)
    try await server.createSecuredUser()
    let port = server.port
    let cases: [(url: String, code: PostgresError.Code, has: String)] = [
      (server.tcpURL(password: "S3cret"), .wrongCredentials, "PostgreSQL at 127.0.0.1:\(port) refuses the user: "),
      ("postgres://secured@127.0.0.1:\(port)/postgres", .wrongCredentials, "wants a password and none is set"),
      (server.tcpURL(database: "nowhere"), .noSuchDatabase, "database \"nowhere\" does not exist"),
      (
        "postgres://u:S3cret@127.0.0.1:1/db", .unavailable,
        "PostgreSQL at 127.0.0.1:1 does not answer: Connection refused"
      ),
      (
        "postgres://postgres@/db?host=/nonexistent", .unavailable,
        "PostgreSQL at /nonexistent/.s.PGSQL.5432 does not answer: No such file or directory"
      ),
      ("postgres://u:S3cret/x@127.0.0.1/db", .invalidURL, "percent-encoded"),
      ("postgres://u:S3@cret@127.0.0.1/db", .invalidURL, "percent-encoded"),
      ("not a url", .invalidURL, "cannot be read"),
    ]
    for (url, code, text) in cases {
      let error = await #expect(throws: PostgresError.self) { try await PostgresPool(url: url).connect() }
      #expect(error?.code == code, "\(url)")
      let line = error.map { "\($0)" } ?? ""
      #expect(line.contains(text))
      #expect(!line.contains("S3") && !line.contains("cret") && !line.contains("\n"), "\(line)")
      #expect(error?.isUnknownOutcome == false)
    }
    // Names are looked up before libpq sees them: the password goes by the name, and an unknown one is left out.
    for hosts in ["localhost:\(port)", "nowhere.invalid:1,localhost:\(port)", "localhost:1,127.0.0.1:\(port)"] {
      let named = PostgresPool(url: server.tcpURL().replacing("127.0.0.1:\(port)", with: hosts))
      try await named.connect()
      await named.close()
    }
    let unknown = await #expect(throws: PostgresError.self) {
      try await PostgresPool(url: "postgres://u:S3cret@nowhere.invalid/db").connect()
    }
    #expect(unknown?.code == .unavailable)
    #expect(unknown?.description.hasPrefix("PostgreSQL at nowhere.invalid: cannot find the host") == true)
    let right = PostgresPool(url: server.tcpURL())
    try await right.connect()
    #expect(try await right.run(Self.pid, []).count == 1)
    await right.close()
    server.remove()
  }

  @Test func callsWithoutAServerGiveUp() async throws {
    let pool = PostgresPool(url: "postgres://postgres@/db?host=/nonexistent", connectTimeout: .milliseconds(100))
    let outcomes = await gather(10) { _ in try await pool.run(Self.pid, []).count }
    for outcome in outcomes {
      let error = #expect(throws: PostgresError.self) { try outcome.get() }
      #expect(error?.code == .unavailable)
      #expect(error?.description.contains("does not answer") == true)
    }
    await pool.close()
  }

  @Test func crashMakesTheOutcomeUnknownAndThePoolRecovers() async throws {
    let server = try await PrivatePostgres.started()
    let pool = PostgresPool(url: server.url, connectTimeout: .seconds(30))
    try await pool.connect()
    async let underWay = gather(40) { _ in try await pool.run(Self.sleep, []).count }
    try await waitForSleepers(at: server.url)
    await server.kill()
    for outcome in await underWay {
      let error = #expect(throws: PostgresError.self) { try outcome.get() }
      #expect(error?.isTransient == true)
      #expect(error?.code == .connectionLost || error?.code == .unavailable)
    }
    // The same pool, started again under it: this call waits for the server.
    async let later = pool.run(Self.pid, [])
    try await server.start()
    #expect(try await later.count == 1)
    #expect(try await pool.run(Self.pid, []).count == 1)
    await pool.close()
    server.remove()
  }

  @Test func orderlyStopIsUnknownToo() async throws {
    let server = try await PrivatePostgres.started()
    let pool = PostgresPool(url: server.url, connectTimeout: .milliseconds(200))
    async let underWay = gather(1) { _ in try await pool.run(Self.sleep, []).count }
    try await waitForSleepers(at: server.url)
    await server.stop()
    let outcome = await underWay[0]
    let error = #expect(throws: PostgresError.self) { try outcome.get() }
    #expect(error?.isUnknownOutcome == true)
    #expect(error?.description.contains("terminating connection due to administrator command") == true)
    // Nothing was sent to a server that is down.
    let refused = await #expect(throws: PostgresError.self) { _ = try await pool.run(Self.pid, []) }
    #expect(refused?.code == .unavailable)
    await pool.close()
    server.remove()
  }

  @Test func terminatedSessionIsReplaced() async throws {
    let pool = PostgresPool(url: try await PrivatePostgres.shared.url, connectionsMax: 1)
    let other = PostgresPool(url: try await PrivatePostgres.shared.url)
    let terminate = PostgresStatement(name: "kill", sql: "SELECT pg_terminate_backend($1::int, 10000)")
    let first = try await pool.run(Self.pid, [])[0].int(0)
    #expect(try await other.run(terminate, [.int(first)])[0].bool(0))
    // The pool may learn of it before the next call or by it.
    var second = first
    do { second = try await pool.run(Self.pid, [])[0].int(0) } catch {
      #expect(error.isUnknownOutcome)
      second = try await pool.run(Self.pid, [])[0].int(0)
    }
    #expect(second != first)
    await pool.close()
    await other.close()
  }

  @Test func loadOpensConnectionsUpToTheLimit() async throws {
    let pool = PostgresPool(url: try await PrivatePostgres.shared.url, connectionsMax: 3)
    let short = PostgresStatement(name: "short", sql: "SELECT pg_backend_pid() FROM pg_sleep(0.001)")
    let outcomes = await gather(5000) { _ in Int(try await pool.run(short, [])[0].int(0)) }
    #expect(Set(outcomes.compactMap { try? $0.get() }).count == 3)
    #expect(outcomes.allSatisfy { (try? $0.get()) != nil })
    await pool.close()
  }

  /// Until another session sees the sleeping ones.
  private func waitForSleepers(at url: String) async throws {
    let observer = PostgresPool(url: url)
    let count = PostgresStatement(
      name: "sleepers", sql: "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    while try await observer.run(count, [])[0].int(0) == 0 {}
    await observer.close()
  }
}
