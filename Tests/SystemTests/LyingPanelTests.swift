import Foundation
import TestSupport
import Testing

/// A panel whose lines say more, less or something else than what is so. No order is settled by one of them.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct LyingPanelTests {
  /// It books the order, and the answer refuses the copy that a proxy made of the request. A second provider stands by.
  @Test func whatWasBookedAndRefusedIsDelivered() async throws {
    let sevk = try await Installation.make()
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "other", "--adapter", "znet", "--base-url", "http://\(sevk.panel)", "--credential",
        "kod=555", "--credential", "sifre=panel-secret",
      ])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "pubg-60", "--provider", "other", "--position", "2", "--param",
        "oyun=1", "--param", "kupur=60", "--param", "oyuncu_bilgi={player_id}", "--param", "musteri_tel={phone}",
      ])
    try await sevk.startAll()
    var ids = [try await sevk.post(player: 1)]
    try await sevk.settled(ids)
    try await sevk.setFaults(#"{"refuse-booked":1}"#)
    for player in 2...7 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    for id in ids { #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "completed") }
    let audit = try await sevk.audit()
    #expect(audit["sends"] as? Int == 7)
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  @Test func whatWasTrulyRefusedFailsOnceThePanelWasAsked() async throws {
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", Self.oddRoute)
    try await sevk.startAll()
    let id = try await sevk.post(player: 1, product: "odd")
    let events = try await sevk.settled([id])
    #expect(events.map(\.type) == ["sevk.order.created", "sevk.order.unresolved", "sevk.order.failed"])
    let audit = try await sevk.audit()
    #expect(audit["sends"] as? Int == 1)
    #expect((audit["queries"] as? Int ?? 0) >= 5)
    let why = try sevk.require("worker", ["order", "why", id])
    #expect(why.contains("refund is safe") && why.contains("Kupur Bilgisi Bulunamadı"), "\(why)")
    await sevk.stop()
  }

  /// A panel that words "no such reference" as a cancellation: a request that may still travel is not taken for cancelled.
  @Test func whatIsSaidOfEveryReferenceCancelsNone() async throws {
    let sevk = try await Installation.make(
      panel: ["--fault", "drop-request=1", "--unknown-reference", "cancelled"],
      environment: ["SEVK_CHECK_DEADLINE": "2s"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    let events = try await sevk.settled([id])
    #expect(events.last?.type == "sevk.order.held", "\(events.map(\.type))")
    await sevk.stop()
  }

  /// Nor does it keep the same panel's refusal from being believed.
  @Test func aRefusalStandsBesideSuchACancellation() async throws {
    let sevk = try await Installation.make(panel: ["--unknown-reference", "cancelled"])
    try sevk.require("dispatcher", Self.oddRoute)
    try await sevk.startAll()
    let id = try await sevk.post(player: 1, product: "odd")
    try await sevk.settled([id])
    let order = try await sevk.call("GET", "/v1/orders/\(id)").json
    #expect(order["status"] as? String == "failed")
    #expect((order["reason"] as? String)?.contains("Kupur Bilgisi Bulunamadı") == true)
    await sevk.stop()
  }

  private static let oddRoute = [
    "route", "add", "--tenant", "shop", "--product", "odd", "--provider", "panel", "--param", "oyun=9", "--param",
    "kupur=9", "--param", "oyuncu_bilgi={player_id}", "--param", "musteri_tel={phone}",
  ]

  /// Password, address and balance are the provider's trouble: the order is sent again when that is over, and not failed.
  @Test func theAccountsTroubleFailsNoOrder() async throws {
    let sevk = try await Installation.make(panel: ["--fault", "turn-away=#3"])
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...3 { ids.append(try await sevk.post(player: player)) }
    let events = try await sevk.settled(ids)
    #expect(events.count { $0.type == "sevk.order.completed" } == 3)
    #expect(!events.contains { $0.type == "sevk.order.failed" })
    let audit = try await sevk.audit()
    #expect(audit["orders_count"] as? Int == 3)
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  /// Login errors that are cut, notices of PHP, lines of other orders: each for some questions, then the truth.
  @Test(arguments: ["cancel-cut=#4", "notice=#4", "second-line=#4", "stray=#1"])
  func aLineThatLiesNeitherDeliversNorFails(_ fault: String) async throws {
    let sevk = try await Installation.make(panel: ["--fault", fault])
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...3 { ids.append(try await sevk.post(player: player)) }
    let events = try await sevk.settled(ids)
    #expect(!events.contains { $0.type == "sevk.order.failed" })
    let panel = try await sevk.audit()["orders"] as? [[String: Any]] ?? []
    let pins = Dictionary(
      panel.map { ($0["player"] as? String ?? "", $0["pin"] as? String ?? "") }, uniquingKeysWith: { first, _ in first }
    )
    for (index, id) in ids.enumerated() {
      let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json
      // Held is right where two lines contradicted each other; another's PIN never is.
      if order["status"] as? String == "held", fault.hasPrefix("stray") { continue }
      #expect(order["status"] as? String == "completed")
      #expect(order["pin"] as? String == pins["\(index + 1)"])
    }
    let strayPin = try #require(pins["1"])
    #expect(!events.contains { $0.text.contains(strayPin.prefix(9)) })
    await sevk.stop()
  }
}
