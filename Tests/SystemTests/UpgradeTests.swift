import EventLoop
import Foundation
import Postgres
import TestSupport
import Testing

/// A new version comes: the schema first, then process by process, while orders flow.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct UpgradeTests {
  @Test func processesSurviveANewerSchemaAndARollingRestart() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    var ids: [String] = []
    func postMore() async throws {
      for _ in 0..<15 { ids.append(try await sevk.post(player: ids.count + 1)) }
    }
    try await postMore()
    // What the next version's `dispatcher migrate` would do, of which these programs know nothing.
    try await sevk.script(
      """
      ALTER TABLE orders ADD COLUMN later text;
      INSERT INTO schema_migrations (version, oldest_program) SELECT max(version) + 1, max(version) FROM schema_migrations;
      """)
    try await postMore()
    for program in ["scheduler", "worker", "dispatcher"] {
      let old = try #require(sevk.process(program))
      // The new one takes orders before the old one stops, as behind a proxy with two dispatchers.
      let new = try await sevk.start(program)
      #expect(new.errors.contains("can go on with it"), "\(new.errors)")
      old.signal(SIGTERM)
      try await postMore()
      #expect(old.wait() == 0, "\(program) did not stop in order: \(old.errors)")
    }
    let events = try await sevk.settled(ids)
    #expect(Set(events.filter { $0.type == "sevk.order.completed" }.map(\.subject)) == Set(ids))
    let audit = try await sevk.audit()
    #expect(audit["sends"] as? Int == ids.count, "none is lost and none sent twice")
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)

    // A schema that does not say that this program survives it ends the tolerance.
    try await sevk.script("UPDATE schema_migrations SET oldest_program = NULL")
    let refused = try sevk.command("worker", ["run"])
    #expect(refused.code == 69 && refused.errors.contains("install the newer version"), "\(refused.errors)")
    #expect(try sevk.command("dispatcher", ["migrate", "--check"]).code == 1)
    await sevk.stop()
  }
}

extension Installation {
  /// Runs SQL as the owner of the tables, in the database that the programs started from now on will use.
  func script(_ text: String) async throws {
    let pool = PostgresPool(url: environment["SEVK_DATABASE_URL"] ?? databaseURL, connectionsMax: 1)
    try await pool.script(text)
    await pool.close()
  }

  /// A file of the checkout, such as `ops/backup`.
  static func checkout(_ path: String, from file: String = #filePath) -> String {
    URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("../../\(path)").standardized.path
  }

  /// Runs a script of the checkout to its end.
  func run(_ script: String, _ arguments: [String]) throws -> ChildProcess.Result {
    try ChildProcess.run(Self.checkout(script), arguments, environment: environment, folder: folder)
  }
}
