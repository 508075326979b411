import EventLoop
import Foundation
import Glibc
import PrivateServers
import TestSupport
import Testing

/// Live events by the gateway, with the real programs.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct LiveEventTests {
  /// The positions of all events by `GET /v1/events`, page by page.
  private func listed(_ sevk: Installation) async throws -> [Int64] {
    var (positions, after): ([Int64], Int64) = ([], 0)
    while true {
      let page = try await sevk.call("GET", "/v1/events?after=\(after)&limit=7")
      positions += (page.json["events"] as? [[String: Any]] ?? []).compactMap {
        ($0["position"] as? NSNumber)?.int64Value
      }
      after = (page.json["next"] as? NSNumber)?.int64Value ?? 0
      if page.json["has_more"] as? Bool != true { return positions }
    }
  }

  @Test func streamsGoOnWithoutGapOrDoubleWhateverDies() async throws {
    let sevk = try await Installation.make(ownPostgres: true)
    try await sevk.startAll()
    sevk.setEnvironment("SEVK_GATEWAY_ADDRESS", "127.0.0.1:\(try FreePort.find())")
    try await sevk.start("gateway")
    let reader = await LiveReader(address: sevk.live, token: sevk.token)
    let follower = try ChildProgram(
      PythonClient.interpreter,
      [try PythonClient.script("follow.py"), "ws://\(sevk.live)/v1/events/ws", sevk.token, "0"],
      environment: sevk.environment, folder: sevk.folder)
    var player = 0
    var all: [String] = []
    func post(_ count: Int) async throws {
      for _ in 0..<count {
        player += 1
        all.append(try await sevk.post(player: player))
      }
    }
    try await post(10)

    sevk.kill("gateway")
    try await post(5)
    try await sevk.start("gateway")
    try await post(5)

    try await sevk.redis.restart(empty: true)
    try await post(5)

    await sevk.postgres.kill()
    try await sevk.postgres.start()
    try await Waiting.until("the dispatcher is ready", within: .seconds(30)) {
      (try? await sevk.call("GET", "/readyz", token: nil).status) == 200
    }
    try await post(5)
    let ids = all
    try await Waiting.until("all orders are settled", within: .seconds(60)) {
      let orders = try await sevk.call("GET", "/v1/orders?limit=200").json["orders"] as? [[String: Any]] ?? []
      return orders.count == ids.count && orders.allSatisfy { $0["status"] as? String == "completed" }
    }
    try await Waiting.until("all events have positions", within: .seconds(30)) {
      try await sevk.call("GET", "/v1/events?types=sevk.order.completed&limit=1000").text
        .components(separatedBy: "\"status\":\"completed\"").count - 1 == ids.count
    }
    let wanted = try await listed(sevk)
    let last = try #require(wanted.last)
    #expect(wanted == Array(1...last), "the shop is alone, so no position is missing")
    await reader.until(last)
    try await Waiting.until("the other follower is there", within: .seconds(30)) {
      follower.output.contains("\n\(last)\n")
    }
    let positions = await reader.positions
    #expect(positions == wanted)
    #expect(follower.output.split(separator: "\n").compactMap { Int64($0) } == wanted, "\(follower.errors)")
    #expect(await reader.connections > 1)
    follower.signal(SIGKILL)
    follower.wait()
    await reader.stop()
    await sevk.stop()
  }

  @Test func foreignClientsAndBrowsersAreServed() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    // One that it comes back at.
    sevk.setEnvironment("SEVK_GATEWAY_ADDRESS", "127.0.0.1:\(try FreePort.find())")
    try await sevk.start("gateway")
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    func ticket() async throws -> String {
      let answer = try await sevk.call("POST", "/v1/tickets")
      #expect(answer.status == 201 && answer.json["expires_in"] as? Int == 30)
      return try #require(answer.json["ticket"] as? String)
    }

    // autobahn, with a ticket, which works once.
    let address = sevk.live.split(separator: ":").map(String.init)
    let used = try await ticket()
    let autobahn = try ChildProgram.run(
      PythonClient.interpreter, [try PythonClient.script("ticket.py"), address[0], address[1], used, "3"],
      environment: sevk.environment, folder: sevk.folder)
    #expect(
      Set(autobahn.output.split(separator: "\n").map(String.init)) == [
        "1", "2", "3", "pong there?", "closed True 1000",
      ],
      "\(autobahn.output) \(autobahn.errors)")
    let again = await sevk.live("/v1/events/ws?ticket=\(used)", Installation.upgrade)
    #expect(again.hasPrefix("HTTP/1.1 401 ") && again.contains("the ticket is unknown, used, or older than 30 seconds"))

    let browser = try await Chromium()
    let page = try await browser.page()
    try await page.open("http://\(sevk.live)/healthz")
    let socket =
      "new Promise((done, fail) => { const seen = [], s = new WebSocket('ws://\(sevk.live)/v1/events/ws?after=0&ticket="
      + "\(try await ticket())', 'sevk.events.v1'); s.onmessage = (m) => { seen.push(JSON.parse(m.data).position);"
      + " if (seen.length === 3) { s.close(); done(s.protocol + ' ' + seen) } }; s.onerror = () => fail('socket') })"
    #expect(try await page.text(socket) == "sevk.events.v1 1,2,3")
    let source =
      "new Promise((done, fail) => { const seen = [], s = new EventSource('http://\(sevk.live)/v1/events/stream?after=0"
      + "&types=sevk.order.sent,sevk.order.completed&ticket=\(try await ticket())');"
      + " for (const t of ['sevk.order.sent', 'sevk.order.completed']) s.addEventListener(t, (m) => {"
      + " seen.push(m.lastEventId + ' ' + JSON.parse(m.data).data.status);"
      + " if (seen.length === 2) { s.close(); done(seen) } }); s.onerror = () => fail('stream') })"
    #expect(try await page.text(source) == "2 sent,3 completed")

    // A ticket is used up: the page asks its server for another, and goes on where it was.
    let follow =
      "(() => { window.seen = []; window.tickets = ['\(try await ticket())']; window.after = 0; window.follow = () => {"
      + " const ticket = window.tickets.shift(); if (!ticket) { setTimeout(window.follow, 100); return }"
      + " const s = new EventSource(`http://\(sevk.live)/v1/events/stream?after=${window.after}&ticket=${ticket}`);"
      + " for (const t of ['created', 'sent', 'completed']) s.addEventListener('sevk.order.' + t, (m) => {"
      + " window.after = m.lastEventId; window.seen.push(m.lastEventId) });"
      + " s.onerror = () => { s.close(); setTimeout(window.follow, 100) } }; window.follow(); return 'begun' })()"
    #expect(try await page.text(follow) == "begun")
    try await Waiting.until("the page has them", within: .seconds(20)) {
      try await page.text("window.seen.join()") == "1,2,3"
    }
    sevk.kill("gateway")
    let second = try await sevk.post(player: 2)
    try await sevk.settled([second])
    try await sevk.start("gateway")
    _ = try await page.text("window.tickets.push('\(try await ticket())'), ''")
    try await Waiting.until("the page goes on", within: .seconds(20)) {
      try await page.text("window.seen.join()") == "1,2,3,4,5,6"
    }
    await browser.stop()
    await sevk.stop()
  }

  @Test func whatIsWrongIsAnsweredClearly() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    try await sevk.start("gateway")
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    let reader = try sevk.createToken("pins:read")
    let own = "Authorization: Bearer \(sevk.token)\r\n"
    let rows: [(path: String, headers: String, status: Int, part: String)] = [
      ("/v1/events/stream", "", 401, "the header Authorization: Bearer TOKEN is missing"),
      ("/v1/events/stream", "Authorization: Bearer x\r\n", 401, "unknown, revoked or expired"),
      ("/v1/events/stream", "Authorization: Bearer \(reader)\r\n", 403, "lacks the scope orders:read"),
      ("/v1/events/stream?after=-1", own, 422, "\"field\":\"after\""),
      ("/v1/events/stream?after=x", own, 422, "\"field\":\"after\""),
      ("/v1/events/stream?after=99999", own, 422, "ahead of the last event"),
      ("/v1/events/stream?types=sevk.order.lost", own, 422, "\"field\":\"types\""),
      ("/v1/events/stream?type=sevk.order.sent", own, 422, "is not known; use after, ticket, types"),
      ("/v1/events/stream", own + "Last-Event-ID: soon\r\n", 422, "\"field\":\"Last-Event-ID\""),
      ("/v1/events/ws", own, 426, "upgrade_required"),
      ("/v1/events/ws", own + Installation.upgrade.replacing("Version: 13", with: "Version: 8"), 426, "must be 13"),
      (
        "/v1/events/ws", own + Installation.upgrade.replacing("dGhlIHNhbXBsZSBub25jZQ==", with: "c2hvcnQ="), 400,
        "Sec-WebSocket-Key"
      ),
      ("/v1/events/ws", own + Installation.upgrade + "Sec-WebSocket-Protocol: chat\r\n", 400, "sevk.events.v1"),
      ("/v1/events/ws", Installation.upgrade, 401, "unauthorized"),
      ("/v1/events/ws?ticket=abc", Installation.upgrade, 401, "the ticket is unknown"),
      ("/v1/orders", own, 404, "not_found"),
    ]
    for row in rows {
      let answer = await sevk.live(row.path, row.headers)
      #expect(answer.hasPrefix("HTTP/1.1 \(row.status) "), "\(row.path): \(answer)")
      #expect(answer.contains(row.part), "\(row.path): \(answer)")
    }
    sevk.redis.stop()
    let noTickets = try await sevk.call("POST", "/v1/tickets")
    #expect(noTickets.status == 503, "\(noTickets.text)")
    await sevk.stop()
  }

  @Test func whoIsCutOffIsToldWhy() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    try await sevk.start("gateway")
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    let other = try sevk.createToken("orders:read", ["--name", "other"])
    let number = try #require(
      try sevk.require("dispatcher", ["token", "list"]).split(separator: "\n").first { $0.contains("other") }?
        .split(separator: " ").first)
    async let revoked = sevk.live("/v1/events/stream?after=0", "Authorization: Bearer \(other)\r\n", untilEnd: true)
    async let stopped = sevk.live("/v1/events/stream?after=0", untilEnd: true)
    try await Waiting.until("both streams are open", within: .seconds(10)) {
      await sevk.live("/metrics", "", untilEnd: true).contains("sevk_gateway_connections{kind=\"sse\"} 2")
    }
    try sevk.require("dispatcher", ["token", "revoke", String(number)])
    let first = await revoked
    #expect(first.contains("event: sevk.order.completed") && first.contains("event: sevk.stream.end"))
    #expect(first.contains("\"reason\":\"token_gone\""), "\(first)")
    sevk.process("gateway")?.signal(SIGTERM)
    let second = await stopped
    #expect(second.contains("\"reason\":\"going_away\"") && second.contains("\"after\":3}"), "\(second)")
    sevk.process("gateway")?.wait()
    await sevk.stop()
  }
}

extension Installation {
  /// The headers that ask for a WebSocket.
  static let upgrade =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

  /// What the gateway answers to a GET.
  ///
  /// - Parameters:
  ///   - headers: each with its line end; nil: the own token.
  ///   - untilEnd: waits for the end of the connection.
  ///   - part: or else for this, which a problem ends with.
  func live(
    _ path: String, _ headers: String? = nil, untilEnd: Bool = false, until part: String = "}\n"
  ) async -> String {
    let port = Int(live.split(separator: ":").last ?? "") ?? 0
    guard let call = try? await RawCall(port: port) else { return "no connection" }
    let own = headers ?? "Authorization: Bearer \(token)\r\n"
    await call.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(untilEnd ? "Connection: close\r\n" : "")\(own)\r\n")
    let answer = untilEnd ? await call.until() : await call.until(part)
    await call.close()
    return answer
  }
}
