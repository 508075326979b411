import EventLoop
import Foundation
import PrivateServers
import TestSupport
import Testing

/// What one shop posts does not close a provider for another; what several meet does.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct HostileShopTests {
  private func install(_ panel: PickyPanel) async throws -> Installation {
    let sevk = try await Installation.make()
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "picky", "--adapter", "znet", "--base-url", try await panel.start(), "--credential",
        "kod=555",
        "--credential", "sifre=panel-secret", "--timeout", "1s",
      ])
    try sevk.addRoute("picky-60", to: "picky")
    return sevk
  }

  private func post(_ sevk: Installation, _ player: String, key: String, token: String? = "own") async throws -> String
  {
    let body = """
      {"product":"picky-60","fields":{"player_id":"\(player)","phone":"905551234567"},"reference":"\(key)"}
      """
    let answer = try await sevk.call("POST", "/v1/orders", body: body, key: key, token: token)
    guard answer.status == 201, let id = answer.json["id"] as? String else {
      throw ChildProgram.Failure("posting an order: \(answer.status) \(answer.text)")
    }
    return id
  }

  private func wait(_ sevk: Installation, for text: String) async throws {
    while !sevk.logs.contains(text) { try await EventLoop.sleep(for: .milliseconds(20)) }
  }

  @Test func aShopThatFaultIsFoundWithClosesNoProviderForOthers() async throws {
    let panel = PickyPanel()
    let sevk = try await install(panel)
    try sevk.require("dispatcher", ["tenant", "add", "rival"])
    try sevk.addRoute("picky-60", to: "picky", tenant: "rival")
    let rival = try sevk.createToken("orders:write,orders:read", tenant: "rival")
    try await sevk.startAll()
    var ids: [String] = []
    // Beside the other's orders, so that both kinds are met from the first to the last.
    for number in 1...40 {
      let player = number % 2 == 0 ? String(repeating: "9", count: 100) : "select\(number)"
      _ = try await post(sevk, player, key: "rival-\(number)", token: rival)
      if number % 4 == 0 { ids.append(try await post(sevk, "\(number)", key: "shop-\(number)")) }
    }
    _ = try await sevk.events { events in events.count { $0.type == "sevk.order.unresolved" } >= 40 }
    #expect(panel.statuses[414] == 20 && panel.statuses[403] == 20, "each was sent once: \(panel.statuses)")
    try await sevk.settled(ids)
    let last = try await post(sevk, "77", key: "shop-last")
    try await sevk.settled([last])
    #expect(panel.statuses[200] == 11)
    #expect(!sevk.logs.contains("provider closed for sends"), "\(sevk.logs)")
    try await wait(sevk, for: "the provider works, and sends of one flow fail at it")
    #expect(try sevk.require("worker", ["provider", "show", "picky"]).contains("working"))

    // A real outage, which both shops meet.
    panel.become(.down)
    for number in 1...12 {
      _ = try await post(sevk, "\(number)", key: "down-\(number)")
      _ = try await post(sevk, "\(number)", key: "rival-down-\(number)", token: rival)
    }
    try await wait(sevk, for: "provider closed for sends")
    #expect(sevk.logs.contains("sends in a row were not answered"), "\(sevk.logs)")
    await sevk.stop()
    await panel.stop()
  }

  /// Its address is blocked, so every answer is 403: those to its orders say nothing, that to a probe does.
  @Test func theOnlyShopsProviderIsClosedByAProbeThatFails() async throws {
    let panel = PickyPanel()
    let sevk = try await install(panel)
    try await sevk.startAll()
    try await sevk.settled([try await post(sevk, "1", key: "shop-1")])
    panel.become(.banned)
    for number in 2...30 { _ = try await post(sevk, "\(number)", key: "shop-\(number)") }
    try await wait(sevk, for: "provider closed for sends")
    #expect(sevk.logs.contains("as if the request were at fault, all of one flow"), "\(sevk.logs)")
    #expect(sevk.logs.contains("and a probe failed: HTTP status 403"), "\(sevk.logs)")
    await sevk.stop()
    await panel.stop()
  }
}
