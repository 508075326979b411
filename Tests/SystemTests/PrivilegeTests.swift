import EventLoop
import Foundation
import Postgres
import PrivateServers
import Redis
import TestSupport
import Testing

/// Sevk works with the rights of `ops/redis/users.acl` and `ops/postgres/roles.sql`, and has no others.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct PrivilegeTests {
  @Test func everythingWorksWithTheLeastPrivileges() async throws {
    let sevk = try await Installation.make()
    let owner = sevk.databaseURL
    sevk.endpointToken = try sevk.createToken("endpoints:write")
    try sevk.require("dispatcher", ["provider", "add", "own", "--adapter", "stock"])
    try sevk.addStockRoute()
    let messages = try await sevk.startMessages(["--fault", "busy=#1"])
    try sevk.notify("completed", to: "ops", by: "bot", ["--address", "-100500"])
    try await sevk.limitRedis()
    try await sevk.limitPostgres()
    sevk.setEnvironment("SEVK_RETENTION", "1h")
    let key = sevk.environment["SEVK_SECRET_KEY"]
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...10 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    try await sevk.expectReaders()
    try await messages.wait("ops are told") { $0.telegram.count >= 10 }
    try sevk.require("worker", ["notice", "list"])
    let runs = try #require(sevk.environment["SEVK_DATABASE_URL"])
    // The gateway has no key, and less rights than the others.
    sevk.setEnvironment("SEVK_DATABASE_URL", owner.replacing("sevk@", with: "sevk_live@"))
    sevk.setEnvironment("SEVK_SECRET_KEY", nil)
    try await sevk.start("gateway")
    let stream = await sevk.live("/v1/events/stream?after=0", until: "event: sevk.order.completed")
    #expect(stream.contains("event: sevk.order.completed"), "\(stream)")
    try await sevk.expectRefused([
      "SELECT pin FROM orders", "SELECT fields FROM orders", "UPDATE orders SET status = 'failed'",
      "DELETE FROM events", "UPDATE api_tokens SET scopes = '{}'", "SELECT 1 FROM attempts",
      "UPDATE event_tail SET last = 0",
    ])
    sevk.setEnvironment("SEVK_DATABASE_URL", runs)
    sevk.setEnvironment("SEVK_SECRET_KEY", key)

    // What support looks at and does.
    for words in [
      "inspect ping", "inspect stats", "inspect active", "inspect reserved", "inspect scheduled", "inspect registered",
      "inspect active_queues", "queue list", "queue pause check", "queue resume check", "queue purge check --yes",
      "job list --state dead", "provider list", "provider show panel", "provider pause panel --note why",
      "run list",
    ] {
      try sevk.require("worker", words.split(separator: " ").map(String.init))
    }
    try sevk.require("worker", ["provider", "resume", "panel"])
    let codes = "\(sevk.folder)/codes.csv"
    try "code\nABCD-1234-WXYZ\nABCD-5678-WXYZ\n".write(toFile: codes, atomically: true, encoding: .utf8)
    try sevk.require("worker", ["stock", "add", "gift-10", "--file", codes, "--low", "2"])
    try await sevk.settled([try await sevk.postGift()])
    for words in ["stock low gift-10 5", "stock write-off 2 --note why --yes", "stock list gift-10 --state given"] {
      try sevk.require("worker", words.split(separator: " ").map(String.init))
    }
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    let nobody = "http://127.0.0.1:\(try FreePort.find())/"
    try await sevk.putEndpoint("books", nobody)
    #expect(try await sevk.act("books", "test").status == 202)
    try await Waiting.until("an attempt is written down", within: .seconds(20)) {
      try await !sevk.failures("books").isEmpty
    }
    for words in ["endpoint list", "endpoint show books", "endpoint pause books", "endpoint resume books"] {
      try sevk.require("worker", words.split(separator: " ").map(String.init))
    }
    #expect(try await sevk.call("DELETE", "/v1/endpoints/books", token: sevk.endpointToken).status == 204)
    let waiting = try await sevk.post(player: 11)
    try sevk.require("worker", ["order", "cancel", waiting, "--note", "why", "--yes"])
    try sevk.require("worker", ["queue", "resume", "dispatch"])
    #expect(!sevk.logs.contains("NOPERM") && !sevk.logs.contains("permission denied"), "\(sevk.logs)")

    try await sevk.expectRefused(
      [
        "DROP TABLE orders", "TRUNCATE events", "DELETE FROM orders", "DELETE FROM audits",
        "UPDATE audits SET who = 'x'", "UPDATE providers SET base_url = 'http://elsewhere'",
        "INSERT INTO api_tokens (tenant_id, hash, scopes) VALUES (1, '', '{}')", "CREATE TABLE mine (x int)",
        "UPDATE exchanges SET request = 'x'", "UPDATE exchanges_0 SET request = 'x'", "DELETE FROM exchanges_0",
        "DELETE FROM stock_codes", "UPDATE stock_moves SET who = 'x'", "UPDATE stock_files SET who = 'x'",
        "UPDATE pins SET order_id = gen_random_uuid()", "UPDATE row_parts SET began_at = now()", "DELETE FROM acts",
        "UPDATE acts SET who = 'x'", "DELETE FROM setup_audits",
        "INSERT INTO setup_audits (who, what) VALUES ('x', 'x')",
        "UPDATE channels SET base_url = 'http://elsewhere'", "UPDATE notify_targets SET address = '1'",
        "INSERT INTO notify_texts SELECT 1, 'ops', 'x', 'en', 'x'", "UPDATE channels SET credentials = ''",
      ])
    // Old ones go, by a function that keeps what is young.
    try await sevk.script("SELECT drop_old_acts(0, 10)")
    #expect(try await sevk.rows("SELECT count(*)::text FROM acts") != ["0"])
    // A table of a later migration is the processes' at once.
    let pool = PostgresPool(url: owner, connectionsMax: 1)
    try await pool.script("CREATE TABLE later (x int)")
    await pool.close()
    try await sevk.script("INSERT INTO later VALUES (1)")

    // Support that only looks.
    sevk.setEnvironment("SEVK_DATABASE_URL", owner.replacing("sevk@", with: "sevk_look@"))
    for words in [
      "order show \(ids[0])", "order why \(ids[0])", "order timeline \(ids[0])", "provider list", "doctor",
      "stock list",
    ] {
      try sevk.require("worker", words.split(separator: " ").map(String.init))
    }
    let silent = try sevk.command("worker", ["queue", "pause", "check"])
    #expect(silent.code == 69 && silent.errors.contains("may not write down who does it"), "\(silent.errors)")
    #expect(try !sevk.require("worker", ["queue", "list"]).contains("PAUSED"))
    // Nothing to do needs no rights; what needs the owner says so.
    try sevk.require("dispatcher", ["migrate"])
    let refused = try sevk.command("dispatcher", ["tenant", "add", "other"])
    #expect(refused.code == 69 && refused.errors.contains("needs the owner of the tables"), "\(refused.errors)")
    try await sevk.expectRefused([
      "SELECT code FROM stock_codes", "SELECT print FROM stock_codes", "UPDATE orders SET pin = NULL",
      "SELECT print FROM pin_prints", "SELECT hash FROM button_tokens", "SELECT print FROM pins", "DELETE FROM events",
      "SELECT drop_part('events', 0, 0, '{}')", "SELECT drop_old_acts(0, 10)",
    ])
    await sevk.stop()
  }
}

extension Installation {
  fileprivate func addStockRoute() throws {
    try require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "gift", "--provider", "own", "--param", "product=gift-10",
      ])
  }

  fileprivate func postGift() async throws -> String {
    let answer = try await call("POST", "/v1/orders", body: #"{"product":"gift","fields":{}}"#, key: "gift")
    guard let id = answer.json["id"] as? String else { throw ChildProgram.Failure(answer.text) }
    return id
  }

  /// From now on programs are the user `sevk` of the ACL file.
  fileprivate func limitRedis() async throws {
    let lines = try String(contentsOfFile: Self.checkout("ops/redis/users.acl"), encoding: .utf8).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("user sevk ") }) else {
      throw ChildProgram.Failure("the ACL file has no user sevk")
    }
    let rules = line.replacing("#SEVK_SHA256", with: ">secret").split(separator: " ").dropFirst(2)
    let admin = try redis.client()
    _ = try await admin.command(["ACL", "SETUSER", "sevk"] + rules.map { .string(String($0)) })
    await admin.close()
    let url = "unix://sevk:secret@\(redis.socket)"
    setEnvironment("SEVK_REDIS_URL", url)
    let limited = RedisClient(try RedisURL(url))
    for refused: [RedisArgument] in [
      ["FLUSHALL"], ["CONFIG", "GET", "*"], ["KEYS", "*"], ["SET", "other:key", "1"], ["SCRIPT", "FLUSH"], ["SAVE"],
      ["CLIENT", "KILL", "TYPE", "normal"], ["DEBUG", "SLEEP", "1"],
    ] {
      await #expect(throws: (any Error).self, "\(refused)") { _ = try await limited.command(refused) }
    }
    await limited.close()
  }

  /// A shop reads its own events and no others'; ops read those of all.
  fileprivate func expectReaders() async throws {
    let lines = try String(contentsOfFile: Self.checkout("ops/redis/users.acl"), encoding: .utf8).split(separator: "\n")
    let admin = try redis.client()
    for (user, own, others) in [
      ("shop", "sevk:events:shop", ["sevk:events", "sevk:events:rival", "sevk:providers"]),
      ("events", "sevk:events", ["sevk:events:shop", "sevk:ticks"]),
    ] {
      guard let line = lines.first(where: { $0.hasPrefix("user \(user) ") }) else {
        throw ChildProgram.Failure("the ACL file has no user \(user)")
      }
      let rules = line.replacing("#\(user.uppercased())_SHA256", with: ">secret").split(separator: " ").dropFirst(2)
      _ = try await admin.command(["ACL", "SETUSER", .string(user)] + rules.map { .string(String($0)) })
      let reader = RedisClient(try RedisURL("unix://\(user):secret@\(redis.socket)"))
      let entries = try await reader.command("XREAD", "STREAMS", .string(own), "0")
      #expect(entries.array?.first?.array?.last?.array?.isEmpty == false, "\(user) reads \(own)")
      _ = try await reader.command("XGROUP", "CREATE", .string(own), "readers", "0", "MKSTREAM")
      for other in others {
        await #expect(throws: (any Error).self, "\(user) must not read \(other)") {
          _ = try await reader.command("XREAD", "STREAMS", .string(other), "0")
        }
      }
      for refused: [RedisArgument] in [["DEL", .string(own)], ["XTRIM", .string(own), "MAXLEN", "0"], ["KEYS", "*"]] {
        await #expect(throws: (any Error).self, "\(refused)") { _ = try await reader.command(refused) }
      }
      await reader.close()
    }
    await admin.close()
  }

  /// From now on programs are a member of `sevk_app`; the user `sevk_look` is one of `sevk_read`.
  fileprivate func limitPostgres() async throws {
    let result = try ChildProgram.run(
      "/usr/bin/psql", ["-X", "-q", "-f", Self.checkout("ops/postgres/roles.sql"), databaseURL],
      environment: environment, folder: folder)
    guard result.code == 0 else { throw ChildProgram.Failure(result.errors) }
    try await script(
      "CREATE ROLE sevk_run LOGIN IN ROLE sevk_app; CREATE ROLE sevk_look LOGIN IN ROLE sevk_read;"
        + "CREATE ROLE sevk_live LOGIN IN ROLE sevk_gateway;")
    setEnvironment("SEVK_DATABASE_URL", databaseURL.replacing("sevk@", with: "sevk_run@"))
  }

  fileprivate func expectRefused(_ statements: [String]) async throws {
    for statement in statements {
      do {
        try await script(statement)
        Issue.record("allowed: \(statement)")
      } catch {
        guard let error = error as? PostgresError else { throw error }
        #expect(error.sqlstate == "42501", "\(statement): \(error)")
      }
    }
  }
}
