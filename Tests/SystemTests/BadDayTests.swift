import EventLoop
import Foundation
import Postgres
import PrivateServers
import TestSupport
import Testing

/// A provider that is slow, down, or out of money.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct BadDayTests {
  @Test func twoDispatchersKeepToOneSendAtATime() async throws {
    let sevk = try await Installation.make(panel: ["--send-takes", "20ms"])
    try await sevk.sql("UPDATE providers SET concurrency_max = 1")
    try await sevk.startAll()
    try await sevk.start("dispatcher")
    var ids: [String] = []
    for player in 1...30 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    let audit = try await sevk.audit()
    #expect(audit["max_concurrent_sends"] as? Int == 1)
    #expect(audit["sends"] as? Int == 30)
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  @Test func anOutageIsMetWithProbesAndThenEverythingIsDelivered() async throws {
    let sevk = try await Installation.make()
    // What the panel did not get is sent again, so that all can end.
    try await sevk.sql("UPDATE providers SET concurrency_max = 8, trust_not_found_after_ms = 0")
    try await sevk.startAll()
    try await sevk.setFaults(#"{"5xx": 1}"#)
    var ids: [String] = []
    for player in 1...200 { ids.append(try await sevk.post(player: player)) }
    try await sevk.waitForLog("provider closed for sends")
    let why = try sevk.require("worker", ["order", "why", ids[199]])
    #expect(why.contains("closed for sends"), "\(why)")
    #expect(why.contains("not answered") || why.contains("a probe failed"), "\(why)")
    #expect(try sevk.require("worker", ["provider", "list"]).contains("down"))
    let doctor = try sevk.command("worker", ["doctor", "--json"])
    #expect(doctor.code == 1 && doctor.output.components(separatedBy: "\"what\":\"provider_down\"").count == 2)
    #expect(!doctor.output.contains("overdue_orders"), "\(doctor.output)")

    try await sevk.waitForLog("a probe failed")
    let during = try #require(try await sevk.audit()["sends"] as? Int)
    // Ten that opened it and those that were under way.
    #expect((10...10 + 8).contains(during), "\(during) sends")

    try await sevk.setFaults(#"{"5xx": 0}"#)
    for id in ids { _ = try await sevk.timeline(of: id) { $0.last == "completed" } }
    let audit = try await sevk.audit()
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    #expect((audit["orders"] as? [[String: Any]])?.count == 200)
    let sends = try #require(audit["sends"] as? Int)
    #expect(sends <= 200 + during)
    #expect(try sevk.require("worker", ["provider", "show", "panel"]).contains("working"))
    await sevk.stop()
  }

  @Test func aLowBalanceHoldsOrdersUntilItIsTopped() async throws {
    let sevk = try await Installation.make(panel: ["--balance", "70"])
    try await sevk.startAll()
    var ids = [try await sevk.post(player: 1)]
    try await sevk.settled(ids)
    let spent = try #require(try await sevk.audit()["spent"] as? String)
    let price = try #require(Double(spent))
    // One after the other until the money is gone.
    let affordable = Int(70 / price)
    for player in 1..<affordable {
      ids.append(try await sevk.post(player: player + 1))
      try await sevk.settled(ids)
    }
    let waiting = try await sevk.post(player: 900)
    try await sevk.waitFor("the reason") {
      try sevk.require("worker", ["order", "why", waiting]).contains("below the last cost")
    }
    #expect(try await sevk.audit()["sends"] as? Int == affordable, "nothing is sent without money")
    await sevk.stop()
  }

  @Test func aPausedProviderGetsNothingUntilItIsResumed() async throws {
    let sevk = try await Installation.make()
    try sevk.require("worker", ["provider", "pause", "panel", "--note", "prices"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    try await sevk.waitFor("the wait") {
      try sevk.require("worker", ["inspect", "scheduled", "--queue", "dispatch"]).contains(id)
    }
    let why = try sevk.require("worker", ["order", "why", id])
    #expect(why.contains("paused") && why.contains("prices"), "\(why)")
    #expect(try await sevk.audit()["sends"] as? Int == 0)
    try sevk.require("worker", ["provider", "resume", "panel"])
    try await sevk.settled([id])
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    await sevk.stop()
  }

  @Test func aDebitThatNoOrderExplainsRaisesTheAlarm() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    try await sevk.settled([try await sevk.post(player: 1)])
    try await sevk.setFaults(##"{"double-debit": "#1"}"##)
    try await sevk.settled([try await sevk.post(player: 2)])
    try await sevk.waitForLog("balance fell more than the orders explain")
    // Who looks at no log hears of it, once for each drop.
    let ops = try sevk.createToken("operator")
    try await Waiting.until("operators are told", within: .seconds(20)) {
      try await sevk.call("GET", "/v1/events?types=sevk.provider.unexplained_debit", token: ops).text
        .contains(#""subject":"balance/panel""#)
    }
    await sevk.stop()
  }

  @Test func providersThatAreOneAccountAreNamed() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    func add(_ name: String) throws -> String {
      try sevk.require(
        "dispatcher", SetUp.provider(name, panel: sevk.panel, SetUp.Dealer(kod: "555", sifre: "panel-secret")))
    }
    #expect(try sevk.require("worker", ["doctor"]).contains("nothing is wrong"))
    let same = try add("panel-b")
    #expect(same.contains("WARNING: panel-b is the same account as panel (adapter, address and login)"), "\(same)")
    let report = try sevk.require("worker", ["doctor", "--json"])
    #expect(
      report.contains("\"what\":\"same_account\"") && report.contains("panel and panel-b are one account"), "\(report)")
    await sevk.stop()
  }

  @Test func thePinOfAnotherOrderIsNotHandedOn() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    try await sevk.setFaults(#"{"same-pin": 1}"#)
    let first = try await sevk.post(player: 1)
    try await sevk.settled([first])
    let second = try await sevk.post(player: 2)
    _ = try await sevk.timeline(of: second) { $0.last == "held" }
    try await sevk.waitForLog("the provider gave the PIN of another order")
    let why = try sevk.require("worker", ["order", "why", second])
    #expect(why.contains("the PIN of order \(first)"), "\(why)")
    await sevk.stop()
  }

  @Test func aCompletionWithoutThePinThatTheProductHasIsAskedAboutAgain() async throws {
    let sevk = try await Installation.make()
    try await sevk.sql("UPDATE routes SET pin_required = true")
    try await sevk.startAll()
    try await sevk.setFaults(##"{"pin-vanishes": "#2"}"##)
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    #expect(try await sevk.audit()["queries"] as? Int ?? 0 >= 3)
    await sevk.stop()
  }
}

extension Installation {
  func sql(_ text: String) async throws {
    let pool = PostgresPool(url: databaseURL, connectionsMax: 1)
    try await pool.script(text)
    await pool.close()
  }

  fileprivate func waitForLog(_ text: String) async throws {
    try await waitFor(text) { logs.contains(text) }
  }

  /// What the processes do by themselves is seen only by looking; the test's time limit ends it.
  fileprivate func waitFor(_ what: String, _ isTrue: () throws -> Bool) async throws {
    while try !isTrue() { try await EventLoop.sleep(for: .milliseconds(50)) }
  }
}
