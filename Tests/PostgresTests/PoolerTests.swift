import EventLoop
import Postgres
import TestSupport
import Testing

/// Behind a pooler that hands each transaction to another session, what must hold does not hang on the session.
@Suite(.timeLimit(.minutes(2))) struct PoolerTests {
  private static let settings = PostgresStatement(
    name: "pooled_settings",
    sql: """
      SELECT current_setting('synchronous_commit'), current_setting('TimeZone'), current_setting('DateStyle'),
        current_setting('bytea_output'), current_setting('statement_timeout'), current_setting('enable_seqscan'),
        pg_backend_pid(), $1::bytea
      FROM pg_sleep(0.001)
      """)

  @Test func whatMustHoldHoldsInEachTransaction() async throws {
    let server = try await PrivatePostgres.shared
    let database = try await server.createDatabase().databaseName
    let plain = PostgresPool(url: server.url(database: database), connectionsMax: 1)
    for setting in [
      "synchronous_commit = off", "bytea_output = escape", "DateStyle = 'German'", "TimeZone = 'Asia/Tokyo'",
      "IntervalStyle = iso_8601", "extra_float_digits = -5", "statement_timeout = '10min'",
    ] {
      try await plain.script("ALTER DATABASE \(database) SET \(setting)")
    }
    await plain.close()
    let bouncer = try await PrivatePgBouncer.start(before: server, sessions: 5)
    defer { bouncer.stop() }
    // Of several clients, so that the pooler has to use several sessions.
    let pools = (0..<6).map { _ in
      PostgresPool(url: bouncer.url(database: database), connectionsMax: 1, planner: [("enable_seqscan", "off")])
    }
    let pool = pools[0]
    let bytes = (0...255).map { UInt8($0) }
    let answers = await gather(400) { number in
      try await pools[number % pools.count].run(Self.settings, [.bytea(bytes)]).single()
    }
    var sessions: Set<Int64> = []
    for answer in answers {
      let row = try answer.get()
      #expect(try row.bytes(7) == bytes)
      #expect(
        try (0..<6).map { try row.text($0) } == ["on", "UTC", "ISO, YMD", "hex", "30s", "off"])
      sessions.insert(try row.int(6))
    }
    #expect(sessions.count > 1, "the pooler had one session only, so that nothing is shown")
    // What is not set by the transaction is nobody else's: the sessions are as they were.
    let rows = try await pool.transaction([(Self.settings, [.bytea(bytes)]), (Self.settings, [.bytea([])])])
    #expect(try rows[1].single().text(0) == "on")
    let left = await gather(50) { _ in
      try await pool.script(
        """
        DO $$ BEGIN
          IF current_setting('statement_timeout') <> '10min' OR current_setting('synchronous_commit') <> 'off' THEN
            RAISE EXCEPTION 'something was left behind';
          END IF;
        END $$
        """)
      return 0
    }
    for outcome in left { _ = try outcome.get() }
    for pool in pools { await pool.close() }
  }

  @Test func aDirectSessionIsSetOnce() async throws {
    let server = try await PrivatePostgres.shared
    let database = try await server.createDatabase().databaseName
    let plain = PostgresPool(url: server.url(database: database), connectionsMax: 1)
    try await plain.script("ALTER DATABASE \(database) SET synchronous_commit = off")
    await plain.close()
    let pool = PostgresPool(url: server.url(database: database), connectionsMax: 2)
    for answer in await gather(50, { _ in try await pool.run(Self.settings, [.bytea([])]).single() }) {
      #expect(try answer.get().text(0) == "on")
    }
    await pool.close()
  }
}

extension String {
  /// The last part of a database's URL.
  fileprivate var databaseName: String {
    String(split(separator: "?")[0].split(separator: "/").last ?? "")
  }
}
