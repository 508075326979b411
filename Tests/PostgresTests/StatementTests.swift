import Postgres
import TestSupport
import Testing

@Suite struct StatementTests {
  private func pool(statementTimeout: Duration = .seconds(30)) async throws -> PostgresPool {
    PostgresPool(
      url: try await PrivatePostgres.shared.createDatabase(), connectionsMax: 1, statementTimeout: statementTimeout)
  }

  @Test func statementTimeoutRollsBackAndKeepsTheConnection() async throws {
    let pool = try await pool(statementTimeout: .milliseconds(50))
    let backend = PostgresStatement(name: "pid", sql: "SELECT pg_backend_pid()")
    let before = try await pool.run(backend, [])[0].int(0)
    let error = await #expect(throws: PostgresError.self) {
      _ = try await pool.run(PostgresStatement(name: "sleep", sql: "SELECT pg_sleep(60)"), [])
    }
    #expect(error?.code == .timedOut)
    #expect(error?.sqlstate == "57014")
    #expect(error?.isUnknownOutcome == false)
    #expect(try await pool.run(backend, [])[0].int(0) == before)
    await pool.close()
  }

  @Test func brokenStatementFailsWithoutHarmToOthers() async throws {
    let pool = try await pool()
    let broken = PostgresStatement(name: "broken", sql: "SELECT * FROM missing")
    let fine = PostgresStatement(name: "fine", sql: "SELECT 1")
    let outcomes = await gather(30) { number in
      Int(try await pool.run(number % 2 == 0 ? broken : fine, [])[0].int(0))
    }
    for (number, outcome) in outcomes.enumerated() {
      if number % 2 == 1 {
        #expect((try? outcome.get()) == 1)
      } else {
        let error = #expect(throws: PostgresError.self) { try outcome.get() }
        #expect(error?.sqlstate == "42P01")
      }
    }
    // The statement was forgotten when it failed, so that it works once its table is there.
    try await pool.script("CREATE TABLE missing AS SELECT 7 AS n")
    #expect(try await pool.run(broken, [])[0].int(0) == 7)
    await pool.close()
  }

  @Test func forgottenStatementsAreSentAgain() async throws {
    let pool = try await pool()
    try await pool.script("CREATE TABLE t (n int)")
    let insert = PostgresStatement(name: "insert", sql: "INSERT INTO t VALUES ($1::int)")
    _ = try await pool.run(insert, [.int(1)])
    _ = try await pool.run(PostgresStatement(name: "forget", sql: "DEALLOCATE ALL"), [])
    #expect(try await pool.run(insert, [.int(2)]).affected == 1)
    let count = PostgresStatement(name: "count", sql: "SELECT count(*), max(n) FROM t")
    let row = try await pool.run(count, [])[0]
    #expect(try (row.int(0), row.int(1)) == (2, 2))
    await pool.close()
  }

  @Test func changedTableDoesNotBreakPreparedStatements() async throws {
    let pool = try await pool()
    try await pool.script("CREATE TABLE t AS SELECT 1 AS a")
    let all = PostgresStatement(name: "all", sql: "SELECT * FROM t")
    #expect(try await pool.run(all, [])[0].int(0) == 1)
    try await pool.script("ALTER TABLE t ADD COLUMN b int DEFAULT 5")
    #expect(try await pool.run(all, [])[0].int(1) == 5)
    #expect(try await pool.run(all, [])[0].int(1) == 5)
    await pool.close()
  }

  @Test func sameNameWithAnotherTextIsAnotherStatement() async throws {
    let pool = try await pool()
    #expect(try await pool.run(PostgresStatement(name: "x", sql: "SELECT 1"), [])[0].int(0) == 1)
    #expect(try await pool.run(PostgresStatement(name: "x", sql: "SELECT 2"), [])[0].int(0) == 2)
    await pool.close()
  }

  @Test func errorsShowNoParameter() async throws {
    let pool = try await pool()
    try await pool.script("CREATE TABLE t (pin text UNIQUE)")
    let cast = PostgresStatement(name: "cast", sql: "SELECT $1::text::uuid")
    let insert = PostgresStatement(name: "pin", sql: "INSERT INTO t VALUES ($1::text)")
    _ = try await pool.run(insert, [.text("PIN-1234")])
    for statement in [cast, insert] {
      let error = await #expect(throws: PostgresError.self) { _ = try await pool.run(statement, [.text("PIN-1234")]) }
      #expect(error.map { "\($0)".contains("PIN-1234") } == false)
      #expect(error.map { "\($0)".contains("SQLSTATE 2") } == true)
    }
    await pool.close()
  }

  @Test func scriptIsOneTransactionAndNamesTheLine() async throws {
    let pool = try await pool()
    let error = await #expect(throws: PostgresError.self) {
      try await pool.script("CREATE TABLE a (n int);\nCREATE TABLE b (n int);\nCREATE TABEL c (n int);")
    }
    #expect(error?.sqlstate == "42601")
    #expect(error?.message.hasSuffix("at line 3") == true)
    let tables = PostgresStatement(name: "t", sql: "SELECT to_regclass('a') IS NULL AND to_regclass('b') IS NULL")
    #expect(try await pool.run(tables, [])[0].bool(0))

    try await pool.script("BEGIN; CREATE TABLE a (n int); DO $$BEGIN RAISE NOTICE 'quiet'; END$$; COMMIT;")
    #expect(try await pool.run(tables, [])[0].bool(0) == false)
    await pool.close()
  }

  @Test func sessionsAreDurableAndNamed() async throws {
    let pool = try await pool()
    try await pool.script(
      "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END$$")
    let settings = PostgresStatement(
      name: "s",
      sql: """
        SELECT current_setting('synchronous_commit'), current_setting('application_name'),
               current_setting('statement_timeout'), current_setting('TimeZone')
        """)
    let row = try await pool.run(settings, [])[0]
    #expect(try (0..<4).map { try row.text($0) } == ["on", "sevk", "30s", "UTC"])
    await pool.close()
  }
}
