import Cipher
import CommandLine
import EventLoop
import Postgres
import Process
import Store

/// `dispatcher migrate` and `tenant add|list`.
enum SetupCommands {
  static let migrate = Command(
    "migrate", usage: "[--check]",
    "Brings the database to the schema of this version; harmless to repeat. --check only looks: exit 1 if old.",
    grammar: .init(switches: ["--check"]), settings: [.databaseURL],
    example: "dispatcher migrate --database-url postgres://sevk@db.example/sevk"
  ) { arguments, settings in
    let pool = PostgresPool(url: try settings.string(.databaseURL), connectionsMax: 1)
    do throws(PostgresError) { try await pool.connect() } catch { throw ServerTrouble.atStart(error) }
    if arguments.has("--check") {
      do {
        // Of a schema that is not there at all every index is missing.
        let words = try await Migrator(pool: pool).requireCurrent()
        if let unfinished = try await Migrator(pool: pool).unfinishedIndexes() { throw ExitError(unfinished, code: 1) }
        print(words ?? "the schema is at version \(Migrator.version)")
      } catch {
        throw ExitError("\(error)", code: 1)
      }
      return await pool.close()
    }
    let applied: [Int]
    do { applied = try await Migrator(pool: pool).migrate() } catch { throw ServerTrouble.ofRights(error) }
    print(
      applied.isEmpty
        ? "the schema is at version \(Migrator.version) already"
        : "applied \(applied.map(String.init).joined(separator: ", ")); the schema is at version \(Migrator.version)")
    await pool.close()
  }

  static let tenantAdd = Command(
    "tenant add", usage: "NAME \(SetupNote.usage)", "Adds a tenant: an upstream service with orders of its own.",
    grammar: .init(values: SetupNote.flags, wordsMax: 1), settings: needed, details: SetupNote.details,
    example: "dispatcher tenant add shop"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    let audit = try SetupNote.audit(arguments, SetupPlan.addition(.tenant(name)).lines)
    try await withSetup(settings) { setup, _ in try await setup.noted(audit).addTenant(name) }
    print("added the tenant \(name); next: dispatcher token create --tenant \(name) --scope orders:write,orders:read")
  }

  static let tenantList = Command(
    "tenant list", usage: "[--json]", "Lists the tenants.", grammar: .init(switches: ["--json"]), settings: needed,
    example: "dispatcher tenant list"
  ) { arguments, settings in
    try await withSetup(settings) { setup, _ in
      let tenants = try await setup.tenants()
      if arguments.has("--json") { return print(JSONText.array(tenants.map(ListJSON.tenant))) }
      if tenants.isEmpty { print("there is no tenant yet; add one with: dispatcher tenant add") }
      var table = TextTable((0..<4).map { _ in .init() })
      for tenant in tenants {
        table.add([
          tenant.name, "added \(tenant.createdAt)", counted(tenant.tokens, "working token"),
          counted(tenant.products, "product"),
        ])
      }
      if !table.isEmpty { print(table.text()) }
    }
  }

  private static func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }

  /// What every set-up command needs.
  static let needed: [Setting] = [.databaseURL, .logLevel, .logFormat] + Setting.redis
  /// What those need that seal or open something.
  static let sealing: [Setting] = needed + [.secretKey]

  /// Runs a set-up step against the database.
  @LoopActor
  static func withSetup(
    _ settings: Settings, key: ProcessFrame.KeyNeed = .never,
    _ body: @LoopActor (Setup, Directory) async throws -> Void
  ) async throws {
    let frame = try ProcessFrame(program: "dispatcher", settings: settings, key: key)
    // A log is for processes: a command says it itself, in one line.
    frame.directory.onUnreadable = nil
    do {
      // Who only looks is not stopped by another key.
      try await frame.connect(redis: false, meetsKeys: key == .needed)
      try await body(Setup(store: frame.store), frame.directory)
    } catch StoreError.invalid(let text) {
      throw UsageError(text)
    } catch {
      throw ServerTrouble.ofRights(error)
    }
    await frame.close()
  }

  /// The provider of a name.
  @LoopActor
  static func provider(_ name: String, _ directory: Directory) async throws -> Provider {
    if let provider = try await directory.providers().first(where: { $0.name == name }) { return provider }
    if let reason = directory.unreadable[name] { throw UsageError(unreadable(name, reason)) }
    throw UsageError("there is no provider named \(name); see: dispatcher provider list")
  }

  /// Says of a provider why its credentials can't be read.
  static func unreadable(_ name: String, _ reason: String) -> String {
    "\(name)'s credentials can't be read with \(Setting.secretKey.variable): \(reason)"
  }
}

extension Arguments {
  /// The command's word, which it can't do without.
  func word(_ name: String) throws(UsageError) -> String {
    guard let word = words.first else { throw UsageError("\(name) is missing") }
    return word
  }
}
