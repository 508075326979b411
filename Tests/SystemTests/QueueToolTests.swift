import EventLoop
import Foundation
import Postgres
import Redis
import TestSupport
import Testing

/// The commands on queues and jobs, and the doctor, on the real binaries.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct QueueToolTests {
  @Test func aPausedQueueSendsNothingUntilItGoesOn() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    #expect(try sevk.require("worker", ["queue", "pause", "dispatch"]).contains("paused"))
    let id = try await sevk.post(player: 1)
    while try !sevk.require("worker", ["queue", "list", "--json"]).contains("\"ready\":1") {}
    #expect(try sevk.require("worker", ["queue", "list", "--json"]).contains("\"paused\":true"))
    #expect(try sevk.require("worker", ["job", "show", id]).contains("ready"))
    #expect(try await sevk.audit()["sends"] as? Int == 0)
    let ill = try sevk.command("worker", ["doctor"])
    #expect(ill.code == 1 && ill.output.contains("worker queue resume dispatch"))
    try sevk.require("worker", ["queue", "resume", "dispatch"])
    try await sevk.settled([id])
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    #expect(try sevk.command("worker", ["queue", "pause", "nonsense"]).code == 64)
    await sevk.stop()
  }

  @Test func aDeadJobIsListedRetriedAndDeleted() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("worker")
    let redis = try sevk.redis.client()
    _ = try await redis.command("HSET", "sevk:{check}:2:jobs", "bad", "n1 check 0 0  ")
    _ = try await redis.command("ZADD", "sevk:{check}:2:back", "1e15", "bad")
    _ = try await redis.command("ZADD", "sevk:{check}:2:wake", 0, "1")
    while try !sevk.require("worker", ["job", "list", "--state", "dead"]).contains("is not an order id") {}
    #expect(try sevk.require("worker", ["job", "list", "--state", "dead", "--kind", "other"]).contains("no such"))
    let ill = try sevk.command("worker", ["doctor", "--json"])
    #expect(ill.code == 1 && ill.output.contains("\"what\":\"dead_jobs\""))
    #expect(ill.output.contains("\"what\":\"jobs_without_order\""))
    sevk.kill("worker")

    let bulk = ["job", "retry", "--all", "--state", "dead", "--kind", "check"]
    let refused = try sevk.command("worker", bulk)
    #expect(refused.code == 64 && refused.errors.contains("--yes") && refused.output.contains("1 dead job of"))
    #expect(try sevk.require("worker", bulk + ["--yes"]).contains("1 job:"))
    #expect(try sevk.require("worker", ["job", "show", "bad", "--json"]).contains("\"state\":\"ready\""))
    #expect(try sevk.command("worker", ["job", "retry", "bad"]).code == 1)
    try sevk.require("worker", ["job", "cancel", "bad"])
    #expect(try sevk.command("worker", ["job", "show", "bad"]).code == 1)
    await redis.close()
    await sevk.stop()
  }

  @Test func leasedJobsAreNotTouchedByAPurge() async throws {
    let sevk = try await Installation.make()
    let redis = try sevk.redis.client()
    for id in ["ready", "leased", "delayed"] {
      _ = try await redis.command("HSET", "sevk:{check}:2:jobs", .string(id), "n1 check 0 0  ")
    }
    _ = try await redis.command("ZADD", "sevk:{check}:2:back", "1e15", "ready")
    _ = try await redis.command("ZADD", "sevk:{check}:2:delayed", "9e15", "delayed")
    _ = try await redis.command("ZADD", "sevk:{check}:2:leases", "9e15", "someone")
    _ = try await redis.command("SADD", "sevk:{check}:2:held:someone", "leased")
    #expect(try sevk.command("worker", ["queue", "purge", "check"]).code == 64)
    #expect(try sevk.require("worker", ["queue", "purge", "check", "--yes"]).contains("removed 2 jobs"))
    let left = try sevk.require("worker", ["job", "list"])
    #expect(left.contains("check  leased  check  leased  by someone") && !left.contains("delayed"))
    for what in ["cancel", "delete", "retry"] {
      #expect(try sevk.command("worker", ["job", what, "leased"]).code == 1)
    }
    await redis.close()
    await sevk.stop()
  }

  @Test func theDoctorFindsAMissingJobAndMendsIt() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    let id = try await sevk.post(player: 1)
    while try !sevk.require("worker", ["queue", "list", "--json"]).contains("\"ready\":1") {}
    // A scheduler would mend it before the doctor looks.
    sevk.kill("scheduler")
    let redis = try sevk.redis.client()
    _ = try await redis.command("DEL", "sevk:{dispatch}:2:jobs")
    let ill = try sevk.command("worker", ["doctor", "--json"])
    #expect(ill.code == 1 && ill.output.contains("\"what\":\"missing_jobs\",\"count\":1") && ill.output.contains(id))
    #expect(ill.output.contains("\"what\":\"silent_processes\"") && ill.output.contains("no scheduler"))
    _ = try await sevk.rows("UPDATE orders SET due_at = now() - interval '2 minutes' RETURNING status")
    _ = try await sevk.rows(
      "UPDATE events SET at = now() - interval '2 minutes', published_at = NULL RETURNING status")
    let late = try sevk.command("worker", ["doctor", "--json"]).output
    #expect(late.contains("\"what\":\"late_events\",\"count\":1") && late.contains("\"what\":\"waiting_for_queue\""))
    #expect(!late.contains("\"what\":\"overdue_orders\""))
    let mended = try sevk.command("worker", ["doctor", "--mend"])
    #expect(mended.output.contains("added 1 jobs") && !mended.output.contains("have no job"))
    try sevk.require("worker", ["queue", "resume", "dispatch"])
    try await sevk.start("scheduler")
    try await sevk.settled([id])
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    // It was killed and started again under another name: the old one is listed for a minute, and nothing is wrong.
    #expect(try sevk.command("worker", ["inspect", "ping"]).code == 1)
    let well = try sevk.command("worker", ["doctor", "--json"]).output
    #expect(well.contains("\"findings\"") && !well.contains("silent_processes"), "\(well)")
    await redis.close()
    await sevk.stop()
  }

  /// Buried because processes were killed in a row, or due in an hour because Redis' clock was wrong for a moment.
  @Test(arguments: [("dead", -60_000), ("delayed", 3_600_000)])
  func aJobOutOfReachComesBackWhenItsOrderIsOverdue(_ state: String, _ milliseconds: Int) async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    let id = try await sevk.post(player: 1)
    // An order is announced after it was answered.
    while try !sevk.require("worker", ["queue", "list", "--json"]).contains("\"ready\":1") {}
    sevk.kill("dispatcher")
    let redis = try sevk.redis.client()
    let time = try await redis.command("TIME").array?.first?.text
    let now = try #require(time.flatMap { Int($0) }) * 1000
    let line = try await redis.command("LINDEX", "sevk:{dispatch}:2:flows:n", 0).text ?? ""
    let removed = try await redis.command(
      "DEL", "sevk:{dispatch}:2:flows:n", .string("sevk:{dispatch}:2:ready:\(line)"))
    #expect(removed.integer == 2)
    func put(_ offset: Int) async throws {
      _ = try await redis.command(
        "ZADD", .string("sevk:{dispatch}:2:\(state)"), .string("\(now + offset)"), .string(id))
    }
    let reason = "failed 1000 times; last: the database is away"
    if state == "dead" {
      _ = try await redis.command("HSET", "sevk:{dispatch}:2:reasons", .string(id), .string(reason))
    }
    func stateAfterMending() throws -> String {
      _ = try sevk.command("worker", ["doctor", "--mend"])
      return try sevk.require("worker", ["job", "show", id, "--json"])
    }
    // Its order is not overdue.
    try await put(milliseconds)
    #expect(try stateAfterMending().contains("\"state\":\"\(state)\""))

    let pool = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    try await pool.script("UPDATE orders SET due_at = now() - interval '1 minute'")
    await pool.close()
    // Buried a moment ago, or waiting no longer than a provider's pause.
    try await put(milliseconds / 60)
    #expect(try stateAfterMending().contains("\"state\":\"\(state)\""))
    try await put(milliseconds * 20)
    #expect(try stateAfterMending().contains("\"state\":\"ready\""))
    await redis.close()
    await sevk.stop()
  }

  @Test func theDoctorSaysWhenTheSchemaIsMissing() async throws {
    let sevk = try await Installation.make()
    let result = try sevk.command(
      "worker", ["doctor"], environment: ["SEVK_DATABASE_URL": try await sevk.postgres.createDatabase()])
    #expect(result.code == 1 && result.output.contains("dispatcher migrate"), "\(result.output) \(result.errors)")
    await sevk.stop()
  }
}
