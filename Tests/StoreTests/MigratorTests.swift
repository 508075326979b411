import EventLoop
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(2))) struct MigratorTests {
  @Test func migratesOnce() async throws {
    let pool = PostgresPool(url: try await PrivatePostgres.shared.createDatabase())
    let migrator = Migrator(pool: pool)
    #expect(try await migrator.currentVersion() == 0)
    #expect(try await migrator.migrate() == Array(1...Migrator.version))
    #expect(try await migrator.migrate() == [])
    #expect(try await migrator.currentVersion() == Migrator.version)
    try await migrator.requireCurrent()
    await pool.close()
  }

  @Test func severalAtOnceApplyEachMigrationOnce() async throws {
    for _ in 0..<5 {
      let url = try await PrivatePostgres.shared.createDatabase()
      let outcomes = await atOnce(8) { _ in
        let pool = PostgresPool(url: url, connectionsMax: 1)
        try await pool.connect()
        let applied = try await Migrator(pool: pool).migrate()
        try await Migrator(pool: pool).requireCurrent()
        await pool.close()
        return applied
      }
      let applied = try outcomes.flatMap { try $0.get() }
      #expect(applied.sorted() == Array(1...Migrator.version))
    }
  }

  @Test func anotherSchemaIsRefusedWithWhatToDo() async throws {
    let pool = PostgresPool(url: try await PrivatePostgres.shared.createDatabase())
    let migrator = Migrator(pool: pool)
    let empty = "the database has no schema yet; run: dispatcher migrate"
    await #expect(throws: StoreError.schema(empty)) { try await migrator.requireCurrent() }
    _ = try await migrator.migrate()
    try await pool.script("INSERT INTO schema_migrations (version) VALUES (99)")
    await #expect(
      throws: StoreError.schema(
        "the database schema is at version 99, this program knows only \(Migrator.version); "
          + "install the newer version of Sevk")
    ) { try await migrator.requireCurrent() }
    // A newer schema is not touched.
    #expect(try await migrator.migrate() == [])
    // A newer one whose migrations say that this program goes on working; one that does not say so ends that.
    try await pool.script("UPDATE schema_migrations SET oldest_program = \(Migrator.version) WHERE version = 99")
    let warning = try await migrator.requireCurrent()
    #expect(
      warning == "the database schema is at version 99, this program knows only \(Migrator.version) and can go on with "
        + "it; restart it with the newer version")
    try await pool.script("INSERT INTO schema_migrations (version) VALUES (98)")
    await #expect(throws: StoreError.self) { try await migrator.requireCurrent() }
    try await pool.script("DELETE FROM schema_migrations")
    await #expect(throws: StoreError.schema(empty)) { try await migrator.requireCurrent() }
    await pool.close()
  }

  @Test(arguments: ["LATIN1", "SQL_ASCII"]) func anEncodingThatHoldsNotEveryLetterIsRefused(_ encoding: String)
    async throws
  {
    let server = try await PrivatePostgres.shared
    let name = "encoded_in_\(encoding.lowercased())"
    let admin = PostgresPool(url: server.url)
    try await admin.script("CREATE DATABASE \(name) ENCODING '\(encoding)' LOCALE 'C' TEMPLATE template0")
    await admin.close()
    let pool = PostgresPool(url: server.url(database: name))
    let migrator = Migrator(pool: pool)
    for work in [{ _ = try await migrator.migrate() }, { _ = try await migrator.requireCurrent() }] {
      let error = await #expect(throws: StoreError.self) { try await work() }
      let text = error?.description ?? ""
      #expect(text.hasPrefix("the database \(name) has the encoding \(encoding), "), "\(text)")
      #expect(text.hasSuffix("createdb --template template0 --encoding UTF8 --locale C.UTF-8 --owner sevk NAME"))
    }
    #expect(try await migrator.currentVersion() == 0)
    await pool.close()
  }

  /// As beside a backup: somebody reads a table for as long as the test likes.
  @Test func aMigrationThatHasToWaitStopsNoWrites() async throws {
    let url = try await PrivatePostgres.shared.createDatabase()
    let pool = PostgresPool(url: url)
    let holder = PostgresPool(url: url, connectionsMax: 1)
    func number(_ sql: String) async throws -> Int64 {
      try await holder.run(PostgresStatement(name: "", sql: sql), []).single().int(0)
    }
    try await pool.script(
      "CREATE TABLE schema_migrations (version int PRIMARY KEY, applied_at timestamptz, oldest_program int)")
    for version in 1...9 {
      try await pool.script(
        "INSERT INTO schema_migrations (version) VALUES (\(version));\n" + Migrator.migrations[version - 1].script)
    }
    _ = try await number("SELECT 1 FROM pg_advisory_lock(11)")
    async let reader: Void = pool.script("LOCK TABLE orders IN ACCESS SHARE MODE; SELECT pg_advisory_xact_lock(11)")
    while try await number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 0 {
      await Task.yield()
    }
    async let applied = Migrator(pool: pool).migrate()
    let waiting =
      "SELECT count(*) FROM pg_locks WHERE relation = 'orders'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted"
    while try await number(waiting) == 0 { await Task.yield() }
    // Done before the reader is: the migration has stood back.
    try await pool.script("UPDATE orders SET reason = 'why'")
    _ = try await number("SELECT count(*) FROM pg_advisory_unlock(11)")
    try await reader
    let versions = try await applied
    #expect(versions == Array(10...Migrator.version))
    await pool.close()
    await holder.close()
  }

  @Test func aMigrationSaysInItsFirstLineWhoSurvivesIt() {
    #expect(Migrator.oldestProgram("-- Programs of schema 6 and later go on working.\nALTER TABLE …") == 6)
    #expect(Migrator.oldestProgram("-- A column\n-- Programs of schema 6 and later go on working.") == nil)
    #expect(Migrator.oldestProgram("-- Programs of schema ten") == nil)
  }

  @Test func aDatabaseOfAProgramThatKeptNoSuchMarkIsBroughtAlong() async throws {
    let pool = PostgresPool(url: try await PrivatePostgres.shared.createDatabase())
    let migrator = Migrator(pool: pool)
    _ = try await migrator.migrate()
    try await pool.script("ALTER TABLE schema_migrations DROP COLUMN oldest_program")
    try await migrator.requireCurrent()
    try await pool.script("INSERT INTO schema_migrations (version) VALUES (99)")
    await #expect(throws: StoreError.self) { try await migrator.requireCurrent() }
    #expect(try await migrator.migrate() == [])
    await #expect(throws: StoreError.self) { try await migrator.requireCurrent() }
    await pool.close()
  }
}
