import Cipher
import EventLoop
import Postgres
import Service
import Store

/// `dispatcher migrate` and `tenant add`.
enum SetupCommands {
  static let migrate = Command(
    "migrate", usage: "[--check]",
    "Brings the database to the schema of this version; harmless to repeat. --check only looks: exit 1 if old.",
    grammar: .init(switches: ["--check"]), settings: [.databaseURL],
    example: "dispatcher migrate --database-url postgres://sevk@db.example/sevk"
  ) { arguments, settings in
    let pool = PostgresPool(url: try settings.string(.databaseURL), connectionsMax: 1)
    do { try await pool.connect() } catch {
      throw StartError("\(error); check \(Setting.databaseURL.variable)")
    }
    if arguments.has("--check") {
      do {
        print(try await Migrator(pool: pool).requireCurrent() ?? "the schema is at version \(Migrator.version)")
      } catch {
        throw ExitError("\(error)", code: 1)
      }
      return await pool.close()
    }
    let applied = try await Migrator(pool: pool).migrate()
    print(
      applied.isEmpty
        ? "the schema is at version \(Migrator.version) already"
        : "applied \(applied.map(String.init).joined(separator: ", ")); the schema is at version \(Migrator.version)")
    await pool.close()
  }

  static let tenantAdd = Command(
    "tenant add", usage: "NAME", "Adds a tenant: an upstream service with orders of its own.",
    grammar: .init(wordsMax: 1), settings: needed, example: "dispatcher tenant add shop"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    try await withSetup(settings) { setup, _ in try await setup.addTenant(name) }
    print("added the tenant \(name); next: dispatcher token create --tenant \(name) --scope orders:write,orders:read")
  }

  /// What every set-up command needs.
  static let needed: [Setting] = [.databaseURL, .secretKey, .redisURL, .logLevel, .logFormat]

  /// Runs a set-up step against the database.
  @LoopActor
  static func withSetup(
    _ settings: Settings, _ body: @LoopActor (Setup, ProcessFrame) async throws -> Void
  ) async throws {
    let frame = try ProcessFrame(program: "dispatcher", settings: settings)
    try await frame.connect(redis: false)
    do {
      try await body(Setup(store: frame.store), frame)
    } catch StoreError.invalid(let text) {
      throw UsageError(text)
    }
    await frame.close()
  }
}

extension Arguments {
  /// The command's word, which it can't do without.
  func word(_ name: String) throws(UsageError) -> String {
    guard let word = words.first else { throw UsageError("\(name) is missing") }
    return word
  }
}
