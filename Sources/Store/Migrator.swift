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
    Statements.text(PackageResources.schema_0009_sql),
    Statements.text(PackageResources.schema_0010_sql),
    Statements.text(PackageResources.schema_0011_sql),
    Statements.text(PackageResources.schema_0012_sql),
    Statements.text(PackageResources.schema_0013_sql),
    Statements.text(PackageResources.schema_0014_sql),
  ]

  public nonisolated static let noSchema = "the database has no schema yet; run: dispatcher migrate"

  /// Names the advisory lock of migrators; any number that nothing else in the database uses.
  private nonisolated static let lock = 5_346_187_204

  private let pool: PostgresPool

  public nonisolated init(pool: PostgresPool) { self.pool = pool }

  /// The schema version of the database; 0 when it is empty.
  public func currentVersion() async throws -> Int {
    let table = PostgresStatement(
      name: "schema_table", sql: "SELECT to_regclass('schema_migrations') IS NOT NULL")
    guard try await pool.run(table, []).single().bool(0) else { return 0 }
    let version = PostgresStatement(
      name: "schema_version", sql: "SELECT coalesce(max(version), 0)::bigint FROM schema_migrations")
    return Int(try await pool.run(version, []).single().int(0))
  }

  /// Applies the missing migrations, each in its own transaction; harmless when several do it at once.
  ///
  /// - Returns: the versions that were applied.
  public func migrate() async throws -> [Int] {
    // What needs nothing done needs no rights to do it.
    guard try await currentVersion() < Self.version else { return [] }
    // Even with IF NOT EXISTS, two sessions that create the same table at once collide in the catalogue: so one by one.
    try await pool.script(
      """
      SELECT pg_advisory_xact_lock(\(Self.lock));
      CREATE TABLE IF NOT EXISTS schema_migrations (
        version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
      ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS oldest_program int;
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
    let migration = Self.migrations[version]
    let oldest = Self.oldestProgram(migration) ?? version + 1
    let script =
      "INSERT INTO schema_migrations (version, oldest_program) VALUES (\(version + 1), \(oldest));\n" + migration
    do {
      try await pool.script(script)
      return true
    } catch {
      guard error.sqlstate == "23505" else { throw error }
      return false
    }
  }

  /// The oldest program that goes on working once a migration is applied, by the first line of its file:
  /// `-- Programs of schema 6 and later go on working.` The database keeps it, since those programs don't have the file.
  ///
  /// - Returns: nil when the line is missing: then every older program has to be replaced first.
  nonisolated static func oldestProgram(_ migration: String) -> Int? {
    let mark = "-- Programs of schema "
    guard migration.hasPrefix(mark) else { return nil }
    return Int(migration.dropFirst(mark.count).prefix { $0.isNumber })
  }

  /// Refuses to go on with a schema that this program can't work with: an older one, or a newer one that changed what
  /// this program relies on.
  ///
  /// - Returns: nil, or a warning: the schema is newer, and its migrations say that this program goes on working.
  /// - Throws: ``StoreError/schema(_:)`` that says what to run.
  @discardableResult
  public func requireCurrent() async throws -> String? {
    let current = try await currentVersion()
    if current < Self.version {
      throw StoreError.schema(
        current == 0
          ? Self.noSchema
          : "the database schema is at version \(current), this program needs \(Self.version); run: dispatcher migrate")
    }
    guard current > Self.version else { return nil }
    let ahead = "the database schema is at version \(current), this program knows only \(Self.version)"
    guard try await oldestProgram() <= Self.version else {
      throw StoreError.schema(ahead + "; install the newer version of Sevk")
    }
    return ahead + " and can go on with it; restart it with the newer version"
  }

  /// The oldest program that can work with the migrations this one does not know.
  private func oldestProgram() async throws -> Int {
    let oldest = PostgresStatement(
      name: "schema_oldest_program",
      // By way of JSON, since a database of version 6 has no such column yet.
      sql: """
        SELECT max(coalesce((to_jsonb(m) ->> 'oldest_program')::bigint, version)) FROM schema_migrations m
        WHERE version > $1::bigint
        """)
    return Int(try await pool.run(oldest, [.int(Self.version)]).single().int(0))
  }
}
