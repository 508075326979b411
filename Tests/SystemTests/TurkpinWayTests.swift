import Foundation
import TestSupport
import Testing

/// Orders at a provider that takes no reference of ours, with the real programs, held against its books.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct TurkpinWayTests {
  private static let product = "epin-60"

  private func make(_ faults: [String], _ environment: [String: String] = [:]) async throws -> Installation {
    let sevk = try await Installation.make(panel: faults.flatMap { ["--fault", $0] }, environment: environment)
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "seller", "--adapter", "turkpin", "--base-url", "http://\(sevk.panel)", "--timeout", "1s",
        "--credential", "username=555", "--credential", "password=panel-secret",
      ])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", Self.product, "--provider", "seller", "--param", "oyunKodu=1",
        "--param", "urunKodu=101", "--param", "character={player_id}", "--pin", "required",
      ])
    try await sevk.startAll()
    return sevk
  }

  private func books(_ sevk: Installation) async throws -> [String: [String: Any]] {
    let audit = try await sevk.audit()
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    let orders = audit["orders"] as? [[String: Any]] ?? []
    return Dictionary(orders.map { ($0["player"] as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
  }

  @Test func deliversWhatItWasToldTheNumberOf() async throws {
    let sevk = try await make([])
    let id = try await sevk.post(player: 1, product: Self.product)
    try await sevk.settled([id])
    let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json
    let booked = try #require(try await books(sevk).values.first)
    #expect(order["status"] as? String == "completed" && order["pin"] as? String == booked["pin"] as? String)
    #expect((booked["queries"] as? Int ?? 0) >= 2)
    let shown = try sevk.require("worker", ["order", "timeline", id])
    #expect(shown.contains("<siparisNo>\(booked["reference"] as? String ?? "-")"), "\(shown)")
    #expect(!shown.contains("panel-secret") && !sevk.logs.contains("panel-secret"))
    await sevk.stop()
  }

  /// Nobody can be asked, so a person is; nothing is asked by our reference, and nothing is sent again.
  @Test(arguments: ["lose-answer=#1", "refuse-booked=#1", "drop-request=#1"])
  func whatWasLostIsAPersonsAtOnce(_ fault: String) async throws {
    let sevk = try await make([fault])
    let id = try await sevk.post(player: 1, product: Self.product)
    let events = try await sevk.settled([id])
    #expect(events.map(\.type) == ["sevk.order.created", "sevk.order.unresolved", "sevk.order.held"])
    let order = try await sevk.call("GET", "/v1/orders/\(id)").json
    #expect(order["reason_code"] as? String == "cannot_be_asked" && order["refund_safe"] as? String != "yes")
    let audit = try await sevk.audit()
    #expect(audit["sends"] as? Int == 1 && audit["queries"] as? Int == 0)
    let why = try sevk.require("worker", ["order", "why", id])
    for words in ["list of orders from 20", "UTC", "product epin-60, amount 1", "resolve \(id) --completed"] {
      #expect(why.contains(words), "\(words): \(why)")
    }
    // That it is there can't be asked about, and our reference is on no panel.
    #expect(!why.contains("--received ") && !why.contains("Look for reference"), "\(why)")
    if fault.hasPrefix("refuse") { #expect(why.contains("said of the send"), "\(why)") }
    await sevk.stop()
  }

  /// A reminder of everything at once: whatever is lost or spoilt, nobody's order is bought twice, and each end is true.
  @Test func theBooksAgreeUnderFaults() async throws {
    let sevk = try await make(
      [
        "lose-answer=0.2", "refuse-booked=0.1", "5xx=0.1", "empty=0.1", "truncated=0.1", "second-line=0.1",
        "notice=0.1",
        "pin-cut=0.1", "cancel-cut=0.1", "stray=0.2", "unknown-status=0.1",
      ], ["SEVK_CHECK_DEADLINE": "8s"])
    var ids: [(Int, String)] = []
    for player in 1...24 { ids.append((player, try await sevk.post(player: player, product: Self.product))) }
    try await sevk.settled(ids.map(\.1))
    let books = try await books(sevk)
    var ends: [String: Int] = [:]
    for (player, id) in ids {
      let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json
      let booked = books["\(player)"] ?? books["player-\(player)"]
      let status = order["status"] as? String ?? ""
      ends[status, default: 0] += 1
      switch status {
      case "completed": #expect(booked?["pin"] as? String == order["pin"] as? String, "\(player): \(order)")
      case "failed", "cancelled":
        #expect(booked == nil || booked?["state"] as? String == "cancelled", "\(player): \(order)")
      default: #expect(status == "held", "\(player): \(order)")
      }
      if let booked { #expect(booked["debits"] as? Int == 1, "\(player)") }
    }
    // It shows something only where both came about.
    #expect((ends["completed"] ?? 0) > 3 && (ends["held"] ?? 0) > 3, "\(ends)")
    await sevk.stop()
  }
}
