import EventLoop
import Foundation
import Redis
import TestSupport
import Testing

/// A provider that refuses the account: its state, and no order's.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct AccountTroubleTests {
  @Test func aRefusedLoginClosesTheProviderAndFailsNoOrder() async throws {
    let sevk = try await Installation.make(panel: ["--fault", "login-fails=1"])
    try await sevk.startAll()
    var ids = [try await sevk.post(player: 1)]
    while try provider(sevk)["account_trouble"] as? String != "access" {}
    for player in 2...6 { ids.append(try await sevk.post(player: player)) }
    // They stand at the gate.
    while try sevk.require("worker", ["order", "why", ids[5]]).contains("refuses the account") == false {}
    #expect(try await sevk.audit()["sends"] as? Int == 1, "one answer is enough")
    let shown = try sevk.require("worker", ["provider", "show", "panel"])
    #expect(shown.contains("login, address or permission") && shown.contains("bayikodu"), "\(shown)")
    let doctor = try sevk.command("worker", ["doctor", "--json"])
    #expect(doctor.code == 1 && doctor.output.contains("\"what\":\"provider_account\""), "\(doctor.output)")
    for id in ids {
      let status = try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String
      #expect(status == "pending" || status == "unresolved")
    }
    #expect(sevk.logs.contains("provider closed for sends"))

    try await sevk.setFaults(#"{"login-fails": 0}"#)
    let events = try await sevk.settled(ids)
    #expect(events.filter { $0.type == "sevk.order.completed" }.count == 6)
    #expect(events.allSatisfy { $0.type != "sevk.order.failed" && $0.type != "sevk.order.held" })
    while try provider(sevk)["account_trouble"] != nil {
      _ = try await sevk.post(player: Int.random(in: 100...999_999))
    }
    await sevk.stop()
  }

  /// The panel turns sends away, and its probe works: the pauses grow all the same.
  @Test func aProbeThatWorksBesideRefusedSendsDoesNotFlap() async throws {
    let panel = StubPanel()
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", ["provider", "set", "panel", "--base-url", try await panel.start()])
    panel.set { $0.refusals["60"] = "3|ip geçersiz" }
    try await sevk.startAll()
    let ids = [try await sevk.post(player: 1), try await sevk.post(player: 2)]
    let client = try sevk.redis.client()
    var pauses: [Int64] = []
    while pauses.last ?? 0 < 4000 {
      let pause = try await client.command("HGET", "sevk:{provider:1}:state", "trouble_pause").integer ?? 0
      if pause != 0, pause != pauses.last { pauses.append(pause) }
    }
    await client.close()
    #expect(pauses == [1000, 2000, 4000] && panel.sends <= 4, "\(pauses) after \(panel.sends) sends")
    panel.set { $0.refusals = [:] }
    #expect(try await sevk.settled(ids).allSatisfy { $0.type != "sevk.order.failed" })
    await sevk.stop()
    await panel.stop()
  }

  /// "No money" in answer to a send of a product whose cost nobody knows here: that product waits, others go on.
  @Test func aBalanceThatIsOutHoldsWhatCostsMore() async throws {
    let panel = StubPanel()
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", ["provider", "set", "panel", "--base-url", try await panel.start()])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "cheap", "--provider", "panel", "--param", "oyun=1",
        "--param", "kupur=1", "--param", "oyuncu_bilgi={player_id}", "--param", "musteri_tel={phone}",
      ])
    panel.set {
      $0.refusals["60"] = "3|Bakiye Yetersiz"
      ($0.balance, $0.acceptance) = ("OK|10.00|0.00", "OK|1.00|10.00")
    }
    try await sevk.startAll()
    let first = try await sevk.post(player: 1)
    while try await sevk.call("GET", "/v1/orders/\(first)").json["status"] as? String != "pending" || panel.sends == 0 {
    }
    let second = try await sevk.post(player: 2)
    try await sevk.settled([try await sevk.post(player: 3, product: "cheap")])
    for id in [first, second] {
      while try !sevk.require("worker", ["order", "why", id]).contains("is too low, as panel said") {}
    }
    #expect(panel.sends <= 4, "the first, the cheap one, and both that the balance of 10.00 was not yet known for")
    // From now on they wait: of what follows only the cheap one is sent.
    let before = panel.sends
    try await sevk.settled([try await sevk.post(player: 5, product: "cheap")])
    #expect(panel.sends == before + 1)
    let doctor = try sevk.command("worker", ["doctor"])
    #expect(doctor.output.contains("which it says is too low for them"), "\(doctor.output)")
    #expect(try provider(sevk)["waiting_for_money"] as? Int == 2)

    panel.set { ($0.refusals, $0.balance, $0.acceptance) = ([:], "OK|500.00|0.00", "OK|32.50|467.50") }
    // Its balance is looked at every 30 s; a person who has paid in need not wait for that.
    try sevk.require("worker", ["provider", "resume", "panel"])
    try await sevk.settled([try await sevk.post(player: 4)])
    #expect(try provider(sevk)["waiting_for_money"] == nil)
    await sevk.stop()
    await panel.stop()
  }

  private func provider(_ sevk: Installation) throws -> [String: Any] {
    let text = try sevk.require("worker", ["provider", "list", "--json"])
    let list = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
    return list?.first ?? [:]
  }
}
