import Foundation
import TestSupport
import Testing

/// Orders at another shop of the kind that books each POST, with the real programs, held against its books.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct InternalWayTests {
  private func make(_ faults: [String], _ environment: [String: String] = [:]) async throws -> Installation {
    let sevk = try await Installation.make(
      panel: ["--token", "shop-secret"] + faults.flatMap { ["--fault", $0] }, environment: environment)
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "friend", "--adapter", "internal", "--base-url", "http://\(sevk.panel)", "--timeout", "1s",
        "--credential", "token=shop-secret", "--credential", "tenant_host=b.example",
      ])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "friend-60", "--provider", "friend", "--param", "package=101",
        "--param", "user_identifier={player_id}", "--pin", "required",
      ])
    try await sevk.startAll()
    return sevk
  }

  /// Two orders of one reference: nobody knows what became of which.
  @Test func whatTheShopBookedTwiceIsAPersons() async throws {
    let sevk = try await make(["double-debit=#1"], ["SEVK_CHECK_DEADLINE": "2s"])
    let id = try await sevk.post(player: 1, product: "friend-60")
    try await sevk.settled([id])
    let order = try await sevk.call("GET", "/v1/orders/\(id)").json
    #expect(
      order["status"] as? String == "held" && (order["reason"] as? String)?.contains("two orders") == true, "\(order)")
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    await sevk.stop()
  }

  @Test func theBooksAgreeUnderFaults() async throws {
    let sevk = try await make(
      [
        "lose-answer=0.1", "refuse-booked=0.1", "5xx=0.03", "empty=0.03", "truncated=0.03", "second-line=0.05",
        "notice=0.1",
        "pin-cut=0.1", "cancel-cut=0.1", "stray=0.2", "unknown-status=0.1", "query-fails=0.1",
      ], ["SEVK_CHECK_DEADLINE": "12s"])
    var ids: [(Int, String)] = []
    for player in 1...24 { ids.append((player, try await sevk.post(player: player, product: "friend-60"))) }
    try await sevk.settled(ids.map(\.1))
    let audit = try await sevk.audit()
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    #expect((audit["doubles_by_reference"] as? [Any])?.isEmpty == true)
    let orders = audit["orders"] as? [[String: Any]] ?? []
    let books = Dictionary(orders.map { ($0["player"] as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    var completed = 0
    for (player, id) in ids {
      let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json
      let booked = books["\(player)"]
      switch order["status"] as? String {
      case "completed":
        completed += 1
        #expect(booked?["pin"] as? String == order["pin"] as? String, "\(player): \(order)")
      case "failed": #expect(booked == nil || booked?["state"] as? String == "cancelled", "\(player): \(order)")
      default: #expect(order["status"] as? String == "held", "\(player): \(order)")
      }
    }
    #expect(completed > 12)
    await sevk.stop()
  }
}
