import EventLoop
import Foundation
import Postgres
import PrivateServers
import TestSupport
import Testing

/// Moves of many orders at once by the API, and what becomes of a run whose process is gone; on the real binaries.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct RunTests {
  private static let path = "/v1/orders:resolve"

  /// So many orders that wait for a person: each of their sends was lost on its way.
  private func make(held count: Int, provider: [String] = []) async throws -> (Installation, [String]) {
    let sevk = try await Installation.make(
      panel: ["--fault", "drop-request=\(count == 1 ? "#1" : "1")"], provider: provider,
      environment: ["SEVK_CHECK_DEADLINE": "1s"])
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...count {
      ids.append(try await sevk.post(player: player))
      try await sevk.settled([ids[player - 1]])
    }
    return (sevk, ids)
  }

  private func ended(_ run: Int, _ sevk: Installation, _ token: String) async throws -> Installation.Answer {
    try await Waiting.until("run \(run) to end", within: .seconds(60)) {
      try await sevk.call("GET", "/v1/runs/\(run)", token: token).json["state"] as? String == "ended"
    }
    return try await sevk.call("GET", "/v1/runs/\(run)", token: token)
  }

  /// A run of a process that is gone, over all orders that are held.
  private func stopped(_ sevk: Installation, tenant: String) async throws -> Int {
    let id = try await sevk.rows(
      "INSERT INTO order_runs (what, filter, drawn_by, state, who, note, started_at, process, beat_at, tenant_id)"
        + " SELECT 'failed', 'status=held', 'ayse', 'running', 'ayse', 'refused', now(), 'gone',"
        + " now() - interval '1 minute', id FROM tenants WHERE name = '\(tenant)' RETURNING id::text")[0]
    _ = try await sevk.rows(
      "INSERT INTO order_run_items (run_id, order_id, version) SELECT \(id), id, version FROM orders"
        + " WHERE status = 'held' RETURNING 1::text")
    return try #require(Int(id))
  }

  @Test func manyAreSettledThroughTheAPI() async throws {
    let (sevk, ids) = try await make(held: 2, provider: ["--currency", "TRY"])
    let boss = try sevk.createToken("orders:read,orders:resolve", ["--name", "boss"])
    try sevk.require("dispatcher", SetUp.tenant("kiosk"))
    let other = try sevk.createToken("orders:resolve", tenant: "kiosk")
    for (body, fields) in [
      ("{}", ["filter", "move", "note"]), (#"{"filter":{},"move":"ask","note":"n"}"#, ["filter"]),
      (#"{"filter":{"tenant":"kiosk"},"move":"ask","note":"n"}"#, ["filter.tenant"]),
      (#"{"filter":{"provider":"panel"},"move":"ask","note":"n"}"#, ["filter.provider"]),
      (#"{"filter":{"status":["held",1]},"move":"ask","note":"n"}"#, ["filter.status"]),
      (#"{"filter":{"status":" "},"move":"ask","note":"n"}"#, ["filter.status"]),
      (#"{"filter":{"status":"lost"},"move":"ask","note":"n"}"#, ["filter"]),
      (#"{"filter":{"since":"soon"},"move":"ask","note":"n"}"#, ["filter"]),
      (#"{"filter":{"status":"held"},"move":"burn","note":"n","dry":true}"#, ["move", "dry"]),
      (#"{"filter":{"status":"held"},"move":"ask","note":" ","by":7}"#, ["by", "note"]),
    ] {
      let answer = try await sevk.call("POST", Self.path, body: body, token: boss)
      #expect(answer.status == 422 && answer.problemFields == fields, "\(body): \(answer.text)")
    }
    let body = #"{"filter":{"status":["held","unresolved"],"since":"1h"},"move":"failed","dry_run":true}"#
    #expect(try await sevk.call("POST", Self.path, body: body).status == 403)
    let none = try await sevk.call("POST", Self.path, body: body, token: other)
    #expect(none.status == 200 && none.json["total"] as? Int == 0 && none.json["id"] == nil, "\(none.text)")

    let dry = try await sevk.call("POST", Self.path, body: body, token: boss)
    #expect(dry.status == 200 && dry.json["possible"] as? Int == 2 && dry.json["state"] as? String == "drawn")
    #expect((dry.json["orders"] as? [[String: Any]])?.count == 2 && dry.json["at_stake"] != nil, "\(dry.text)")
    #expect(try await sevk.rows("SELECT DISTINCT status FROM orders") == ["held"])
    let run = try #require(dry.json["id"] as? Int)
    for (method, path) in [("GET", ""), ("POST", "/start"), ("POST", "/abort"), ("POST", "/resume")] {
      let stranger = try await sevk.call(
        method, "/v1/runs/\(run)\(path)", body: method == "GET" ? nil : #"{"note":"n"}"#, token: other)
      #expect(stranger.status == 404, "\(path): \(stranger.text)")
    }
    #expect(try await sevk.call("GET", "/v1/runs", token: other).json["runs"] as? [String] == [])
    #expect(try await sevk.call("POST", "/v1/runs/\(run)/start", body: "{}", token: boss).status == 422)
    #expect(try await sevk.call("POST", "/v1/runs/\(run)/resume", token: boss).status == 409)

    // One moves before it is begun: it is left alone, and why is said. One that comes later is none of it.
    try sevk.require("worker", ["order", "resolve", ids[1], "--received", "--note", "there", "--yes"])
    let begun = try await sevk.call(
      "POST", "/v1/runs/\(run)/start", body: #"{"note":"refused on the panel","by":"ayse"}"#, token: boss)
    #expect(begun.status == 202 && begun.header("Location") == "/v1/runs/\(run)", "\(begun.text)")
    let end = try await ended(run, sevk, boss)
    #expect(end.json["done"] as? Int == 1 && end.json["refused"] as? Int == 1 && end.json["left"] as? Int == 0)
    #expect((end.json["refused_orders"] as? [[String: String]])?.first?["id"] == ids[1], "\(end.text)")
    #expect(
      try await sevk.rows("SELECT DISTINCT who || ': ' || note FROM audits WHERE what = 'failed'")
        == ["ayse (boss): refused on the panel"])
    for act in ["start", "abort", "resume"] {
      let late = try await sevk.call("POST", "/v1/runs/\(run)/\(act)", body: #"{"note":"n"}"#, token: boss)
      #expect(late.status == 409 && late.json["code"] as? String == "run_state", "\(act): \(late.text)")
    }

    // At once, without a look.
    let asked = try await sevk.call(
      "POST", Self.path, body: #"{"filter":{"status":"failed"},"move":"ask","note":"n"}"#, token: boss)
    #expect(asked.status == 202, "\(asked.text)")
    let asks = try await ended(try #require(asked.json["id"] as? Int), sevk, boss)
    #expect(asks.json["total"] as? Int == 1 && asks.json["done"] as? Int == 1, "\(asks.text)")
    let drawn = try await sevk.call(
      "POST", Self.path, body: #"{"filter":{"status":"failed"},"move":"ask","dry_run":true}"#, token: boss)
    let unwanted = try #require(drawn.json["id"] as? Int)
    let aborted = try await sevk.call("POST", "/v1/runs/\(unwanted)/abort", token: boss)
    #expect(aborted.status == 200 && aborted.json["state"] as? String == "aborted")
    #expect(
      try await sevk.call("POST", "/v1/runs/\(unwanted)/start", body: #"{"note":"n"}"#, token: boss).status == 409)
    let list = try await sevk.call("GET", "/v1/runs", token: boss).json["runs"] as? [[String: Any]]
    #expect(list?.count == 3)
    #expect(try await sevk.rows("SELECT what FROM acts ORDER BY id") == ["run_start", "run_start", "run_abort"])
    await sevk.stop()
  }

  /// A filter may look through all of a shop's orders.
  @Test func aShopLooksThroughItsOrdersOnceAtATime() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let boss = try sevk.createToken("orders:resolve", ["--name", "boss"])
    try sevk.require("dispatcher", SetUp.tenant("kiosk"))
    let other = try sevk.createToken("orders:resolve", tenant: "kiosk")
    let body = #"{"filter":{"product":"pubg-60"},"move":"ask","dry_run":true}"#
    let locker = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    let lock = Task { try? await locker.script("BEGIN; LOCK TABLE orders; SELECT pg_sleep(600)") }
    let asleep = "SELECT pid::text FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    try await Waiting.until("orders are locked", within: .seconds(20)) { try await !sevk.rows(asleep).isEmpty }
    async let first = sevk.call("POST", Self.path, body: body, token: boss)
    let looks =
      "SELECT pid::text FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%looked AS%'"
      + " AND datname = current_database()"
    try await Waiting.until("it is looked through", within: .seconds(20)) { try await sevk.rows(looks).count == 1 }
    let second = try await sevk.call("POST", Self.path, body: body, token: boss)
    #expect(second.status == 429 && second.header("Retry-After") == "1", "\(second.text)")
    // Another shop is not kept from it.
    async let others = sevk.call("POST", Self.path, body: body, token: other)
    _ = try await sevk.rows("SELECT pg_terminate_backend(\(try await sevk.rows(asleep)[0]))::text")
    _ = await lock.value
    await locker.close()
    #expect(try await first.status == 200)
    #expect(try await others.status == 200)
    #expect(try await sevk.call("POST", Self.path, body: body, token: boss).status == 200)
    await sevk.stop()
  }

  /// Whomever a token says that it acts for, it is one person.
  @Test func toSendManyAgainTakesTwoTokens() async throws {
    let (sevk, _) = try await make(held: 1, provider: ["--second-person-above", "0", "--currency", "TRY"])
    let boss = try sevk.createToken("orders:resolve", ["--name", "boss"])
    let other = try sevk.createToken("orders:resolve", ["--name", "veli"])
    let dry = try await sevk.call(
      "POST", Self.path, body: #"{"filter":{"status":"held"},"move":"not_received","dry_run":true}"#, token: boss)
    #expect(dry.json["need_second_person"] as? Int == 1, "\(dry.text)")
    func send(_ token: String, by who: String) async throws -> Installation.Answer {
      let answer = try await sevk.call(
        "POST", Self.path, body: #"{"filter":{"status":"held"},"move":"not_received","note":"n","by":"\#(who)"}"#,
        token: token)
      return try await ended(try #require(answer.json["id"] as? Int, "\(answer.text)"), sevk, token)
    }
    #expect(try await send(boss, by: "ayse").json["waiting_for_second"] as? Int == 1)
    #expect(try await send(boss, by: "fatma").json["refused"] as? Int == 1)
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    #expect(try await send(other, by: "ayse").json["done"] as? Int == 1)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.completed" } }
    #expect(try await sevk.audit()["sends"] as? Int == 2)
    await sevk.stop()
  }

  @Test func aRunThatWasCutOffIsTakenUp() async throws {
    let (sevk, _) = try await make(held: 2)
    let boss = try sevk.createToken("orders:resolve", ["--name", "boss"])
    let run = try await stopped(sevk, tenant: "shop")
    #expect(try sevk.require("worker", ["run", "list", "--unfinished"]).contains("STOPPED"))
    let shown = try sevk.require("worker", ["run", "show", "\(run)"])
    #expect(shown.contains("worker run resume \(run)") && shown.contains("0 of 2 gone through"), "\(shown)")
    #expect(try await sevk.call("GET", "/v1/runs/\(run)", token: boss).json["state"] as? String == "stopped")
    #expect(try sevk.command("worker", ["run", "resume", "\(run)"]).code == 64, "nobody said yes")
    let done = try sevk.command("worker", ["run", "resume", "\(run)", "--by", "veli", "--yes", "--json"])
    #expect(done.code == 0 && done.output.contains("\"done\":2"), "\(done)")
    // Under the name that it was begun with.
    #expect(try await sevk.rows("SELECT DISTINCT who || status FROM audits, orders") == ["aysefailed"])
    #expect(try await sevk.rows("SELECT who || ' ' || what FROM acts") == ["veli run_continue"])
    let again = try sevk.command("worker", ["run", "resume", "\(run)", "--yes"])
    #expect(again.code == 1 && again.errors.contains("it has ended"), "\(again)")
    #expect(try sevk.command("worker", ["run", "show", "999"]).code == 1)
    #expect(try sevk.command("worker", ["run", "abort", "x"]).code == 64)
    #expect(try sevk.require("worker", ["run", "list", "--unfinished"]).contains("there is no such run"))

    let second = try await stopped(sevk, tenant: "shop")
    let resumed = try await sevk.call("POST", "/v1/runs/\(second)/resume", token: boss)
    #expect(resumed.status == 202, "\(resumed.text)")
    _ = try await ended(second, sevk, boss)
    let third = try await stopped(sevk, tenant: "shop")
    #expect(try sevk.require("worker", ["run", "abort", "\(third)", "--by", "veli"]).contains("is aborted"))
    #expect(try sevk.command("worker", ["run", "resume", "\(third)", "--yes"]).code == 1)
    #expect(try sevk.require("worker", ["run", "list", "--json"]).contains("\"state\":\"aborted\""))
    await sevk.stop()
  }

  /// Killed while the database carries out the move of an order: that one is not moved again, and the rest is done.
  @Test func aRunWhoseProcessIsKilledMovesNothingTwice() async throws {
    let (sevk, ids) = try await make(held: 2)
    let locker = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    // The newest goes first, and this one second.
    let lock = Task {
      try? await locker.script("BEGIN; SELECT 1 FROM orders WHERE id = '\(ids[0])' FOR UPDATE; SELECT pg_sleep(600)")
    }
    let asleep = "SELECT pid::text FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    try await Waiting.until("the order is locked", within: .seconds(20)) { try await !sevk.rows(asleep).isEmpty }
    let worker = try sevk.spawn(
      "worker",
      ["order", "resolve", "--all", "--filter", "status=held", "--failed", "--note", "n", "--by", "ayse", "--yes"])
    try await Waiting.until("it waits for the order", within: .seconds(30)) {
      try await !sevk.rows(
        "SELECT pid::text FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
      ).isEmpty
    }
    worker.signal(SIGKILL)
    worker.wait()
    #expect(try sevk.command("worker", ["run", "resume", "1", "--yes"]).errors.contains("its process is still at it"))
    _ = try await sevk.rows("SELECT pg_terminate_backend(\(try await sevk.rows(asleep)[0]))::text")
    _ = await lock.value
    await locker.close()
    // What was sent to the database before the kill is done there, whoever asked for it.
    try await Waiting.until("the order is moved", within: .seconds(20)) {
      try await sevk.rows("SELECT DISTINCT status FROM orders") == ["failed"]
    }
    _ = try await sevk.rows("UPDATE order_runs SET beat_at = now() - interval '1 minute' RETURNING 1::text")
    let resumed = try sevk.command("worker", ["run", "resume", "1", "--by", "veli", "--yes", "--json"])
    #expect(resumed.code == 0 && resumed.output.contains("\"done\":2"), "\(resumed)")
    #expect(
      try await sevk.rows("SELECT order_id::text || who FROM audits ORDER BY 1") == ids.sorted().map { $0 + "ayse" })
    await sevk.stop()
  }

  @Test func whatIsDoneFromATerminalIsWrittenDown() async throws {
    let (sevk, ids) = try await make(held: 1)
    let by = ["--by", "mehmet", "--note", "prices"]
    try sevk.require("worker", ["queue", "pause", "check"] + by)
    try sevk.require("worker", ["queue", "resume", "check", "--by", "mehmet"])
    #expect(try sevk.command("worker", ["queue", "pause", "check", "--by", " "]).code == 64)
    try sevk.require("worker", ["provider", "pause", "panel"] + by)
    #expect(try sevk.command("worker", ["job", "delete", "nothing", "--by", "mehmet"]).code == 1)
    #expect(
      try await sevk.rows("SELECT who || ' ' || what || ' ' || target || ' ' || note FROM acts ORDER BY id") == [
        "mehmet queue_pause check prices", "mehmet queue_resume check ", "mehmet provider_pause panel prices",
      ])
    // While the provider is paused its order's job waits, and may be taken out.
    let waiting = try await sevk.post(player: 2)
    try await Waiting.until("the job to wait", within: .seconds(30)) {
      try sevk.command("worker", ["job", "list", "--state", "delayed", "--json"]).output.contains(waiting)
    }
    try sevk.require("worker", ["job", "delete", waiting] + by)
    try sevk.require("worker", ["queue", "purge", "dispatch", "--yes"] + by)
    let acts = try await sevk.rows("SELECT what || ' ' || target FROM acts WHERE id > 3 ORDER BY id")
    let ways = ["dispatch", "check"].map { "jobs_delete \($0), job \(waiting)" }
    #expect(ways.contains(acts.first ?? ""), "\(acts)")

    // A database that is away keeps nobody from stopping a queue, and it is said.
    let away = try sevk.command(
      "worker", ["queue", "pause", "check"], environment: ["SEVK_DATABASE_URL": "postgres://sevk@127.0.0.1:1/sevk"])
    #expect(away.code == 0 && away.errors.contains("it stands in no list of acts"), "\(away)")
    #expect(try sevk.require("worker", ["queue", "list"]).contains("PAUSED"))

    let code = try await sevk.rows("SELECT reason_code FROM orders WHERE status = 'held'")[0]
    let found = try sevk.require("worker", ["order", "list", "--reason", code, "--json"])
    #expect(found.contains(ids[0]) && !found.contains(waiting), "\(found)")
    #expect(try !sevk.require("worker", ["order", "list", "--reason", "no_route", "--json"]).contains(ids[0]))
    let wrong = try sevk.command("worker", ["order", "list", "--reason", "no_rute"])
    #expect(wrong.code == 64 && wrong.errors.contains("did you mean"), "\(wrong)")
    await sevk.stop()
  }
}
