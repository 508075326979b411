import CrashPoints
import Foundation
import PrivateServers
import TestSupport
import Testing

/// Claims of refunds, second looks and a person's moves by HTTP, on the real programs.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct RefundTests {
  private func claim(_ id: String, _ sevk: Installation) async throws -> [String: Any] {
    let answer = try await sevk.call("POST", "/v1/orders/\(id)/refund-claim")
    #expect(answer.status == 200, "\(answer.text)")
    return answer.json
  }

  private func proof(_ json: [String: Any]) -> String? { (json["evidence"] as? [String: Any])?["proof"] as? String }

  @Test func everyOrderAndEventSaysWhetherARefundIsSafe() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    let events = try await sevk.settled([id])
    for event in events {
      let json = try #require(try JSONSerialization.jsonObject(with: Data(event.text.utf8)) as? [String: Any])
      let data = try #require(json["data"] as? [String: Any])
      #expect(data["refund_safe"] as? String == "no" && proof(data) != nil)
      #expect(data["version"] as? Int == event.sequence)
      #expect((json["sequence"] as? String)?.utf8.count == 10)
    }
    let order = try await sevk.call("GET", "/v1/orders/\(id)").json
    #expect(order["refund_safe"] as? String == "no" && proof(order) == "delivered")
    let listed = try await sevk.call("GET", "/v1/orders?order=changed").json["orders"] as? [[String: Any]]
    #expect(listed?.first?["refund_safe"] as? String == "no")
    let told = try await claim(id, sevk)
    #expect(told["refund_safe"] as? String == "no" && told["reason"] as? String == "it was delivered")
    #expect(try sevk.require("worker", ["order", "show", id]).contains("refund safe"))
    await sevk.stop()
  }

  /// Paused, so that the order waits: the claim withdraws it, twice said is once, and nothing is sent afterwards.
  @Test func aPendingOrderIsWithdrawn() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    try sevk.require("worker", ["provider", "pause", "panel"])
    let id = try await sevk.post(player: 1)
    for _ in 1...3 {
      let told = try await claim(id, sevk)
      #expect(told["refund_safe"] as? String == "yes" && told["status"] as? String == "cancelled")
      #expect(proof(told) == "never_sent" && told["refund_claimed_at"] != nil)
    }
    try sevk.require("worker", ["provider", "resume", "panel"])
    try await sevk.settled([id])
    let next = try await sevk.post(player: 2)
    try await sevk.settled([next])
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    #expect(
      try await sevk.rows("SELECT what || ' ' || from_status || ' ' || to_status FROM audits") == [
        "refund_claim pending cancelled"
      ])
    #expect(try sevk.require("worker", ["order", "timeline", id]).contains("refund claimed by"))
    let reader = try sevk.createToken("orders:read")
    #expect(try await sevk.call("POST", "/v1/orders/\(id)/refund-claim", token: reader).status == 403)
    #expect(try await sevk.call("POST", "/v1/orders/nobody/refund-claim").status == 404)
    await sevk.stop()
  }

  /// The answer is lost and the panel never got it: instead of sending it again, what proves that withdraws it.
  @Test func whatIsProvedNotReceivedIsWithdrawn() async throws {
    let sevk = try await Installation.make(provider: Installation.trusting)
    try await sevk.startAll()
    try await sevk.settled([try await sevk.post(player: 1)])
    try await sevk.setFaults(#"{"drop-request":1}"#)
    let id = try await sevk.post(player: 2)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.unresolved" && $0.subject == id } }
    let told = try await claim(id, sevk)
    #expect(told["refund_safe"] as? String == "unknown" && proof(told) == "answer_lost")
    #expect(try sevk.require("worker", ["order", "why", id]).contains("claimed the refund"))
    // It dropped the questions as well.
    try await sevk.setFaults(#"{"drop-request":0}"#)
    let events = try await sevk.settled([id])
    #expect(events.last { $0.subject == id }?.type == "sevk.order.cancelled")
    let after = try await claim(id, sevk)
    #expect(after["refund_safe"] as? String == "yes" && proof(after) == "not_received")
    #expect(try await sevk.rows("SELECT state FROM attempts WHERE order_id = '\(id)'") == ["not_received"])
    await sevk.stop()
  }

  /// A sender is frozen between its decision and its intent: the claim comes first, so nothing is sent.
  @Test(arguments: [CrashPoint.sendAllowed, .sendIntended])
  func aClaimAgainstAFrozenSender(_ point: CrashPoint) async throws {
    let sevk = try await Installation.make(provider: Installation.trusting)
    try await sevk.startAll()
    try await sevk.settled([try await sevk.post(player: 1)])
    let first = try #require(sevk.process("dispatcher"))
    first.signal(SIGTERM)
    #expect(try await sevk.end(of: first) == 0)
    let zombie = try await sevk.start("dispatcher", environment: ["SEVK_STOP_AT": point.rawValue])
    async let posted = sevk.tryToPost(player: 2)
    try await sevk.waitUntilFrozen(zombie)
    try await sevk.start("dispatcher")
    let again = try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 2), key: "key-2")
    let id = try #require(again.json["id"] as? String)
    let told = try await claim(id, sevk)
    #expect(told["refund_safe"] as? String == (point == .sendAllowed ? "yes" : "no"))
    try await sevk.passTime()
    zombie.signal(SIGCONT)
    #expect(await posted == id)
    let events = try await sevk.settled([id])
    let end = try #require(events.last { $0.subject == id && $0.type != "sevk.order.unresolved" })
    let books = try #require(try await sevk.audit()["orders"] as? [[String: Any]])
    let isThere = books.contains { $0["player"] as? String == "2" }
    #expect(end.type == (isThere ? "sevk.order.completed" : "sevk.order.cancelled"))
    #expect(try await sevk.audit()["sends"] as? Int == (isThere ? 2 : 1))
    let last = try await claim(id, sevk)
    #expect(last["refund_safe"] as? String == (isThere ? "no" : "yes"))
    await sevk.stop()
  }

  /// Delivered, and reversed later: the second look finds it, and a person decides.
  @Test func whatTheProviderTakesBackIsContested() async throws {
    let panel = StubPanel()
    let sevk = try await Installation.make()
    try sevk.require(
      "dispatcher", ["provider", "set", "panel", "--base-url", try await panel.start(), "--second-look", "1s"])
    let boss = try sevk.createToken("orders:resolve,orders:read", ["--name", "boss"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    let pin = try #require(try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json["pin"] as? String)
    panel.set { $0.status = "OK|3| |İade edildi" }
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.contested" } }
    let order = try await sevk.call("GET", "/v1/orders/\(id)")
    #expect(order.json["status"] as? String == "contested" && order.json["refund_safe"] as? String == "no")
    #expect(order.json["reason_code"] as? String == "second_look")
    let refused = try await sevk.call("GET", "/v1/orders/\(id)?include=pin")
    #expect(refused.status == 409 && refused.json["code"] as? String == "contested" && !refused.text.contains(pin))
    #expect(try await claim(id, sevk)["refund_safe"] as? String == "no")
    #expect(try sevk.require("worker", ["order", "why", id]).contains("A person decides"))
    #expect(try sevk.require("worker", ["order", "list", "--status", "contested"]).contains("shop-1"))

    let moves = try await sevk.call("GET", "/v1/orders/\(id)/moves").json["moves"] as? [[String: Any]] ?? []
    #expect(
      moves.filter { $0["allowed"] as? Bool == true }.compactMap { $0["to"] as? String } == ["completed", "failed"])
    #expect(moves.allSatisfy { $0["allowed"] as? Bool == true || $0["why_not"] != nil })
    let path = "/v1/orders/\(id)/resolve"
    let body = #"{"completed":true,"note":"the panel was wrong"}"#
    #expect(try await sevk.call("POST", path, body: body).status == 403)
    for wrong in [#"{"completed":true}"#, #"{"note":"x"}"#, #"{"failed":true,"completed":true,"note":"x"}"#, "[]"] {
      #expect(try await sevk.call("POST", path, body: wrong, token: boss).status == 422, "\(wrong)")
    }
    let sent = try await sevk.call("POST", path, body: #"{"not_received":true,"note":"x"}"#, token: boss)
    #expect(sent.status == 409 && sent.json["code"] as? String == "not_resolvable", "\(sent.text)")
    let done = try await sevk.call("POST", path, body: body, token: boss)
    #expect(done.status == 200 && done.json["status"] as? String == "completed", "\(done.text)")
    #expect(try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json["pin"] as? String == pin)
    #expect(try await sevk.rows("SELECT what || ' ' || who FROM audits") == ["completed boss"])
    await sevk.stop()
    await panel.stop()
  }

  /// Claimed, proved not received, and told to be refundable: and then the panel has it after all.
  @Test func whatWasWithdrawnAndIsThereAfterAllIsContested() async throws {
    let panel = StubPanel()
    let sevk = try await Installation.make(provider: Installation.trusting)
    try sevk.require(
      "dispatcher", ["provider", "set", "panel", "--base-url", try await panel.start(), "--second-look", "1s"])
    // Paused before anybody can have read otherwise, so that the first is withdrawn before any send.
    try sevk.require("worker", ["provider", "pause", "panel"])
    try await sevk.startAll()
    let never = try await sevk.post(player: 4)
    #expect(try await claim(never, sevk)["refund_safe"] as? String == "yes")
    let refused = try await sevk.call("POST", "/v1/orders/\(never)/ask")
    #expect(refused.status == 409 && refused.text.contains("before any provider was sent it"), "\(refused.text)")
    try sevk.require("worker", ["provider", "resume", "panel"])
    try await sevk.settled([try await sevk.post(player: 1)])
    panel.set { $0.isHiding = true }
    let id = try await sevk.post(player: 2)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.unresolved" && $0.subject == id } }
    #expect(try await claim(id, sevk)["refund_safe"] as? String == "unknown")
    let events = try await sevk.settled([id])
    #expect(events.last { $0.subject == id }?.type == "sevk.order.cancelled")
    let told = try await claim(id, sevk)
    #expect(told["refund_safe"] as? String == "yes" && proof(told) == "not_received")
    panel.set { $0.isHiding = false }
    #expect(try await sevk.call("POST", "/v1/orders/\(id)/ask").status == 202)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.contested" && $0.subject == id } }
    let after = try await claim(id, sevk)
    #expect(after["refund_safe"] as? String == "no" && after["status"] as? String == "contested")
    let why = try sevk.require("worker", ["order", "why", id])
    #expect(why.contains("withdrawn here as not received") && why.contains("may have given the money back"), "\(why)")
    await sevk.stop()
    await panel.stop()
  }

  @Test func askingNowHappensOnceInTenSeconds() async throws {
    let panel = StubPanel()
    let sevk = try await Installation.make(environment: ["SEVK_CHECK_FIRST_DELAY": "10m"])
    try sevk.require("dispatcher", ["provider", "set", "panel", "--base-url", try await panel.start()])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.sent" } }
    let asked = try await sevk.call("POST", "/v1/orders/\(id)/ask")
    #expect(asked.status == 202, "\(asked.text)")
    let again = try await sevk.call("POST", "/v1/orders/\(id)/ask")
    #expect(again.status == 429 && Int(again.header("Retry-After") ?? "") ?? 0 > 5, "\(again.text)")
    let command = try sevk.command("worker", ["order", "ask", id])
    #expect(command.code == 1 && command.errors.contains("a moment ago"), "\(command.errors)")
    // Delivered ten minutes before the schedule would have asked.
    try await sevk.settled([id])
    panel.set { $0.status = "OK|3| |İade edildi" }
    _ = try await sevk.rows("UPDATE orders SET asked_at = asked_at - interval '11 seconds' RETURNING 'x'")
    try sevk.require("worker", ["queue", "pause", "check"])
    #expect(try sevk.require("worker", ["order", "ask", id, "--json"]).contains("\"asked\":true"))
    // Its job is of an order that ended, and nothing to mend; but looks that never come are.
    #expect(!(try sevk.command("worker", ["doctor", "--json"]).output.contains("jobs_without_order")))
    _ = try await sevk.rows("UPDATE event_tail SET kept_after = last + 1 RETURNING 'x'")
    _ = try await sevk.rows("INSERT INTO second_look_marks VALUES (3600000, 0) ON CONFLICT DO NOTHING RETURNING 'x'")
    let doctor = try sevk.command("worker", ["doctor"])
    #expect(doctor.code == 1 && doctor.output.contains("second looks after 1h"), "\(doctor.output)")
    try sevk.require("worker", ["queue", "resume", "check"])
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.contested" } }
    let refused = try await sevk.call("POST", "/v1/orders/\(id)/ask")
    #expect(refused.status == 409 && refused.json["code"] as? String == "not_askable")
    await sevk.stop()
    await panel.stop()
  }
}
