import EventLoop
import Foundation
import Postgres
import PrivateServers
import Redis
import TestSupport
import Testing

/// Processes that start, or go on, while a server is away, read-only or another's.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct BadStartTests {
  private func ready(_ sevk: Installation) async throws -> (status: Int, text: String) {
    let answer = try await sevk.call("GET", "/readyz", token: nil)
    return (answer.status, answer.text)
  }

  @Test func aDispatcherTakesOrdersWithoutRedisAtStart() async throws {
    let sevk = try await Installation.make()
    sevk.redis.kill()
    let dispatcher = try await sevk.start("dispatcher")
    #expect(dispatcher.errors.contains("Redis is away; orders are taken"), "\(dispatcher.errors)")
    let id = try await sevk.post(player: 1)
    let before = try await ready(sevk)
    #expect(before.status == 503 && before.text.contains("Redis"), "\(before)")
    // A password that is wrong is no outage, and others have nothing to do without it.
    let worker = try sevk.command("worker", ["run"])
    #expect(worker.code == 69 && worker.errors.contains("SEVK_REDIS_URL"), "\(worker.errors)")

    try await sevk.redis.restart(empty: true)
    try await sevk.start("scheduler")
    try await sevk.start("worker")
    try await sevk.settled([id])
    try await Waiting.until("it is ready", within: .seconds(20)) { try await ready(sevk).status == 200 }
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    await sevk.stop()
  }

  @Test func aReadOnlyDatabaseIsSaidInWords() async throws {
    let sevk = try await Installation.make()
    let name = try await sevk.text("SELECT quote_ident(current_database())")
    try await sevk.script("ALTER DATABASE \(name) SET default_transaction_read_only = on")
    let dispatcher = try await sevk.start("dispatcher")
    #expect(
      dispatcher.errors.contains("PostgreSQL is read-only: default_transaction_read_only is on"), "\(dispatcher.errors)"
    )
    let answer = try await ready(sevk)
    #expect(answer.status == 503 && answer.text.contains("PostgreSQL is read-only"), "\(answer)")
    #expect(try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 1), key: "key-1").status == 503)
    let doctor = try sevk.command("worker", ["doctor", "--json"])
    #expect(doctor.code == 1 && doctor.output.contains("\"what\":\"postgres_read_only\""), "\(doctor.output)")

    // From another database, which takes writes.
    let admin = PostgresPool(url: sevk.postgres.url, connectionsMax: 1)
    try await admin.script("ALTER DATABASE \(name) RESET default_transaction_read_only")
    await admin.close()
    try await sevk.waitForLog("PostgreSQL works again", of: dispatcher)
    try await Waiting.until("it is ready", within: .seconds(20)) { try await ready(sevk).status == 200 }
    _ = try await sevk.post(player: 1)
    await sevk.stop()
  }

  /// As after a failover whose standby is waited for and not there: nothing fails, nothing is answered.
  @Test func aCommitThatWaitsForAStandbyIsSaidInWords() async throws {
    let sevk = try await Installation.make(
      environment: ["SEVK_DATABASE_STANDBY": "synchronous"], ownPostgres: true)
    let dispatcher = try await sevk.start("dispatcher")
    let alone = try sevk.command("worker", ["doctor", "--json"])
    #expect(alone.output.contains("\"what\":\"standby_missing\""), "\(alone.output)")
    let admin = PostgresPool(url: sevk.postgres.url, connectionsMax: 1)
    func set(_ names: String) async throws {
      try await admin.script("ALTER SYSTEM SET synchronous_standby_names = '\(names)'")
      try await admin.script("SELECT pg_reload_conf()")
    }
    try await set("nobody")
    // The server takes up its new setting when it likes: orders come until one waits.
    let posting = Task {
      var taken = 0
      for number in 0... {
        let order = Installation.order(player: 1)
        let answer = try await sevk.call("POST", "/v1/orders", body: order, key: "key-\(number)")
        guard answer.status == 201 else { break }
        taken += 1
      }
      return taken
    }
    try await sevk.waitForLog("PostgreSQL has not answered for", of: dispatcher)
    let unready = try await ready(sevk)
    #expect(unready.status == 503 && unready.text.contains("a commit waits for a standby"), "\(unready)")
    let waiting = try sevk.command("worker", ["doctor", "--json"])
    #expect(waiting.code == 1 && waiting.output.contains("\"what\":\"standby_away\""), "\(waiting.output)")
    try await set("")
    let taken = try await posting.value
    try await Waiting.until("it is ready", within: .seconds(20)) { try await ready(sevk).status == 200 }
    // The one that waited is there, told or not.
    #expect(try await sevk.rows("SELECT count(*) FROM orders").first.flatMap { Int($0) } ?? 0 >= taken)
    await admin.close()
    await sevk.stop()
  }

  @Test func anOutageOfPostgreSQLIsTwoLines() async throws {
    let sevk = try await Installation.make(ownPostgres: true)
    let dispatcher = try await sevk.start("dispatcher")
    await sevk.postgres.stop()
    for player in 1...4 {
      let answer = try await sevk.call(
        "POST", "/v1/orders", body: Installation.order(player: player), key: "k\(player)")
      #expect(answer.status == 503, "\(answer.text)")
    }
    let doctor = try sevk.command("worker", ["doctor"])
    #expect(doctor.code == 1 && doctor.output.contains("start PostgreSQL"), "\(doctor.output) \(doctor.errors)")
    try await sevk.postgres.start()
    try await sevk.waitForLog("PostgreSQL works again", of: dispatcher)
    let lines = dispatcher.errors.split(separator: "\n").filter {
      $0.contains("PostgreSQL") || $0.contains("a request")
    }
    #expect(lines.filter { $0.contains("PostgreSQL fails") }.count == 1, "\(lines)")
    #expect(!lines.contains { $0.contains("the database failed a request") }, "\(lines)")
    let end = try #require(lines.first { $0.contains("works again") })
    let failed = end.components(separatedBy: "\"failed\":\"").last.flatMap { Int($0.prefix { $0.isNumber }) }
    #expect(end.contains("\"after\":\"") && failed ?? 0 >= 1, "\(end)")
    await sevk.stop()
  }

  @Test func twoInstallationsOnOneRedisAreNoticed() async throws {
    let one = try await Installation.make()
    let first = try await one.start("dispatcher")
    let two = try await Installation.make(environment: ["SEVK_REDIS_URL": one.redis.url])
    for program in ["dispatcher", "worker", "scheduler", "gateway"] {
      let refused = try two.command(program, ["run"])
      #expect(refused.code == 64, "\(program): \(refused.errors)")
      #expect(refused.errors.contains("SEVK_REDIS_URL") && refused.errors.contains("another installation"))
    }
    let doctor = try two.command("worker", ["doctor", "--json"])
    #expect(doctor.output.contains("\"what\":\"other_installation\""), "\(doctor.output)")
    #expect(!(try one.command("worker", ["doctor", "--json"]).output.contains("other_installation")))

    // A Redis that was emptied is marked again within seconds, by those that run.
    let client = try one.redis.client()
    _ = try await client.command("FLUSHALL")
    try await Waiting.until("the mark is there", within: .seconds(20)) {
      try await client.command("EXISTS", "sevk:installation").integer == 1
    }
    #expect(try two.command("worker", ["run"]).code == 64)
    // Whoever runs when the mark becomes another's says so, and is not ready.
    _ = try await client.command("HSET", "sevk:installation", "id", "other", "database", "elsewhere")
    try await one.waitForLog("another installation's by now", of: first)
    let answer = try await ready(one)
    #expect(answer.status == 503 && answer.text.contains("elsewhere"), "\(answer)")
    await client.close()
    await two.stop()
    await one.stop()
  }

  @Test func jobsThatAreDueInSecondsAreNoFinding() async throws {
    let sevk = try await Installation.make(environment: ["SEVK_CHECK_FIRST_DELAY": "100s"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    _ = try await sevk.timeline(of: id) { $0.last == "sent" }
    try await Waiting.until("its job waits", within: .seconds(20)) {
      try sevk.require("worker", ["inspect", "scheduled", "--queue", "check"]).contains(id)
    }
    // As after an outage: the order was due, and its job is due in some seconds.
    try await sevk.sql("UPDATE orders SET due_at = now() - interval '3 minutes'")
    let soon = try sevk.command("worker", ["doctor", "--json"])
    #expect(soon.output.contains("late_orders") && !soon.output.contains("overdue_orders"), "\(soon.output)")
    // Late for long, it is a finding whatever is planned.
    try await sevk.sql("UPDATE orders SET due_at = now() - interval '20 minutes'")
    let late = try sevk.command("worker", ["doctor", "--json"])
    #expect(late.code == 1 && late.output.contains("overdue_orders"), "\(late.output)")
    await sevk.stop()
  }
}
