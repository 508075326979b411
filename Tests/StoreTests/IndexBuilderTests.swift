import EventLoop
import Postgres
import TestSupport
import Testing

@testable import Store

/// Indexes that are built while writes go on.
@Suite(.timeLimit(.minutes(2))) struct IndexBuilderTests {
  private static let index = Migration.Index(
    name: "t_by_n", statement: "CREATE INDEX CONCURRENTLY t_by_n ON t (n)")
  private static let valid = "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('t_by_n') AND indisvalid"

  @Test func aMigrationIsCutIntoAScriptAndIndexes() {
    let migration = Migration(
      """
      -- Programs of schema 6 and later go on working.
      CREATE TABLE t (n int);
      -- Outside a transaction:
      -- Why; and what for.
      CREATE INDEX CONCURRENTLY t_by_n
        ON t (n) WHERE n > 0;

      CREATE INDEX CONCURRENTLY t_by_m ON t (m);
      """)
    #expect(migration.oldestProgram == 6)
    #expect(!migration.script.contains("INDEX") && migration.script.contains("CREATE TABLE t"))
    #expect(migration.indexes.map(\.name) == ["t_by_n", "t_by_m"])
    #expect(migration.indexes[0].statement == "CREATE INDEX CONCURRENTLY t_by_n\n  ON t (n) WHERE n > 0")
    #expect(Migration("CREATE TABLE t (n int);").indexes.isEmpty)
  }

  /// What is behind the mark is built, or the mark would hide it.
  @Test func everyStatementOutsideIsAnIndex() {
    for migration in Migrator.migrations { #expect(!migration.script.contains("CONCURRENTLY")) }
    #expect(Migrator.migrations.flatMap(\.indexes).contains { $0.name == "pin_prints_by_order" })
    for index in Migrator.migrations.flatMap(\.indexes) {
      #expect(index.statement.contains(" ON ") != index.isDropped && !index.name.isEmpty)
    }
  }

  @Test func anIndexThatIsNotNeededAnyLongerIsDropped() async throws {
    let table = try await Table()
    let drop = Migration(
      "CREATE TABLE t (n int);\n-- Outside a transaction:\nDROP INDEX CONCURRENTLY \(Self.index.name);"
    ).indexes
    #expect(drop.map(\.name) == [Self.index.name] && drop.map(\.isDropped) == [true])
    try await table.builder.build(Self.index)
    // Made by an earlier file, it is not made again.
    #expect(try await table.builder.unfinished([Self.index] + drop) == drop)
    for _ in 0..<2 { try await table.builder.build(drop[0]) }
    #expect(try await table.builder.unfinished([Self.index] + drop).isEmpty)
  }

  @Test func writesGoOnWhileItIsBuilt() async throws {
    let table = try await Table()
    try await table.holdAWriter()
    async let built: Void = table.builder.build(Self.index)
    // It waits for the writer, and is in nobody's way.
    try await table.waitUntilBuilding()
    try await table.pool.script("INSERT INTO t VALUES (2)")
    try await table.endTheWriter()
    try await built
    #expect(try await table.number(Self.valid) == 1)
    await table.close()
  }

  @Test func whatAKilledBuildLeftBehindIsBuiltAgain() async throws {
    let table = try await Table()
    try await table.holdAWriter()
    async let built: Void = table.builder.build(Self.index)
    try await table.waitUntilBuilding()
    _ = try await table.number(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_progress_create_index WHERE datname = current_database()")
    do {
      try await built
      Issue.record("a build whose session was ended succeeded")
    } catch { #expect(error is PostgresError) }
    #expect(try await table.number(Self.valid) == 0)
    #expect(try await table.number("SELECT count(*) FROM pg_class WHERE relname = 't_by_n'") == 1)
    try await table.endTheWriter()
    #expect(try await table.builder.unfinished([Self.index]) == [Self.index])
    try await table.builder.build(Self.index)
    #expect(try await table.number(Self.valid) == 1)
    #expect(try await table.builder.unfinished([Self.index]).isEmpty)
    await table.close()
  }

  @Test func anyNumberMayBuildIt() async throws {
    let table = try await Table()
    // Left behind by a build that failed.
    try await table.pool.script("INSERT INTO t VALUES (1)")
    await #expect(throws: PostgresError.self) {
      try await table.pool.script("CREATE UNIQUE INDEX CONCURRENTLY t_by_n ON t (n)")
    }
    for outcome in await atOnce(6, { _ in try await table.builder.build(Self.index) }) { try outcome.get() }
    #expect(try await table.number(Self.valid) == 1)
    await table.close()
  }

  @Test func aMigrationIsTakenUpWhereItWasLeft() async throws {
    let pool = PostgresPool(url: try await PrivatePostgres.shared.createDatabase())
    let migrator = Migrator(pool: pool)
    _ = try await migrator.migrate()
    #expect(try await migrator.requireCurrent() == nil)
    try await pool.script("DROP INDEX pin_prints_by_order")
    let warning = try await migrator.requireCurrent()
    #expect(warning?.hasPrefix("not built to the end: pin_prints_by_order; ") == true)
    #expect(warning?.hasSuffix("run: dispatcher migrate") == true)
    #expect(try await migrator.migrate() == [])
    #expect(try await migrator.requireCurrent() == nil)
    await pool.close()
  }
}

/// A table with a row, and a session that has written to it and not ended its transaction.
@LoopActor
private final class Table {
  let pool: PostgresPool
  let builder: IndexBuilder
  private let holder: PostgresPool
  private var writer: Task<Void, any Error>?

  init() async throws {
    let url = try await PrivatePostgres.shared.createDatabase()
    pool = PostgresPool(url: url)
    holder = PostgresPool(url: url, connectionsMax: 1)
    builder = IndexBuilder(pool: pool)
    try await pool.script("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
  }

  func number(_ sql: String) async throws -> Int64 {
    try await pool.run(PostgresStatement(name: "", sql: sql), []).single().int(0)
  }

  func holdAWriter() async throws {
    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_lock(7)"), [])
    let pool = pool
    writer = Task { try await pool.script("INSERT INTO t VALUES (3); SELECT pg_advisory_xact_lock(7)") }
    while try await number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 0 {
      await Task.yield()
    }
  }

  func endTheWriter() async throws {
    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_unlock(7)"), [])
    try await writer?.value
  }

  func waitUntilBuilding() async throws {
    while try await number(
      "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database() AND lockers_total > 0")
      == 0
    {
      await Task.yield()
    }
  }

  func close() async {
    await pool.close()
    await holder.close()
  }
}
