import Foundation
import TestSupport
import Testing

/// A process that can't start says why in one line, and what to do.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct StartTests {
  @Test func wrongConfigurationIsOneClearLine() async throws {
    let sevk = try await Installation.make()
    let rows: [(arguments: [String], environment: [String: String], code: Int32, words: [String])] = [
      (["run", "--no-such-flag"], [:], 64, ["--no-such-flag"]),
      (["walk"], [:], 64, ["walk", "--help"]),
      (["provider"], [:], 64, ["provider add"]),
      (["run"], ["SEVK_SECRET_KEY": ""], 64, ["SEVK_SECRET_KEY", "--secret-key", "openssl rand"]),
      (["run"], ["SEVK_SECRET_KEY": "c2hvcnQ="], 64, ["SEVK_SECRET_KEY", "32 bytes", "5 bytes"]),
      (["run"], ["SEVK_LEASE": "soon"], 64, ["SEVK_LEASE", "--lease", "30s"]),
      (["run"], ["SEVK_CONCURRENCY": "0"], 64, ["SEVK_CONCURRENCY", "1 to"]),
      (["run"], ["SEVK_HTTP_ADDRESS": "nowhere"], 64, ["SEVK_HTTP_ADDRESS", "127.0.0.1:8080"]),
      (["run"], ["SEVK_LOG_LEVEL": "loud"], 64, ["SEVK_LOG_LEVEL", "warning"]),
      (
        ["run"], ["SEVK_REDIS_URL": "http://x"], 64,
        ["SEVK_REDIS_URL", "expected redis, rediss (TLS), unix, redis+sentinel or redis+cluster"]
      ),
      (
        ["run"], ["SEVK_REDIS_URL": "rediss://x", "SEVK_REDIS_CA": "/no.pem"], 64,
        ["SEVK_REDIS_CA: cannot read /no.pem"]
      ),
      (["run"], ["SEVK_REDIS_CA": "/dev/null"], 64, ["SEVK_REDIS_CA: /dev/null is not certificates in PEM"]),
      (
        ["run"], ["SEVK_REDIS_URL": "rediss://x", "SEVK_REDIS_KEY": "/k"], 64,
        ["SEVK_REDIS_KEY", "SEVK_REDIS_CERT is not"]
      ),
      (
        ["run"], ["SEVK_REDIS_SENTINEL_PASSWORD": "panel-secret"], 64,
        ["SEVK_REDIS_SENTINEL_PASSWORD", "names no sentinels"]
      ),
      (["run"], ["SEVK_REDIS_URL": "redis+cluster://x/1"], 64, ["SEVK_REDIS_URL", "no database but 0"]),
      (["run"], ["SEVK_DATABASE_URL": "postgres://x@/db?host=/nowhere"], 69, ["SEVK_DATABASE_URL", "/nowhere"]),
      (["tenant", "add", "No Good"], [:], 64, ["No Good", "a-z"]),
      (["tenant", "add", "shop"], [:], 64, ["already"]),
      (["token", "create", "--tenant", "shop"], [:], 64, ["--scope", "orders:write"]),
      (["token", "create", "--tenant", "nobody", "--scope", "orders:read"], [:], 64, ["nobody", "tenant add"]),
      (["provider", "add", "x", "--adapter", "y", "--base-url", "http://z"], [:], 64, ["--adapter", "znet"]),
      (
        ["provider", "add", "x", "--adapter", "znet", "--base-url", "http://z", "--credential", "kod=1"], [:], 64,
        ["--credential", "sifre"]
      ),
      (["provider", "test", "nobody"], [:], 64, ["nobody"]),
      (["run"], ["SEVK_PROVIDER_PRIVATE_HOSTS": "10.0.0.0/99"], 64, ["SEVK_PROVIDER_PRIVATE_HOSTS", "10.0.0.0/99"]),
      (
        ["route", "add", "--tenant", "shop", "--product", "p", "--provider", "panel", "--param", "oyun=1"], [:], 64,
        ["--param", "kupur"]
      ),
      (
        Self.route + ["--param", "musteri_tel={phone"], [:], 64,
        ["--param musteri_tel: \"{phone\" has a { without its }"]
      ),
      (
        Self.route + ["--param", "musteri_tel={phone}", "--param", "foo=1"], [:], 64,
        ["--param foo is not one that znet takes: oyun, kupur, musteri_tel, oyuncu_bilgi"]
      ),
      (
        Self.route + ["--param", "musteri_tel={phone}"], [:], 64,
        ["that route exists already, as choice 1", "give --position"]
      ),
      (["provider", "set", "panel"], [:], 64, ["nothing to change", "--timeout"]),
      (
        ["provider", "set", "panel", "--trust-not-found-after", "500ms"], [:], 64,
        ["--trust-not-found-after 500ms", "timeout of 1s"]
      ),
      (
        ["provider", "test", "panel"], ["SEVK_SECRET_KEY": Data(count: 32).base64EncodedString()], 64,
        ["dispatcher: SEVK_SECRET_KEY (or --secret-key) is not this database's key: it has the key"]
      ),
      (["run"], ["SEVK_DATABASE_URL": "mysql://x"], 64, ["SEVK_DATABASE_URL", "postgres://"]),
      (
        ["run"], ["SEVK_DATABASE_URL": sevk.databaseURL.replacing("sevk@", with: "nobody@")], 69,
        ["role \"nobody\" does not exist", "createuser nobody", "SEVK_DATABASE_URL"]
      ),
      (["--address", "x"], [:], 64, ["dispatcher: a command is missing, such as: dispatcher "]),
    ]
    for row in rows {
      let result = try sevk.command("dispatcher", row.arguments, environment: row.environment)
      let what = "\(row.arguments) \(row.environment): \(result.errors)"
      #expect(result.code == row.code, "\(what)")
      for word in row.words { #expect(result.errors.contains(word), "\(word) in \(what)") }
      #expect(!result.errors.contains("Fatal") && !result.errors.contains("panel-secret"), "\(what)")
    }
    await sevk.stop()
  }

  private static let route = [
    "route", "add", "--tenant", "shop", "--product", "pubg-60", "--provider", "panel", "--param", "oyun=1",
    "--param", "kupur=60", "--param", "oyuncu_bilgi={player_id}",
  ]

  /// What is taken, misspelt or unreadable is said when a process starts, and nothing else.
  @Test func aStartSaysWhatIsWrong() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let taken = try sevk.command(
      "dispatcher", ["run"], environment: ["SEVK_HTTP_ADDRESS": sevk.api, "SEVK_HTTP_ADRESS": "127.0.0.1:1"])
    #expect(taken.code == 69 && taken.errors.contains("cannot listen on \(sevk.api)"), "\(taken.errors)")
    #expect(
      taken.errors.contains("; check SEVK_HTTP_ADDRESS\n") && !taken.errors.contains("rebuild"), "\(taken.errors)")
    #expect(taken.errors.contains("SEVK_HTTP_ADRESS is not known; did you mean SEVK_HTTP_ADDRESS?"))
    #expect(!sevk.logs.contains("is not known"), "\(sevk.logs)")
    let worker = try sevk.command("worker", ["run"], environment: ["SEVK_METRICS_ADDRESS": sevk.api])
    #expect(worker.code == 69 && worker.errors.contains("; check SEVK_METRICS_ADDRESS\n"), "\(worker.errors)")
    try await sevk.sql("UPDATE providers SET credentials = overlay(credentials PLACING 'abcd' FROM 2)")
    let keyless = try await sevk.start("worker")
    try await sevk.waitForLog("a provider's credentials can't be read", of: keyless)
    await sevk.stop()
  }

  @Test func anEmptyDatabaseNeedsMigrating() async throws {
    let sevk = try await Installation.make()
    let empty = try await sevk.postgres.createDatabase()
    for program in ["dispatcher", "worker", "scheduler"] {
      let result = try sevk.command(program, ["run"], environment: ["SEVK_DATABASE_URL": empty])
      #expect(result.code == 69 && result.errors.contains("dispatcher migrate"), "\(result.errors)")
    }
    let top = try sevk.command("worker", ["top", "--once"], environment: ["SEVK_DATABASE_URL": empty])
    #expect((top.output + top.errors).contains("the database has no schema yet; run: dispatcher migrate"))
    await sevk.stop()
  }

  @Test func inspectFindsEveryProcessAndNamesTheDead() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    var ping = try sevk.command("worker", ["inspect", "ping"])
    while ping.output.components(separatedBy: "pong").count < 4 {
      ping = try sevk.command("worker", ["inspect", "ping"])
    }
    #expect(ping.code == 0)
    #expect(try sevk.require("worker", ["inspect", "stats"]).contains("jobs processed"))
    #expect(try sevk.require("worker", ["inspect", "active", "--json"]).contains("\"silent\":[]"))
    #expect(try sevk.require("worker", ["inspect", "scheduled"]).contains("check: 0 scheduled"))
    #expect(try sevk.require("worker", ["inspect", "registered"]).contains("  dispatch"))
    #expect(try sevk.require("worker", ["inspect", "active_queues"]).contains("dispatch, 256 jobs at once"))
    #expect(try sevk.require("worker", ["inspect", "reserved"]).contains("none"))
    sevk.kill("scheduler")
    ping = try sevk.command("worker", ["inspect", "ping"])
    #expect(ping.code == 1 && ping.output.contains("DOES NOT ANSWER") && ping.output.contains("scheduler@"))
    await sevk.stop()
  }

  @Test func twoOfEachProcessShareTheWork() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...50 { ids.append(try await sevk.post(player: player)) }
    let events = try await sevk.settled(ids)
    let keys = events.map { "\($0.subject)/\($0.sequence)" }
    #expect(Set(keys).count == keys.count, "an event was published twice without a crash")
    #expect(try await sevk.audit()["sends"] as? Int == 50)
    await sevk.stop()
  }
}
