import EventLoop
import Foundation
import Postgres
import PrivateServers
import TestSupport
import Testing

/// Codes of our own with the real programs: added by a command, given to orders, each once, whoever dies.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct StockTests {
  private static func code(_ number: Int) -> String { String(format: "ABCD-%04d-WXYZ", number) }

  private static func install(_ environment: [String: String] = [:]) async throws -> Installation {
    let sevk = try await Installation.make(environment: environment)
    try sevk.require("dispatcher", ["provider", "add", "own", "--adapter", "stock", "--concurrency", "64"])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "gift", "--provider", "own", "--param", "product=gift-10",
        "--pin", "required",
      ])
    return sevk
  }

  @discardableResult
  private static func add(
    _ sevk: Installation, _ lines: [String], name: String = "codes.csv", _ more: [String] = []
  ) throws -> ChildProgram.Result {
    let path = "\(sevk.folder)/\(name)"
    try lines.joined(separator: "\r\n").write(toFile: path, atomically: true, encoding: .utf8)
    return try sevk.command("worker", ["stock", "add", "gift-10", "--file", path, "--json"] + more)
  }

  private static func json(_ result: ChildProgram.Result) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)")
  }

  private func level(_ sevk: Installation) throws -> [String: Any] {
    let all = try JSONSerialization.jsonObject(
      with: Data(try sevk.require("worker", ["stock", "list", "--json"]).utf8))
    return (all as? [[String: Any]])?.first ?? [:]
  }

  @Test func aFileIsAddedWholeOrNotAtAll() async throws {
    let sevk = try await Self.install()
    let lines = (0..<2500).map(Self.code)
    let bad = try Self.add(
      sevk,
      [
        "\u{FEFF}Code; Serial ;expires;cost", "\(lines[0]);s1;2099-01-01;45,50", "\(lines[0]);;;", "ab;;;", ";;;",
        "\"\(lines[1])\";\"s;2\";;x;y",
      ])
    let report = try Self.json(bad)
    #expect(bad.code == 1 && report["added"] as? Int == 0 && report["bad"] as? Int == 4)
    let told = (report["lines"] as? [[String: Any]] ?? []).map { "\($0["line"] ?? 0) \($0["why"] ?? "")" }
    #expect(told.map { $0.prefix(1) } == ["3", "4", "5", "6"] && told[0].contains("line 2"), "\(told)")
    #expect(!bad.output.contains("ABCD") && !bad.errors.contains("ABCD"), "a code is never said")
    #expect(bad.errors.contains("nothing was added"))
    let part = try Self.json(
      try Self.add(sevk, ["code,cost", lines[0] + ",4.5", "ab,"], ["--skip-bad", "--low", "7"]))
    #expect(part["added"] as? Int == 1)

    // The same again, and one that brings some of it in another file.
    let whole = try Self.json(try Self.add(sevk, ["code"] + lines.dropFirst(), name: "b.csv"))
    #expect(whole["added"] as? Int == 2499 && whole["bad"] as? Int == 0)
    let again = try Self.json(try Self.add(sevk, ["code"] + lines.dropFirst(), name: "c.csv"))
    #expect(again["added"] as? Int == 0 && again["already"] as? Int == 2499 && again["bad"] as? Int == 0)
    let mixed = try Self.add(sevk, ["code", Self.code(9000), lines[7]], name: "d.csv")
    #expect(mixed.code == 1 && mixed.errors.contains("line 3 has a code that is there already"))
    let level = try level(sevk)
    #expect(level["free"] as? Int == 2500 && level["low"] as? Int == 7, "\(level)")

    for (lines, why) in [
      (["ABCD-1111-2222"], "has to name the columns"), (["code,cost"], "has no codes"), ([""], "is empty"),
      (["code,code"], "a second time"), (["code", "ABCD-1111-2222,x"], "more fields"),
      (["code,expires", "ABCD-1111-2222,2020-01-01"], "expired already"),
      (["code,cost", "ABCD-1111-2222,-1"], "cost that is no amount"), (["code", "\"ABCD-1111-2222"], "never ends"),
    ] {
      let refused = try Self.add(sevk, lines, name: "e.csv")
      #expect(refused.code == 1 && refused.errors.contains(why), "\(lines): \(refused.errors)")
      #expect(!refused.errors.contains("1111"), "\(refused.errors)")
    }
    #expect(try sevk.command("worker", ["stock", "add", "x", "--file", "/nowhere"]).errors.contains("no such file"))
    await sevk.stop()
  }

  @Test func anOrderWaitsForACodeAndGetsItAtOnce() async throws {
    let sevk = try await Self.install()
    try await sevk.startAll()
    let waiting = try await sevk.post(player: 1, product: "gift")
    while try !sevk.require("worker", ["order", "why", waiting]).contains("No code of gift-10 is in stock at own") {
      try await EventLoop.sleep(for: .milliseconds(50))
    }
    let doctor = try sevk.command("worker", ["doctor", "--json"])
    #expect(doctor.output.contains("stock_empty"), "\(doctor.output)")
    try Self.add(sevk, ["code,serial,cost", "\(Self.code(1)),s-1,12.50"])
    let events = try await sevk.settled([waiting])
    #expect(events.map { $0.type.replacing("sevk.order.", with: "") } == ["created", "completed"])
    let order = try await sevk.call("GET", "/v1/orders/\(waiting)?include=pin").json
    #expect(order["pin"] as? String == Self.code(1) && order["cost"] as? String == "12.50", "\(order)")
    #expect(try await sevk.references(of: waiting).count == 1, "nothing was sent before there was a code")
    #expect(try !sevk.dumpDatabase().contains("WXYZ"))
    let timeline = try sevk.require("worker", ["order", "timeline", waiting, "--full"])
    #expect(!timeline.contains("WXYZ") && timeline.contains("delivered 12.50"), "\(timeline)")

    // Of several units, all or none.
    try Self.add(sevk, ["code"] + (2..<5).map(Self.code), name: "b.csv")
    let several = try await sevk.call(
      "POST", "/v1/orders", body: #"{"product":"gift","fields":{},"quantity":3}"#, key: "three")
    let id = try #require(several.json["id"] as? String, "\(several.text)")
    try await sevk.settled([id])
    let pin = try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json["pin"] as? String
    #expect(pin == (2..<5).map(Self.code).joined(separator: " "))

    // What a customer may have seen goes to nobody else.
    let refused = try sevk.command(
      "worker", ["stock", "return", "--order", id, "--to", "available", "--note", "why", "--yes"])
    #expect(refused.code == 1 && refused.errors.contains("may have seen it"), "\(refused.errors)")
    try sevk.require("worker", ["stock", "write-off", "--order", id, "--note", "did not work", "--yes"])
    #expect(try sevk.require("worker", ["order", "timeline", id]).contains("code written off by"))
    await sevk.stop()
  }

  /// Each dispatcher is killed at another point, over and over, while orders come.
  @Test func noCodeIsGivenTwiceWhoeverDies() async throws {
    let sevk = try await Self.install(["SEVK_CHECK_DEADLINE": "1h"])
    try Self.add(sevk, ["code"] + (0..<30).map(Self.code))
    try await sevk.startAll()
    var ids: Set<String> = []
    for (turn, point) in ["send-answered", "send-intended", "send-recorded", "send-answered", "send-allowed"]
      .enumerated()
    {
      let dying = try await sevk.start("dispatcher", environment: ["SEVK_CRASH_AT": point])
      for player in (turn * 8)..<(turn * 8 + 8) {
        while true {
          let answer = try? await sevk.call(
            "POST", "/v1/orders", body: Installation.order(player: player, product: "gift"), key: "key-\(player)")
          if let id = answer?.json["id"] as? String {
            ids.insert(id)
            break
          }
          // It died; the shop says it again to another one.
          if dying.poll() != nil { try await sevk.start("dispatcher") }
        }
      }
      if dying.poll() == nil { dying.signal(SIGKILL) }
      try await sevk.passTime()
    }
    try await sevk.start("dispatcher")
    // 40 orders and 30 codes: ten wait, and all that were lost on the way are found by asking.
    let client = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    func number(_ sql: String) async throws -> Int64 {
      try await client.run(PostgresStatement(name: "", sql: sql), [])[0].int(0)
    }
    #expect(ids.count == 40)
    while try await number("SELECT count(*) FROM orders WHERE status = 'completed'") < 30 {
      try await sevk.passTime()
      try await EventLoop.sleep(for: .milliseconds(200))
    }
    var pins: [String] = []
    for id in ids {
      let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json
      if let pin = order["pin"] as? String { pins.append(pin) }
      #expect((order["pin"] == nil) == (order["status"] as? String != "completed"))
    }
    #expect(pins.count == 30 && Set(pins).count == 30, "each code once")
    let doubly =
      "SELECT count(*) FROM (SELECT FROM stock_codes GROUP BY order_id HAVING count(*) > 1 AND order_id IS NOT NULL) AS x"
    #expect(try await number(doubly) == 0, "no order has two")
    #expect(
      try await number(
        "SELECT count(*) FROM stock_codes c JOIN orders o ON o.id = c.order_id WHERE o.status <> 'completed'") == 0)
    await client.close()
    await sevk.stop()
  }
}
