import API
import Cipher
import EventLoop
import Foundation
import Orders
import PrivateServers
import TestSupport
import Testing

/// The customer's page of an order, with the real programs and no browser.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct OrderPageTests {
  private static let html = "text/html,application/xhtml+xml,*/*;q=0.8"

  private func start(_ environment: [String: String] = [:]) async throws -> Installation {
    let sevk = try await Installation.make(environment: environment)
    try await sevk.startAll()
    try await sevk.start("gateway")
    return sevk
  }

  private func events(_ timeline: Any?) -> [String] {
    (timeline as? [[String: Any]] ?? []).compactMap { $0["event"] as? String }
  }

  @Test func theCustomerSeesAndDoesWhatBelongsToThem() async throws {
    let sevk = try await start()
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    let path = try await sevk.pagePath(id)
    // Only who may read PINs has the link.
    let plain = try sevk.createToken("orders:read,orders:write")
    #expect(try await sevk.call("GET", "/v1/orders/\(id)", token: plain).json["page_url"] == nil)
    let listed = try await sevk.call("GET", "/v1/orders").json["orders"] as? [[String: Any]]
    #expect((listed?.first?["page_url"] as? String)?.hasSuffix(path) == true)

    let shown = try await sevk.page(path)
    #expect(shown.status == 200 && shown.header("Content-Type") == "application/json", "\(shown.text)")
    #expect(shown.json["status"] as? String == "completed" && shown.json["product"] as? String == "pubg-60")
    #expect(shown.json["stage"] is NSNull && shown.json["handover_code"] is NSNull)
    #expect(shown.json["may_show_pin"] as? Bool == true && shown.json["may_cancel"] as? Bool == false)
    let statuses = (shown.json["timeline"] as? [[String: Any]] ?? []).compactMap { $0["status"] as? String }
    #expect(statuses.first == "pending" && statuses.last == "completed")
    let pin = try #require(try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json["pin"] as? String)
    let page = try await sevk.page(path, accept: Self.html)
    #expect(page.text.contains("Your code is ready.") && !page.text.contains(pin) && !shown.text.contains(pin))
    #expect(page.header("ETag") != shown.header("ETag") && shown.header("ETag") != nil)

    // Asked again, nothing is said until something changes.
    let tag = try #require(page.header("ETag"))
    let same = try await sevk.page(path, accept: Self.html, headers: [("If-None-Match", tag)])
    #expect(same.status == 304 && same.text.isEmpty && same.header("ETag") == tag)

    let revealed = try await sevk.customer(path, "pin")
    #expect(revealed.status == 200 && revealed.json["pin"] as? String == pin, "\(revealed.text)")
    _ = try await sevk.customer(path, "pin")
    #expect(events(try await sevk.page(path).json["timeline"]).filter { $0 == "pin_shown" }.count == 1, "once a minute")
    let changed = try await sevk.page(path, accept: Self.html, headers: [("If-None-Match", tag)])
    #expect(changed.status == 200 && changed.text.contains("The code was shown on this page"))
    let told = try await sevk.call("GET", "/v1/orders/\(id)/timeline")
    #expect(events(told.json["timeline"]).contains("pin_shown"), "\(told.text)")
    #expect(try sevk.require("worker", ["order", "timeline", id]).contains("the PIN was shown on the customer's page"))

    try await rate(id, path, sevk)
    await sevk.stop()
  }

  private func rate(_ id: String, _ path: String, _ sevk: Installation) async throws {
    for (body, status) in [("[", 400), ("{}", 422), (#"{"stars":6}"#, 422)] {
      let answer = try await sevk.customer(path, "rating", body)
      #expect(answer.status == status && answer.header("Content-Type") == "application/problem+json", "\(answer.text)")
    }
    let before = try #require(try await sevk.call("GET", "/v1/orders/\(id)").json["version"] as? Int)
    let rated = try await sevk.customer(path, "rating", #"{"stars":4,"text":"çok <iyi>"}"#)
    #expect(rated.status == 200, "\(rated.text)")
    let again = try await sevk.customer(path, "rating", #"{"stars":1}"#)
    #expect(again.status == 409 && again.json["code"] as? String == "already_rated", "\(again.text)")
    let order = try await sevk.call("GET", "/v1/orders/\(id)")
    #expect(order.json["version"] as? Int == before + 1 && order.json["status"] as? String == "completed")
    let seen = try await sevk.events { $0.contains { $0.type == "sevk.order.rated" } }
    let event = try #require(seen.last { $0.type == "sevk.order.rated" })
    #expect(event.subject == id && event.sequence == before + 1 && event.text.contains("\"stars\":4"))
    #expect(!seen.contains { $0.text.contains("iyi") }, "what a customer wrote stands in no event")
    let page = try await sevk.page(path, accept: Self.html)
    #expect(page.text.contains("★★★★☆") && page.text.contains("çok &lt;iyi&gt;"))
    let shown = try await sevk.page(path).json["rating"] as? [String: Any]
    #expect(shown?["stars"] as? Int == 4 && shown?["text"] as? String == "çok <iyi>")
    let events = try await sevk.call("GET", "/v1/events?types=sevk.order.rated")
    #expect(events.status == 200 && events.text.contains("\"stars\":4"), "\(events.text)")
    let changes = try await sevk.call("GET", "/v1/orders?order=changed")
    #expect(changes.text.contains(id))
  }

  @Test func whoHasNoLinkLearnsNothing() async throws {
    let sevk = try await start()
    let (first, second) = (try await sevk.post(player: 1), try await sevk.post(player: 2))
    try await sevk.settled([first, second])
    let path = try await sevk.pagePath(first)
    let token = String(path.dropFirst(3))
    let other = String(try await sevk.pagePath(second).dropFirst(3))
    let bytes = [token, other].compactMap { Base64.decodeURLSafe($0) }
    let strange = try Vault(keys: Base64.encode([UInt8](repeating: 9, count: 32)))
    let vault = try Vault(keys: try #require(sevk.environment["SEVK_SECRET_KEY"]))
    var random = SystemRandomNumberGenerator()
    let forged = [
      String(token.dropLast()), token + "A", String(token.reversed()), "x", "",
      Base64.encodeURLSafe(Array(bytes[0].prefix(16) + bytes[1].suffix(16))),
      PageToken.make(try #require(OrderID(first)), strange),
      // Rightly made, of an order that there is not.
      PageToken.make(OrderID(milliseconds: 1, using: &random), vault),
    ]
    var answers: Set<String> = []
    for bad in forged {
      let answer = try await sevk.page("/o/\(bad)")
      #expect(answer.status == 404, "\(bad): \(answer.text)")
      answers.insert(answer.text)
    }
    #expect(answers.count == 1, "each is answered alike")
    let page = try await sevk.page("/o/\(forged[1])", accept: Self.html, headers: [("Accept-Language", "tr")])
    #expect(page.status == 404 && page.text.contains("Bu bağlantı çalışmıyor"), "\(page.text)")
    for (method, rest, status) in [
      ("GET", "/none", 404), ("GET", "/pin/x", 404), ("PUT", "", 405), ("POST", "", 405), ("DELETE", "/pin", 405),
      ("GET", "/ws", 426), ("GET", "/logo", 404),
    ] {
      #expect(try await sevk.page(path + rest, method: method).status == status, "\(method) \(rest)")
    }
    // Who tries many is slowed down; who has a link is not.
    var last = 0
    for _ in 0..<40 where last != 429 { last = try await sevk.page("/o/\(forged[2])").status }
    #expect(last == 429)
    #expect(try await sevk.page(path).status == 200)
    // Nor can one link be used without end.
    var posted: [Int] = []
    for _ in 0..<12 { posted.append(try await sevk.customer(path, "pin").status) }
    #expect(posted.prefix(10).allSatisfy { $0 == 200 } && posted.contains(429), "\(posted)")
    #expect(!sevk.logs.contains(token), "a log has a token")

    sevk.kill("gateway")
    sevk.setEnvironment("SEVK_SECRET_KEY", nil)
    try await sevk.start("gateway")
    let none = try await sevk.page(path)
    #expect(none.status == 404 && none.text.contains("it has no secret key"), "\(none.text)")
    #expect(sevk.process("gateway")?.errors.contains("serving no pages of orders") == true)
    await sevk.stop()
  }

  @Test func withoutAScriptItsFormsWork() async throws {
    let sevk = try await start()
    let done = try await sevk.post(player: 1)
    try await sevk.settled([done])
    let path = try await sevk.pagePath(done)
    let pin = try #require(try await sevk.call("GET", "/v1/orders/\(done)?include=pin").json["pin"] as? String)
    let shown = try await sevk.submit(path, "pin")
    #expect(shown.status == 200 && shown.text.contains(">\(pin)</code>"), "\(shown.text)")
    #expect(shown.header("Cache-Control") == "no-store" && shown.header("Referrer-Policy") == "no-referrer")
    // Its reload is the page, which shows none.
    let reload = try await sevk.page("\(path)/pin", accept: Self.html)
    #expect(reload.status == 303 && reload.header("Location") == path)
    let empty = try await sevk.submit(path, "rating", "text=x")
    #expect(empty.status == 422 && empty.text.contains("Choose 1 to 5 stars") && empty.text.contains("<form"))
    let rated = try await sevk.submit(path, "rating", "stars=5&text=iyi")
    #expect(rated.status == 303 && rated.header("Location") == "\(path)?done=rating")
    #expect(try await sevk.page("\(path)?done=rating", accept: Self.html).text.contains("Thank you!"))
    let late = try await sevk.submit(path, "cancel")
    #expect(late.header("Location") == "\(path)?done=cancel")
    let refused = try await sevk.page("\(path)?done=cancel", accept: Self.html)
    #expect(refused.text.contains("it was delivered"), "\(refused.text)")

    // A claim as the shop's: what was not sent is cancelled, and the story says by whom.
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    let waiting = try await sevk.post(player: 2)
    let claimed = try await sevk.pagePath(waiting)
    #expect(try await sevk.customer(claimed, "rating", #"{"stars":5}"#).json["code"] as? String == "not_completed")
    #expect(try await sevk.customer(claimed, "pin").json["code"] as? String == "not_completed")
    #expect(try await sevk.page(claimed, accept: Self.html).text.contains("Cancel the order"))
    let cancelled = try await sevk.customer(claimed, "cancel")
    #expect(cancelled.status == 200 && cancelled.json["refund_safe"] as? String == "yes", "\(cancelled.text)")
    #expect(cancelled.json["status"] as? String == "cancelled")
    let order = try await sevk.call("GET", "/v1/orders/\(waiting)")
    #expect(order.json["refund_claimed_at"] != nil && order.json["reason_code"] as? String == "refund_claimed")
    let why = try sevk.require("worker", ["order", "timeline", waiting])
    #expect(
      why.contains("the customer, by the order's page") && why.contains("cancelled on the order's page"), "\(why)")
    let page = try await sevk.page("\(claimed)?done=cancel", accept: Self.html)
    #expect(page.text.contains("data-status=\"cancelled\"") && !page.text.contains("Cancel the order"))
    await sevk.stop()
  }

  @Test func aTenantSaysHowItLooksAndMayShowNoPin() async throws {
    let sevk = try await start(["SEVK_PUBLIC_URL": "https://live.shop.example/live"])
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    let order = try await sevk.call("GET", "/v1/orders/\(id)")
    #expect((order.json["page_url"] as? String)?.hasPrefix("https://live.shop.example/live/o/") == true)
    let path = try await sevk.pagePath(id)
    for (flags, part) in [
      ([], "nothing to change"), (["--page-colour", "red"], "--page-colour"), (["--page-pin", "no"], "--page-pin"),
      (["--page-name", String(repeating: "x", count: 61)], "--page-name"),
      (["--page-logo", "/none"], "--page-logo"), (["--page-logo", "\(Repository.root)/README.md"], "neither an SVG"),
      (["--page-logo", "\(Repository.root)/LICENSE"], "--page-logo"),
    ] {
      let refused = try sevk.command("dispatcher", ["tenant", "set", "shop"] + flags)
      #expect(refused.code == 64 && refused.errors.contains(part), "\(flags): \(refused.errors)")
    }
    #expect(try sevk.command("dispatcher", ["tenant", "set", "none", "--page-pin", "off"]).code == 64)
    let logo = "\(sevk.folder)/logo.svg"
    let svg = #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>"#
    try svg.write(toFile: logo, atomically: true, encoding: .utf8)
    try sevk.require(
      "dispatcher",
      [
        "tenant", "set", "shop", "--page-name", "Ayşe <Games>", "--page-colour", "#2B6CB0", "--page-logo", logo,
        "--page-pin", "off",
      ])
    let list = try sevk.require("dispatcher", ["tenant", "list", "--json"])
    #expect(list.contains("\"page_colour\":\"#2b6cb0\"") && list.contains("\"page_pin\":false"), "\(list)")
    try await Waiting.until("the gateway follows", within: .seconds(10)) {
      try await sevk.page(path, accept: Self.html).text.contains("Ayşe &lt;Games&gt;")
    }
    let page = try await sevk.page(path, accept: Self.html)
    #expect(page.text.contains("c=2b6cb0") && page.text.contains("You get the code from the shop itself"))
    #expect(page.text.contains("src=\"/live\(path)/logo?v="))
    let picture = try await sevk.page("\(path)/logo")
    #expect(picture.text == svg && picture.header("Content-Type") == "image/svg+xml")
    #expect(picture.header("Content-Security-Policy")?.contains("sandbox") == true)
    let refused = try await sevk.customer(path, "pin")
    #expect(refused.status == 403 && refused.json["code"] as? String == "forbidden", "\(refused.text)")
    #expect(try await sevk.submit(path, "pin").status == 403)
    #expect(events(try await sevk.page(path).json["timeline"]).contains("pin_shown") == false)
    // The name alone is taken back; the rest stays.
    try sevk.require("dispatcher", ["tenant", "set", "shop", "--page-name", "off", "--page-pin", "on"])
    try await Waiting.until("the gateway follows", within: .seconds(10)) {
      try await sevk.page(path).json["may_show_pin"] as? Bool == true
    }
    #expect(try await sevk.page(path, accept: Self.html).text.contains("c=2b6cb0"))
    await sevk.stop()
  }

  @Test func aChangeIsToldAtOnceAndAContestedPinIsNotShown() async throws {
    let panel = StubPanel()
    let sevk = try await Installation.make()
    try sevk.require(
      "dispatcher", ["provider", "set", "panel", "--base-url", try await panel.start(), "--second-look", "1s"])
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    try await sevk.startAll()
    try await sevk.start("gateway")
    let id = try await sevk.post(player: 1)
    let path = try await sevk.pagePath(id)
    let call = try await RawCall(sevk.live)
    await call.send("GET \(path)/ws HTTP/1.1\r\nHost: a\r\n\(Installation.upgrade)\r\n")
    #expect(await call.until("\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
    try sevk.require("worker", ["queue", "resume", "dispatch"])
    let frames = await call.until("\"status\":\"completed\"")
    #expect(frames.contains("{\"type\":\"order_status_changed\",\"status\":\"completed\",\"version\":"), "\(frames)")
    let pin = try #require(try await sevk.customer(path, "pin").json["pin"] as? String)

    panel.set { $0.status = "OK|3| |İade edildi" }
    let more = await call.until("\"status\":\"contested\"")
    #expect(more.contains("contested") && !more.contains(pin))
    let refused = try await sevk.customer(path, "pin")
    #expect(refused.status == 409 && refused.json["code"] as? String == "contested", "\(refused.text)")
    let page = try await sevk.submit(path, "pin")
    #expect(page.status == 409 && page.text.contains("not shown while the order is being checked"))
    #expect(!page.text.contains(pin) && !page.text.contains("Cancel the order"))
    await call.close()
    await sevk.stop()
    await panel.stop()
  }
}
