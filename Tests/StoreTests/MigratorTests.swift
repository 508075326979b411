import EventLoop
import Postgres
import Store
import TestSupport
import Testing

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
    try await pool.script("DELETE FROM schema_migrations")
    await #expect(throws: StoreError.schema(empty)) { try await migrator.requireCurrent() }
    await pool.close()
  }
}
