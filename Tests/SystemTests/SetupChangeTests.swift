import Foundation
import TestSupport
import Testing

/// What ops change and take back after the set-up.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct SetupChangeTests {
  @Test func aRevokedTokenStopsWorking() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    #expect(try await sevk.call("GET", "/v1/orders").status == 200)
    let line = try sevk.require("dispatcher", ["token", "list", "--tenant", "shop"])
    #expect(line.contains("orders:write") && !line.contains(sevk.token))
    try sevk.require("dispatcher", ["token", "revoke", String(line.prefix { $0.isNumber })])
    #expect(try sevk.require("dispatcher", ["token", "list"]).contains("REVOKED"))
    while try await sevk.call("GET", "/v1/orders").status != 401 {}
    #expect(try sevk.command("dispatcher", ["token", "revoke", "1"]).code == 64)
    await sevk.stop()
  }

  @Test func aProviderIsChangedButNotUnderOpenOrders() async throws {
    let sevk = try await Installation.make(panel: ["--fault", "never-ends=1"])
    try await sevk.startAll()
    try sevk.require("dispatcher", ["provider", "set", "panel", "--timeout", "7s", "--rate", "50/s"])
    #expect(try sevk.require("dispatcher", ["provider", "list"]).contains("timeout 7s"))
    let tooShort = try sevk.command("dispatcher", ["provider", "set", "panel", "--timeout", "1ms"])
    #expect(tooShort.code == 64 && tooShort.errors.contains("--timeout is 1ms, but must be from 100ms to 10m"))
    try sevk.require("dispatcher", ["provider", "set", "panel", "--rate", "off"])
    let listed = try sevk.require("dispatcher", ["provider", "list"])
    #expect(listed.contains("timeout 7s") && !listed.contains("rate"))
    // What was not named stays as it was: the login still works, and its catalogue tells what is at stake.
    try sevk.require("dispatcher", ["provider", "test", "panel"])

    let id = try await sevk.post(player: 1)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.sent" } }
    let elsewhere = ["provider", "set", "panel", "--base-url", "http://127.0.0.1:9"]
    let refused = try sevk.command("dispatcher", elsewhere)
    #expect(refused.code == 64 && refused.errors.contains("1 orders are open"))
    #expect(try sevk.require("dispatcher", ["provider", "list"]).contains(sevk.panel))
    try sevk.require("worker", ["order", "resolve", id, "--failed", "--note", "test", "--yes"])
    try sevk.require("dispatcher", elsewhere)
    await sevk.stop()
  }

  /// One whose answer was lost may be sent again: it needs the route as one that waits does.
  @Test func aRouteStaysWhileAnOrderMayNeedIt() async throws {
    let sevk = try await Installation.make(panel: ["--fault", "never-ends=1"])
    try await sevk.startAll()
    _ = try await sevk.post(player: 1)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.sent" } }
    let remove = ["route", "remove", "--tenant", "shop", "--product", "pubg-60"]
    let refused = try sevk.command("dispatcher", remove)
    #expect(refused.code == 64 && refused.errors.contains("1 orders for pubg-60 are not settled"), "\(refused.errors)")
    #expect(try sevk.require("dispatcher", ["route", "list"]).contains("pubg-60"))
    try sevk.require("dispatcher", remove + ["--yes"])
    await sevk.stop()
  }

  /// Whether a product is a code is kept with each send: without its route, an order is still not done without its PIN.
  @Test func aRemovedRouteStillDemandsThePin() async throws {
    let sevk = try await Installation.make(panel: ["--fault", "pin-vanishes=1"])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "code", "--provider", "panel", "--param", "oyun=1",
        "--param", "kupur=60", "--param", "oyuncu_bilgi={player_id}", "--param", "musteri_tel={phone}",
        "--pin", "required",
      ])
    for program in ["scheduler", "dispatcher"] { try await sevk.start(program) }
    let id = try await sevk.post(player: 1, product: "code")
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.sent" } }
    try sevk.require("dispatcher", ["route", "remove", "--tenant", "shop", "--product", "code", "--yes"])
    // It has never seen the route.
    try await sevk.start("worker")
    while try await sevk.audit()["queries"] as? Int ?? 0 < 6 {}
    #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "sent")
    try await sevk.setFaults(#"{"pin-vanishes": 0}"#)
    try await sevk.settled([id])
    #expect(try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json["pin"] is String)
    await sevk.stop()
  }

  @Test func aTokenOfTheDashboardHasANameAndAnEnd() async throws {
    let sevk = try await Installation.make(environment: ["SEVK_DASHBOARD_ADDRESS": "127.0.0.1:0"])
    let made = try sevk.command(
      "dispatcher", ["token", "create", "--dashboard", "--name", "shift", "--expires", "2160h"])
    let token = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(token.hasPrefix("sevk_") && made.errors.contains("for the dashboard, to look, expires"), "\(made.errors)")
    #expect(made.errors.contains("(SEVK_DASHBOARD_ADDRESS)"))
    func line() throws -> String {
      try sevk.require("dispatcher", ["token", "list"]).split(separator: "\n").first { $0.contains("shift") }
        .map(String.init) ?? ""
    }
    #expect(try line().contains(token.prefix(13)) && line().contains("not used"))
    try await sevk.start("dispatcher")
    _ = try await sevk.ask("/login", method: "POST", form: "token=\(token)&next=%2F")
    while try line().contains("not used") {}
    await sevk.stop()
  }

  @Test func aRemovedRouteTakesNoOrders() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    let id = try await sevk.post(player: 1)
    let remove = ["route", "remove", "--tenant", "shop", "--product", "pubg-60"]
    #expect(try sevk.command("dispatcher", remove).errors.contains("1 orders"))
    #expect(try sevk.require("dispatcher", ["tenant", "list"]).hasPrefix("shop  added "))
    // A waiting order whose cost the provider has not said yet: the catalogue knows it.
    try sevk.require("dispatcher", ["provider", "test", "panel"])
    #expect(try sevk.command("worker", ["order", "cancel", id]).output.contains("by the catalogue"))
    try sevk.require("worker", ["order", "cancel", id, "--yes"])
    try sevk.require("dispatcher", remove)
    #expect(try sevk.require("dispatcher", ["route", "list"]).contains("no route yet"))
    let body = Installation.order(player: 2)
    while try await sevk.call("POST", "/v1/orders", body: body, key: UUID().uuidString).status != 422 {}
    #expect(try sevk.command("dispatcher", remove).code == 64)
    await sevk.stop()
  }
}
