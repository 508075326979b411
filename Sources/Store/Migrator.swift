public import EventLoop
public import Postgres

/// Brings the database to the schema that this program was built for.
@LoopActor
public struct Migrator {
  /// The schema this program was built for.
  public nonisolated static let version = migrations.count

  private nonisolated static let migrations = [
    Statements.text(PackageResources.schema_0001_sql),
    Statements.text(PackageResources.schema_0002_sql),
    Statements.text(PackageResources.schema_0003_sql),
    Statements.text(PackageResources.schema_0004_sql),
    Statements.text(PackageResources.schema_0005_sql),
    Statements.text(PackageResources.schema_0006_sql),
    Statements.text(PackageResources.schema_0007_sql),
    Statements.text(PackageResources.schema_0008_sql),
  ]

  /// Names the advisory lock of migrators; any number that nothing else in the database uses.
  private nonisolated static let lock = 5_346_187_204

  private let pool: PostgresPool

  public nonisolated init(pool: PostgresPool) { self.pool = pool }

  /// The schema version of the database; 0 when it is empty.
  public func currentVersion() async throws -> Int {
    let table = PostgresStatement(
      name: "schema_table", sql: "SELECT to_regclass('schema_migrations') IS NOT NULL")
    guard try await pool.run(table, [])[0].bool(0) else { return 0 }
    let version = PostgresStatement(
      name: "schema_version", sql: "SELECT coalesce(max(version), 0)::bigint FROM schema_migrations")
    return Int(try await pool.run(version, [])[0].int(0))
  }

  /// Applies the missing migrations, each in its own transaction; harmless when several do it at once.
  ///
  /// - Returns: the versions that were applied.
  public func migrate() async throws -> [Int] {
    // Even with IF NOT EXISTS, two sessions that create the same table at once collide in the catalogue: so one by one.
    try await pool.script(
      """
      SELECT pg_advisory_xact_lock(\(Self.lock));
      CREATE TABLE IF NOT EXISTS schema_migrations (
        version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
      """)
    var applied: [Int] = []
    var version = try await currentVersion()
    while version < Self.version {
      if try await apply(version) { applied.append(version + 1) }
      version += 1
    }
    return applied
  }

  /// One script is one transaction. A second migrator waits at the primary key for the first, then finds it taken.
  private func apply(_ version: Int) async throws -> Bool {
    let script = "INSERT INTO schema_migrations (version) VALUES (\(version + 1));\n" + Self.migrations[version]
    do {
      try await pool.script(script)
      return true
    } catch {
      guard error.sqlstate == "23505" else { throw error }
      return false
    }
  }

  /// Refuses to go on with a schema that is not this program's.
  ///
  /// - Throws: ``StoreError/schema(_:)`` that says what to run.
  public func requireCurrent() async throws {
    let current = try await currentVersion()
    if current < Self.version {
      throw StoreError.schema(
        current == 0
          ? "the database has no schema yet; run: dispatcher migrate"
          : "the database schema is at version \(current), this program needs \(Self.version); run: dispatcher migrate")
    }
    if current > Self.version {
      throw StoreError.schema(
        "the database schema is at version \(current), this program knows only \(Self.version); "
          + "install the newer version of Sevk")
    }
  }
}
