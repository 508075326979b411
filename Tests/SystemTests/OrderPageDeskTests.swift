import Cipher
import EventLoop
import Foundation
import Postgres
import PrivateServers
import TestSupport
import Testing

/// The customer's page of an order that people fulfil.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct OrderPageDeskTests {
  @Test func itSaysHowFarItIsAndWhoHasIt() async throws {
    let sevk = try await Installation.make()
    for arguments in [
      ["partner", "add", "ali", "--tenant", "shop", "--phone", "+905551234567"],
      ["provider", "add", "kitchen", "--adapter", "desk", "--partner", "ali"],
      [
        "route", "add", "--tenant", "shop", "--product", "lunch", "--provider", "kitchen", "--flow", "pickup",
        "--handover", "code",
      ],
    ] { try sevk.require("dispatcher", arguments) }
    try await sevk.startAll()
    try await sevk.start("gateway")
    let pool = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    func sent(_ player: Int) async throws -> (id: String, path: String) {
      let id = try await sevk.post(player: player, product: "lunch")
      _ = try await sevk.events { $0.contains { $0.type == "sevk.order.sent" && $0.subject == id } }
      return (id, try await sevk.pagePath(id))
    }

    // Nobody has it: it can be cancelled.
    let free = try await sent(1)
    let offered = try await sevk.page(free.path)
    #expect(offered.json["stage"] as? String == "offered" && offered.json["partner"] is NSNull, "\(offered.text)")
    #expect(offered.json["stage_text"] as? String == "Looking for somebody to do it")
    #expect(offered.json["handover_code"] is NSNull)
    let cancelled = try await sevk.customer(free.path, "cancel")
    #expect(cancelled.json["status"] as? String == "cancelled", "\(cancelled.text)")
    #expect(cancelled.json["refund_safe"] as? String == "yes" && cancelled.json["cancel_requested"] == nil)

    // What the partner API writes.
    let held = try await sent(2)
    let vault = try Vault(keys: try #require(sevk.environment["SEVK_SECRET_KEY"]))
    let code = try vault.seal(Array("K7WX-94PQ".utf8), context: "handover:\(held.id)")
    let hex = code.map { String(format: "%02x", $0) }.joined()
    for sql in [
      """
      UPDATE fulfilments SET came_from = 'offered', stage = 'accepted', revision = 2, deadline = now() + interval '1 day',
        partner_id = (SELECT id FROM partners WHERE name = 'ali'), code = decode('\(hex)', 'hex')
        WHERE order_id = '\(held.id)'
      """, "UPDATE offers SET came_from = 'offered', state = 'accepted' WHERE order_id = '\(held.id)'",
      "UPDATE orders SET stage = 'accepted', version = version + 1 WHERE id = '\(held.id)'",
    ] { _ = try await pool.run(PostgresStatement(name: "", sql: sql), []) }
    let shown = try await sevk.page(held.path)
    #expect(shown.json["stage"] as? String == "accepted", "\(shown.text)")
    #expect(shown.json["handover_code"] as? String == "K7WX-94PQ", "\(shown.text)")
    let partner = shown.json["partner"] as? [String: Any]
    #expect(partner?["name"] as? String == "ali" && partner?["phone"] as? String == "+905551234567")
    let html = try await sevk.page(held.path, accept: "text/html")
    #expect(html.text.contains(">K7WX-94PQ</code>") && html.text.contains("<svg") && html.text.contains("Accepted"))
    #expect(html.text.contains("href=\"tel:+905551234567\""))

    // Somebody has it: they are asked, and the page says so.
    let asked = try await sevk.customer(held.path, "cancel")
    #expect(asked.json["cancel_requested"] as? Bool == true, "\(asked.text)")
    #expect(asked.json["refund_safe"] as? String == "no" && asked.json["status"] as? String == "sent")
    let why = try sevk.require("worker", ["order", "why", held.id])
    #expect(why.contains("The customer wants it cancelled since"), "\(why)")
    await pool.close()
    await sevk.stop()
  }
}
