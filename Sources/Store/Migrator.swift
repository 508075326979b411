public import EventLoop
internal import Orders
public import Postgres

/// Brings the database to the schema that this program was built for.
@LoopActor
public struct Migrator {
  /// The schema this program was built for.
  public nonisolated static let version = migrations.count

  nonisolated static let migrations = [
    Migration(Statements.text(PackageResources.schema_0001_sql)),
    Migration(Statements.text(PackageResources.schema_0002_sql)),
    Migration(Statements.text(PackageResources.schema_0003_sql)),
    Migration(Statements.text(PackageResources.schema_0004_sql)),
    Migration(Statements.text(PackageResources.schema_0005_sql)),
    Migration(Statements.text(PackageResources.schema_0006_sql)),
    Migration(Statements.text(PackageResources.schema_0007_sql)),
    Migration(Statements.text(PackageResources.schema_0008_sql)),
    Migration(Statements.text(PackageResources.schema_0009_sql)),
    Migration(Statements.text(PackageResources.schema_0010_sql)),
    Migration(Statements.text(PackageResources.schema_0011_sql)),
    Migration(Statements.text(PackageResources.schema_0012_sql)),
    Migration(Statements.text(PackageResources.schema_0013_sql)),
    Migration(Statements.text(PackageResources.schema_0014_sql)),
    Migration(Statements.text(PackageResources.schema_0015_sql)),
    Migration(Statements.text(PackageResources.schema_0016_sql)),
    Migration(Statements.text(PackageResources.schema_0017_sql)),
    Migration(Statements.text(PackageResources.schema_0018_sql)),
    Migration(Statements.text(PackageResources.schema_0019_sql)),
    Migration(Statements.text(PackageResources.schema_0020_sql)),
    Migration(Statements.text(PackageResources.schema_0021_sql)),
    Migration(Statements.text(PackageResources.schema_0022_sql)),
    Migration(Statements.text(PackageResources.schema_0023_sql)),
    Migration(Statements.text(PackageResources.schema_0024_sql)),
    Migration(Statements.text(PackageResources.schema_0025_sql)),
    Migration(Statements.text(PackageResources.schema_0026_sql)),
    Migration(Statements.text(PackageResources.schema_0027_sql)),
    Migration(Statements.text(PackageResources.schema_0028_sql)),
    Migration(Statements.text(PackageResources.schema_0029_sql)),
    Migration(Statements.text(PackageResources.schema_0030_sql)),
    Migration(Statements.text(PackageResources.schema_0031_sql)),
    Migration(Statements.text(PackageResources.schema_0032_sql)),
    Migration(Statements.text(PackageResources.schema_0033_sql)),
    Migration(Statements.text(PackageResources.schema_0034_sql)),
    Migration(Statements.text(PackageResources.schema_0035_sql)),
    Migration(Statements.text(PackageResources.schema_0036_sql)),
    Migration(Statements.text(PackageResources.schema_0037_sql)),
    Migration(Statements.text(PackageResources.schema_0038_sql)),
    Migration(Statements.text(PackageResources.schema_0039_sql)),
    Migration(Statements.text(PackageResources.schema_0040_sql)),
    Migration(Statements.text(PackageResources.schema_0041_sql)),
    Migration(Statements.text(PackageResources.schema_0042_sql)),
    Migration(Statements.text(PackageResources.schema_0043_sql)),
    Migration(Statements.text(PackageResources.schema_0044_sql)),
    Migration(Statements.text(PackageResources.schema_0045_sql)),
    Migration(Statements.text(PackageResources.schema_0046_sql)),
    Migration(Statements.text(PackageResources.schema_0047_sql)),
    Migration(Statements.text(PackageResources.schema_0048_sql)),
    Migration(Statements.text(PackageResources.schema_0049_sql)),
  ]

  public nonisolated static let noSchema = "the database has no schema yet; run: dispatcher migrate"

  /// Names the advisory lock of migrators; any number that nothing else in the database uses.
  private nonisolated static let lock = 5_346_187_204

  /// Longest wait of a migration for a table that others use, during which all writes to it wait as well.
  private nonisolated static let lockWait = Duration.seconds(1)
  private nonisolated static let lockPause = Duration.seconds(1)

  private let pool: PostgresPool
  private let indexes: [Migration.Index]

  public nonisolated init(pool: PostgresPool) { self.init(pool: pool, indexes: Self.migrations.flatMap(\.indexes)) }

  /// - Parameter indexes: what is built outside a transaction.
  nonisolated init(pool: PostgresPool, indexes: [Migration.Index]) {
    self.pool = pool
    self.indexes = indexes
  }

  /// The schema version of the database; 0 when it is empty.
  public func currentVersion() async throws -> Int {
    let table = PostgresStatement(
      name: "schema_table", sql: "SELECT to_regclass('schema_migrations') IS NOT NULL")
    guard try await pool.run(table, []).single().bool(0) else { return 0 }
    let version = PostgresStatement(
      name: "schema_version", sql: "SELECT coalesce(max(version), 0)::bigint FROM schema_migrations")
    return max(0, Int(try await pool.run(version, []).single().int(0)))
  }

  /// Applies the missing migrations, each in its own transaction, and builds the indexes that are missing or were left
  /// half built; harmless when several do it at once, and when it is killed and begun anew.
  ///
  /// - Returns: the versions that were applied.
  public func migrate() async throws -> [Int] {
    try await requireUTF8()
    let before = try await currentVersion()
    // A newer schema may have other indexes.
    guard before <= Self.version else { return [] }
    // What needs nothing done needs no rights to do it.
    let applied = before < Self.version ? try await applyMissing() : []
    let builder = IndexBuilder(pool: pool)
    for index in try await builder.unfinished(indexes) { try await builder.build(index) }
    return applied
  }

  private func applyMissing() async throws -> [Int] {
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
  ///
  /// A change of a table waits until nobody uses it, and whoever wants to use it then waits behind that: beside a backup of
  /// some hours every write would. So it does not wait for longer than ``lockWait``, and tries again.
  private func apply(_ version: Int) async throws -> Bool {
    let migration = Self.migrations[version]
    let oldest = migration.oldestProgram ?? version + 1
    let script =
      "SELECT set_config('lock_timeout', '\(Self.lockWait.milliseconds)', true);\n"
      + "INSERT INTO schema_migrations (version, oldest_program) VALUES (\(version + 1), \(oldest));\n"
      + migration.script
    while true {
      do {
        try await pool.script(script)
        return true
      } catch {
        if error.sqlstate == "23505" { return false }
        guard error.sqlstate == "55P03" else { throw error }
      }
      try await EventLoop.sleep(for: Self.lockPause)
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
  /// - Returns: nil, or a warning: the schema is newer, and its migrations say that this program goes on working; or an
  ///   index is missing, without which this program is slower and right.
  /// - Throws: ``StoreError/schema(_:)`` that says what to run.
  @discardableResult
  public func requireCurrent() async throws -> String? {
    try await requireUTF8()
    let current = try await currentVersion()
    if current < Self.version {
      throw StoreError.schema(
        current == 0
          ? Self.noSchema
          : "the database schema is at version \(current), this program needs \(Self.version); run: dispatcher migrate")
    }
    guard current > Self.version else { return try await unfinishedIndexes() }
    let ahead = "the database schema is at version \(current), this program knows only \(Self.version)"
    guard try await oldestProgram() <= Self.version else {
      throw StoreError.schema(ahead + "; install the newer version of Sevk")
    }
    return ahead + " and can go on with it; restart it with the newer version"
  }

  /// Says which indexes are missing or were left half built; nil when none is.
  public func unfinishedIndexes() async throws -> String? {
    let names = try await IndexBuilder(pool: pool).unfinished(indexes).map(\.name)
    guard !names.isEmpty else { return nil }
    return "not built to the end: \(names.joined(separator: ", ")); until then some things are slow; "
      + "run: dispatcher migrate"
  }

  /// Refuses a database that can't store every letter: an order would be taken in whose story can't be written later.
  private func requireUTF8() async throws {
    let encoding = PostgresStatement(
      name: "database_encoding",
      sql: "SELECT current_setting('server_encoding'), quote_ident(current_database()), quote_ident(current_user)")
    let row = try await pool.run(encoding, []).single()
    guard try row.text(0) != "UTF8" else { return }
    throw try StoreError.schema(
      "the database \(row.text(1)) has the encoding \(row.text(0)), which can't hold every letter of an order or a "
        + "provider's answer; make one in UTF8, as PostgreSQL's superuser: "
        + "createdb --template template0 --encoding UTF8 --locale C.UTF-8 --owner \(row.text(2)) NAME")
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
