import Foundation
import PrivateServers
import TestSupport
import Testing

/// The way of an order on the real binaries and servers.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct OrderWayTests {
  @Test func anOrderGoesFromPostToPin() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    let events = try await sevk.settled([id])
    #expect(events.map(\.type) == ["sevk.order.created", "sevk.order.sent", "sevk.order.completed"])
    #expect(events.map(\.sequence) == events.map(\.sequence).sorted())

    let orders = try await sevk.audit()["orders"] as? [[String: Any]]
    let pin = try #require(orders?.first?["pin"] as? String)
    #expect(orders?.count == 1)
    let answer = try await sevk.call("GET", "/v1/orders/\(id)?include=pin")
    #expect(answer.json["pin"] as? String == pin)

    // The PIN is nowhere in clear: not in the database, not in Redis, not in a log, not in an event.
    let dump = try sevk.dumpDatabase()
    #expect(dump.contains("pubg-60"))
    #expect(!dump.contains(pin) && !dump.contains("panel-secret") && !dump.contains(sevk.token))
    #expect(!sevk.logs.contains(pin) && !sevk.logs.contains("panel-secret"))
    #expect(!events.contains { $0.text.contains(pin) })

    let reader = try sevk.createToken("orders:read")
    #expect(try await sevk.call("GET", "/v1/orders/\(id)?include=pin", token: reader).status == 403)
    #expect(try await sevk.call("GET", "/v1/orders/\(id)", token: reader).json["pin"] == nil)

    let story = try sevk.require("worker", ["order", "timeline", "shop-1"])
    for word in ["pending", "sending", "pin_ekle.php", "sent", "pin_kontrol.php", "completed", "••••"] {
      #expect(story.contains(word), "\(word) is missing in: \(story)")
    }
    #expect(!story.contains(pin) && !story.contains("panel-secret"))
    // Support reads orders without the key to the PINs.
    let keyless = try sevk.command("worker", ["order", "why", id], environment: ["SEVK_SECRET_KEY": ""])
    #expect(keyless.code == 0 && keyless.output.contains("delivered"), "\(keyless.errors)")
    let shown = try sevk.command("worker", ["order", "show", id], environment: ["SEVK_SECRET_KEY": ""])
    #expect(shown.output.contains("panel") && shown.output.contains("stored"), "\(shown.errors)")
    await sevk.stop()
  }

  @Test func aHundredPostsWithOneKeyMakeOneOrder() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for _ in 0..<100 {
        group.addTask {
          let answer = try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 7), key: "one")
          return (answer.status, answer.json["id"] as? String ?? "")
        }
      }
      var answers: [(Int, String)] = []
      for try await answer in group { answers.append(answer) }
      return answers
    }
    #expect(answers.count { $0.0 == 201 } == 1)
    #expect(answers.count { $0.0 == 200 } == 99)
    #expect(Set(answers.map(\.1)).count == 1)
    try await sevk.settled([answers[0].1])
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    await sevk.stop()
  }

  @Test func aLostAnswerIsFoundOutAndNeverSentAgain() async throws {
    let sevk = try await Installation.make(panel: ["--fault", "lose-answer=1"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    let events = try await sevk.settled([id])
    // Whether the panel still works on it at the first question is a matter of milliseconds.
    #expect(
      events.map(\.type).filter { $0 != "sevk.order.sent" } == [
        "sevk.order.created", "sevk.order.unresolved", "sevk.order.completed",
      ])
    let audit = try await sevk.audit()
    #expect(audit["sends"] as? Int == 1)
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  /// The request was read and nothing recorded: the panel will never know the reference, and can't prove it.
  @Test func whatCanNotBeKnownIsHeldForAPerson() async throws {
    let sevk = try await Installation.make(
      panel: ["--fault", "drop-request=1"], environment: ["SEVK_CHECK_DEADLINE": "1s"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    let events = try await sevk.settled([id])
    #expect(events.map(\.type) == ["sevk.order.created", "sevk.order.unresolved", "sevk.order.held"])
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    let why = try sevk.require("worker", ["order", "why", id])
    #expect(why.contains("person") && why.contains("panel"))
    await sevk.stop()
  }

  /// The same, but ops have tested the site and trust such evidence: it is sent once more, and only once.
  @Test func whatIsProvedNotReceivedIsSentAgain() async throws {
    let sevk = try await Installation.make()
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "tested", "--adapter", "znet", "--base-url", "http://\(sevk.panel)", "--credential",
        "kod=555", "--credential", "sifre=panel-secret", "--trust-not-found-after", "1s", "--timeout", "1s",
      ])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "tested", "--provider", "tested", "--param", "oyun=1",
        "--param", "kupur=60", "--param", "oyuncu_bilgi={player_id}", "--param", "musteri_tel={phone}",
      ])
    try await sevk.startAll()
    func post(_ player: Int) async throws -> String {
      let body = Installation.order(player: player).replacing("pubg-60", with: "tested")
      let answer = try await sevk.call("POST", "/v1/orders", body: body, key: "key-\(player)")
      return try #require(answer.json["id"] as? String)
    }
    // An earlier order that went well is needed to compare with.
    try await sevk.settled([try await post(1)])
    try await sevk.setFaults("{\"drop-request\":\"#1\"}")
    let id = try await post(2)
    try await sevk.settled([id])
    let story = try sevk.require("worker", ["order", "timeline", id])
    #expect(story.contains("proved not received") && story.contains("send 2 to tested"), "\(story)")
    let audit = try await sevk.audit()
    #expect((audit["orders"] as? [Any])?.count == 2)
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  @Test func aRefusalFailsTheOrderAndAProofOfNotSentDoesNot() async throws {
    let sevk = try await Installation.make(panel: ["--balance", "10"])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "wrong", "--provider", "panel", "--param", "oyun=1",
        "--param", "kupur=99999", "--param", "oyuncu_bilgi={player_id}", "--param", "musteri_tel={phone}",
      ])
    try await sevk.startAll()
    let refused = try await sevk.call(
      "POST", "/v1/orders", body: Installation.order(player: 1).replacing("pubg-60", with: "wrong"), key: "a")
    let id = try #require(refused.json["id"] as? String)
    let events = try await sevk.settled([id])
    #expect(events.last?.type == "sevk.order.failed")
    let shown = try await sevk.call("GET", "/v1/orders/\(id)")
    #expect((shown.json["reason"] as? String)?.contains("Kupur") == true)

    // Nobody listens at the panel's address: proved not sent, so the order waits and is sent later.
    sevk.kill("simulator")
    let waiting = try await sevk.post(player: 2)
    let story = try await sevk.timeline(of: waiting) { $0.contains { $0 == "pending" } && $0.count > 2 }
    #expect(!story.contains("unresolved") && !story.contains("failed"))
    await sevk.stop()
  }

  @Test func aRefusalMovesTheOrderToTheNextProvider() async throws {
    let sevk = try await Installation.make()
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "other", "--adapter", "znet", "--base-url", "http://\(sevk.panel)", "--credential",
        "kod=555", "--credential", "sifre=panel-secret",
      ])
    for (provider, kupur) in [("panel", "99999"), ("other", "60")] {
      try sevk.require(
        "dispatcher",
        [
          "route", "add", "--tenant", "shop", "--product", "two", "--provider", provider, "--param", "oyun=1",
          "--param", "kupur=\(kupur)", "--param", "oyuncu_bilgi={player_id}", "--param", "musteri_tel={phone}",
        ])
    }
    try await sevk.startAll()
    let order = Installation.order(player: 1).replacing("pubg-60", with: "two")
    let id = try #require(try await sevk.call("POST", "/v1/orders", body: order, key: "a").json["id"] as? String)
    try await sevk.settled([id])
    let story = try sevk.require("worker", ["order", "timeline", id])
    #expect(story.contains("send 1 to panel") && story.contains("send 2 to other"))
    #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "completed")
    #expect((try await sevk.audit()["orders"] as? [Any])?.count == 1)
    await sevk.stop()
  }

}

extension Installation {
  /// Every row of every table.
  func dumpDatabase() throws -> String {
    guard let tools = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql").sorted().last else {
      throw ChildProgram.Failure("PostgreSQL is missing")
    }
    return try commandOutput("/usr/lib/postgresql/\(tools)/bin/pg_dump", ["--inserts", databaseURL])
  }

  func commandOutput(_ program: String, _ arguments: [String]) throws -> String {
    let result = try ChildProgram.run(program, arguments, environment: environment, folder: folder)
    guard result.code == 0 else { throw ChildProgram.Failure("\(program): \(result.errors)") }
    return result.output
  }

  /// The statuses in an order's story, as soon as they satisfy `isEnough`.
  func timeline(of id: String, until isEnough: ([String]) -> Bool) async throws -> [String] {
    while true {
      let answer = try await call("GET", "/v1/orders/\(id)/timeline")
      let steps = answer.json["timeline"] as? [[String: Any]] ?? []
      let statuses = steps.compactMap { $0["status"] as? String }
      if isEnough(statuses) { return statuses }
    }
  }
}
