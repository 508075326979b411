import EventLoop
import Foundation
import Postgres
import PrivateServers
import Redis
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
      #expect(old.wait().code == 0, "\(program) did not stop in order: \(old.errors)")
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

  /// Programs of before kept their jobs under other keys.
  @Test func jobsOfTheFirstLayoutAreRebuiltAndSentOnce() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    let id = try await sevk.post(player: 1)
    while try !sevk.require("worker", ["queue", "list", "--json"]).contains("\"ready\":1") {}
    sevk.kill("dispatcher")
    let redis = try sevk.redis.client()
    let line = try await redis.command("LINDEX", "sevk:{dispatch}:2:flows:n", 0).text ?? ""
    let record = try await redis.command("HGET", "sevk:{dispatch}:2:jobs", .string(id)).bytes ?? []
    _ = try await redis.command(
      "DEL", "sevk:{dispatch}:2:jobs", "sevk:{dispatch}:2:flows:n", .string("sevk:{dispatch}:2:ready:\(line)"),
      "sevk:{dispatch}:2:epoch")
    _ = try await redis.command("HSET", "sevk:{dispatch}:jobs", .string(id), .bytes(record))
    _ = try await redis.command("ZADD", "sevk:{dispatch}:ready", "1000000000000001", .string(id))
    #expect(try sevk.command("worker", ["job", "show", id]).code == 1)

    try await sevk.startAll()
    while try !sevk.require("worker", ["queue", "list", "--json"]).contains("\"ready\":1") {}
    #expect(try sevk.require("worker", ["queue", "list", "--json"]).contains("\"paused\":true"), "it still holds")
    try sevk.require("worker", ["queue", "resume", "dispatch"])
    try await sevk.settled([id])
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    while try await redis.command("TTL", "sevk:{dispatch}:jobs").integer == -1 {
      try await EventLoop.sleep(for: .milliseconds(20))
    }
    await redis.close()
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
  func run(_ script: String, _ arguments: [String]) throws -> ChildProgram.Result {
    try ChildProgram.run(Self.checkout(script), arguments, environment: environment, folder: folder)
  }
}
