import EventLoop
import Foundation
import Postgres
import PrivateServers
import TestSupport
import Testing

/// Orders that people fulfil, with the real programs: set up by commands, offered, gone on with when nobody takes them, cancelled.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct DeskTests {
  private static func install() async throws -> Installation {
    let sevk = try await Installation.make()
    for (name, phone) in [("ali", "+90 555 123 45 67"), ("veli", "+905551234568")] {
      try sevk.require(
        "dispatcher", ["partner", "add", name, "--tenant", "shop", "--phone", phone, "--language", "tr"])
    }
    return sevk
  }

  private static func desk(_ sevk: Installation, _ name: String, _ flags: [String], _ route: [String] = []) throws {
    try sevk.require("dispatcher", ["provider", "add", name, "--adapter", "desk"] + flags)
    try sevk.require(
      "dispatcher",
      ["route", "add", "--tenant", "shop", "--product", "lunch", "--provider", name, "--flow", "pickup"] + route)
  }

  @Test func whatIsWrongIsSaidByItsFlag() async throws {
    let sevk = try await Self.install()
    func refused(_ arguments: [String], _ words: String) throws {
      let result = try sevk.command("dispatcher", arguments)
      #expect(result.code == 64 && result.errors.contains(words), "\(arguments): \(result.code) \(result.errors)")
    }
    let add = ["partner", "add", "can", "--tenant", "shop", "--phone"]
    try refused(
      add + ["05551234567"], "--phone is \"05551234567\", but must be a number with its country, such as +905551234567")
    try refused(add + ["+905551234567", "--language", "xx"], "--language is \"xx\"")
    try refused(add + ["+905551234567", "--telegram", "no chat"], "--telegram is the number of a chat")
    try refused(
      ["partner", "add", "ali", "--tenant", "shop", "--phone", "+905551234567"], "already has a partner named ali")
    try refused(["partner", "add", "can", "--tenant", "none", "--phone", "+905551234567"], "no tenant named none")
    let desk = ["provider", "add", "kitchen", "--adapter", "desk"]
    try refused(desk, "--partner is missing")
    try refused(desk + ["--partner", "nobody"], "there is no partner named nobody")
    try refused(desk + ["--partner", "ali", "--partner", "shop/ali"], "is given twice")
    try refused(desk + ["--partner", "ali", "--offer", "some"], "--offer is \"some\"")
    try refused(desk + ["--partner", "ali", "--accept-within", "0s"], "--accept-within is \"0s\"")
    try refused(desk + ["--partner", "ali", "--when-nobody", "later"], "--when-nobody is \"later\"")
    try refused(desk + ["--partner", "ali", "--base-url", "http://x.example"], "--base-url does not go with")
    try refused(
      ["provider", "add", "x", "--adapter", "stock", "--partner", "ali"], "--partner goes with --adapter desk")
    try sevk.require("dispatcher", desk + ["--partner", "ali"])
    let route = ["route", "add", "--tenant", "shop", "--product", "lunch", "--provider"]
    try refused(route + ["kitchen"], "--flow is missing")
    try refused(route + ["kitchen", "--flow", "walk"], "--flow is \"walk\"")
    try refused(route + ["kitchen", "--flow", "work", "--handover", "qr"], "--handover is \"qr\"")
    try refused(route + ["kitchen", "--flow", "work", "--pin", "required"], "people give no PINs")
    try refused(route + ["panel", "--flow", "work"], "--flow goes with a provider of the adapter desk")
    try sevk.require("dispatcher", route + ["kitchen", "--flow", "work"])

    // A partner of two tenants' name has to be told apart.
    try sevk.require("dispatcher", ["tenant", "add", "other"])
    try sevk.require("dispatcher", ["partner", "add", "ali", "--tenant", "other", "--phone", "+905550000000"])
    try refused(
      ["provider", "set", "kitchen", "--partner", "ali"], "several tenants have a partner named ali; say which: ")
    try sevk.require("dispatcher", ["provider", "set", "kitchen", "--partner", "shop/veli", "--offer", "first"])
    let listed = try sevk.require("dispatcher", ["provider", "list"])
    #expect(listed.contains("offers to first of shop/veli for 15m, then held"), "\(listed)")
    let token = try sevk.require(
      "dispatcher", ["partner", "token", "create", "ali", "--tenant", "shop", "--name", "phone"])
    #expect(token.hasPrefix("sevk_"))
    #expect(try sevk.require("dispatcher", ["partner", "token", "list"]).contains("phone"))
    try sevk.require("dispatcher", ["partner", "token", "revoke", "1"])
    try refused(["partner", "token", "revoke", "1"], "no working token 1")
    try sevk.require(
      "dispatcher", ["partner", "set", "veli", "--tenant", "shop", "--state", "away", "--telegram", "12345"])
    #expect(try sevk.require("dispatcher", ["partner", "list", "--tenant", "shop"]).contains("AWAY"))
    try sevk.require("dispatcher", ["partner", "remove", "veli", "--tenant", "shop"])
    #expect(try !sevk.require("worker", ["partner", "list"]).contains("veli"))
    try refused(["partner", "remove", "veli", "--tenant", "shop"], "has no partner named veli")
    await sevk.stop()
  }

  @Test func aSetUpFileHasPartnersAndDesks() async throws {
    let sevk = try await Self.install()
    let path = "\(sevk.folder)/setup.yaml"
    func apply(_ text: String, _ more: String...) throws -> ChildProgram.Result {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return try sevk.command("dispatcher", ["apply", path] + more)
    }
    let file = """
      partners:
        - {tenant: shop, name: ali, phone: "+905551234567", language: tr, state: away}
        - {tenant: shop, name: can, phone: "+905551234569"}
      providers:
        - {name: kitchen, adapter: desk, partners: [shop/can, shop/ali], offer: first, accept_within: 5m, when_nobody: next}
      routes:
        - {tenant: shop, product: lunch, provider: kitchen, params: {flow: pickup, handover: code}}
      """
    #expect(try apply(file.replacing("shop/can", with: "shop/nobody"), "--yes").errors.contains("names shop/nobody"))
    #expect(try apply(file.replacing("shop/can", with: "can"), "--yes").errors.contains("TENANT/NAME"))
    #expect(
      try apply(file.replacing("+905551234569", with: "0555"), "--yes").errors.contains("partners[1].phone is \"0555\"")
    )
    let dry = try apply(file, "--dry-run", "--prune")
    for line in [
      "~ partner shop ali", "    state: away", "+ partner shop can", "- partner shop veli", "+ provider kitchen",
    ] {
      #expect(dry.output.contains(line), "\(line): \(dry.output) \(dry.errors)")
    }
    let done = try apply(file, "--yes")
    #expect(done.code == 0, "\(done.errors) \(done.output)")
    let listed = try sevk.require("dispatcher", ["provider", "list"])
    #expect(listed.contains("offers to first of shop/can, shop/ali for 5m, then next"), "\(listed)")
    #expect(try apply(file, "--yes").output.contains("nothing to change"))
    let exported = try sevk.require("dispatcher", ["export", "--setup", "--format", "yaml"])
    let again = try apply(exported, "--yes")
    #expect(again.output.contains("nothing to change"), "\(again.output) \(again.errors)")
    await sevk.stop()
  }

  @Test func whatNobodyTakesGoesOnByItself() async throws {
    let sevk = try await Self.install()
    try Self.desk(sevk, "kitchen", ["--partner", "ali", "--accept-within", "1s", "--when-nobody", "next"])
    try Self.desk(sevk, "bar", ["--partner", "veli", "--accept-within", "1s", "--when-nobody", "failed"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1, product: "lunch")
    let events = try await sevk.settled([id]).filter { $0.subject == id }
    #expect(
      events.map { $0.type.replacing("sevk.order.", with: "") } == ["created", "sent", "sent", "failed"], "\(events)")
    #expect(
      events[1].text.contains("\"stage\":\"offered\"") && events[3].text.contains("\"reason_code\":\"nobody_accepted\"")
    )
    #expect(events[3].text.contains("\"refund_safe\":\"yes\""))
    let timeline = try sevk.require("worker", ["order", "timeline", id])
    #expect(timeline.contains("nobody took it within 1s"), "\(timeline)")
    let order = try await sevk.call("GET", "/v1/orders/\(id)").json
    #expect(order["status"] as? String == "failed" && order["stage"] as? String == "offered", "\(order)")
    await sevk.stop()
  }

  @Test func aClaimCancelsWhatNobodyHasAndAsksWhoeverHasIt() async throws {
    let sevk = try await Self.install()
    try Self.desk(sevk, "kitchen", ["--partner", "ali", "--partner", "veli"], ["--handover", "code"])
    try await sevk.startAll()
    let pool = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    func sent(_ player: Int) async throws -> String {
      let id = try await sevk.post(player: player, product: "lunch")
      _ = try await sevk.events { $0.contains { $0.type == "sevk.order.sent" && $0.subject == id } }
      return id
    }
    let free = try await sent(1)
    var why = try sevk.require("worker", ["order", "why", free])
    #expect(why.contains("It has been offered to ali and veli for") && why.contains("it waits for a person"), "\(why)")
    #expect(try sevk.require("worker", ["partner", "show", "ali"]).contains(free))
    let safe = try await sevk.call("POST", "/v1/orders/\(free)/refund-claim")
    #expect(safe.status == 200 && safe.json["refund_safe"] as? String == "yes", "\(safe.text)")
    let held = try await sent(2)
    // What the partner API writes, with a code that nobody here reads.
    for sql in [
      """
      UPDATE fulfilments SET came_from = 'offered', stage = 'accepted', revision = 2, deadline = now() + interval '1 day',
        partner_id = (SELECT id FROM partners WHERE name = 'ali') WHERE order_id = '\(held)'
      """,
      """
      UPDATE offers SET came_from = 'offered', state = CASE WHEN partner_id = (SELECT id FROM partners WHERE name = 'ali')
        THEN 'accepted' ELSE 'withdrawn' END WHERE order_id = '\(held)'
      """, "UPDATE orders SET stage = 'accepted', version = version + 1 WHERE id = '\(held)'",
    ] { _ = try await pool.run(PostgresStatement(name: "", sql: sql), []) }
    why = try sevk.require("worker", ["order", "why", held])
    #expect(why.contains("ali accepted it") && why.contains("it was offered to veli too"), "\(why)")
    let asked = try await sevk.call("POST", "/v1/orders/\(held)/cancel")
    #expect(asked.status == 202 && asked.json["reason_code"] as? String == "cancel_requested", "\(asked.text)")
    let claim = try await sevk.call("POST", "/v1/orders/\(held)/refund-claim")
    #expect(claim.status == 202 && claim.json["cancel_requested"] as? Bool == true, "\(claim.text)")
    #expect(claim.json["refund_safe"] as? String == "no" && claim.json["refund_claimed_at"] != nil)
    why = try sevk.require("worker", ["order", "why", held])
    #expect(why.contains("The shop wants it cancelled since") && why.contains("ali has not answered"), "\(why)")
    let books = try sevk.command(
      "worker", ["provider", "reconcile", "kitchen", "--from", "2020-01-01", "--to", "2099-01-01", "--json"])
    // What is still with people is on both sides, and settled on neither.
    #expect(books.code == 1 && books.output.contains("\"lines\":1"), "\(books.output) \(books.errors)")
    #expect(books.output.contains("\"unsettled\":{\"count\":1") && !books.output.contains("missing"), "\(books.output)")
    await pool.close()
    await sevk.stop()
  }
}
