import EventLoop
import Foundation
import PrivateServers
import TestSupport
import Testing

/// Who may see the dashboard.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct DashboardAccessTests {
  private func make() async throws -> (Installation, token: String) {
    let sevk = try await Installation.make(environment: ["SEVK_DASHBOARD_ADDRESS": "127.0.0.1:0"])
    try await sevk.start("dispatcher")
    return (sevk, try sevk.createDashboardToken())
  }

  private func logIn(_ sevk: Installation, _ token: String) async throws -> String {
    let answer = try await sevk.ask("/login", method: "POST", form: "token=\(token)&next=%2F")
    #expect(answer.status == 303 && answer.header("Location") == "/")
    return answer.cookie
  }

  @Test func aStrangerSeesNothing() async throws {
    let (sevk, token) = try await make()
    let id = try await sevk.post(player: 1)
    for path in ["/", "/search?q=shop-1", "/orders/\(id)", "/anything"] {
      for cookie in ["", "sevk_session=", "sevk_session=00ff", "sevk_session=\(token)"] {
        let answer = try await sevk.ask(path, cookie: cookie)
        #expect(answer.status == 302 && answer.header("Location")?.hasPrefix("/login?next=%2F") == true)
        #expect(!answer.text.contains("shop-1"))
      }
    }
    for path in ["/events", "/overview.json", "/orders/\(id).json", "/app.js"] {
      #expect(try await sevk.ask(path).status == 401)
    }
    #expect(try await sevk.ask("/logout", method: "POST", form: "").status == 401)

    // A token of the API does not open it, and its own token opens nothing else.
    let wrong = try await sevk.ask("/login", method: "POST", form: "token=\(sevk.token)")
    #expect(wrong.status == 403 && wrong.header("Set-Cookie") == nil && !wrong.text.contains(sevk.token))
    #expect(try await sevk.call("GET", "/v1/orders", token: token).status == 401)
    // The port where orders come in has no dashboard.
    for path in ["/", "/login", "/events", "/overview.json", "/style.css"] {
      #expect(try await sevk.call("GET", path).status == 404)
    }
    await sevk.stop()
  }

  @Test func aSessionEndsWithLogOutAndWithItsToken() async throws {
    let (sevk, token) = try await make()
    let plain = try await sevk.ask("/login", method: "POST", form: "token=\(token)&next=%2F%2Fevil.example")
    #expect(plain.status == 303 && plain.header("Location") == "/")
    let attributes = plain.header("Set-Cookie") ?? ""
    #expect(attributes.contains("; HttpOnly; SameSite=Strict; Max-Age=43200") && !attributes.contains("Secure"))
    #expect(!attributes.contains(token))
    let proxied = try await sevk.ask(
      "/login", method: "POST", form: "token=\(token)", headers: [("X-Forwarded-Proto", "https")])
    #expect(proxied.header("Set-Cookie")?.hasSuffix("; Secure") == true)

    let page = try await sevk.ask("/", cookie: plain.cookie)
    #expect(page.status == 200 && page.text.contains("<caption><h2>Queues</h2>"))
    #expect(page.header("Content-Security-Policy")?.contains("default-src 'none'; script-src 'self'") == true)
    #expect(page.header("X-Content-Type-Options") == "nosniff" && page.header("Cache-Control") == "no-store")
    #expect(try await sevk.ask("/orders/nonsense", cookie: plain.cookie).status == 404)
    // Another dispatcher knows the session, since its cookie is sealed with the same key; a changed one is nothing.
    try await sevk.start("dispatcher")
    #expect(try await sevk.ask("/", cookie: plain.cookie).status == 200)
    let changed = plain.cookie.dropLast() + (plain.cookie.hasSuffix("0") ? "1" : "0")
    #expect(try await sevk.ask("/", cookie: String(changed)).status == 302)

    // A form of another site does nothing.
    let foreign = [("Origin", "http://evil.example")]
    #expect(
      try await sevk.ask("/logout", method: "POST", form: "", cookie: plain.cookie, headers: foreign).status == 403)
    #expect(try await sevk.ask("/", cookie: plain.cookie).status == 200)
    let ended = try await sevk.ask("/logout", method: "POST", form: "", cookie: plain.cookie)
    #expect(ended.status == 303 && ended.header("Set-Cookie")?.contains("Max-Age=0") == true)
    #expect(try await sevk.ask("/", cookie: plain.cookie).status == 302)

    let other = try await logIn(sevk, token)
    let line = try sevk.require("dispatcher", ["token", "list"]).split(separator: "\n").last ?? ""
    #expect(line.contains("(dashboard)") && line.contains("dashboard:read") && !line.contains(token))
    try sevk.require("dispatcher", ["token", "revoke", String(line.drop { $0 == " " }.prefix { $0.isNumber })])
    while try await sevk.ask("/", cookie: other).status != 302 {}
    await sevk.stop()
  }

  @Test func guessesAreSlowedDown() async throws {
    let (sevk, token) = try await make()
    for _ in 0..<10 {
      #expect(try await sevk.ask("/login", method: "POST", form: "token=sevk_guess").status == 403)
    }
    #expect(try await sevk.ask("/login", method: "POST", form: "token=sevk_guess").status == 429)
    // All who come by way of one proxy share its address: a token that works passes all the same.
    let right = try await sevk.ask("/login", method: "POST", form: "token=\(token)")
    #expect(right.status == 303 && right.header("Set-Cookie") != nil)
    await sevk.stop()
  }

  @Test func streamsAreBoundedAndEndWithTheProcess() async throws {
    let (sevk, token) = try await make()
    let cookie = try await logIn(sevk, token)
    let host = sevk.dashboard.dropFirst("http://".count)
    let port = Int(host.split(separator: ":").last ?? "") ?? 0
    func stream() async throws -> RawCall {
      let viewer = try await RawCall(port: port)
      await viewer.send("GET /events HTTP/1.1\r\nHost: \(host)\r\nCookie: \(cookie)\r\n\r\n")
      return viewer
    }
    var viewers: [RawCall] = []
    for _ in 0..<32 {
      let viewer = try await stream()
      #expect(await viewer.until("\"tables\":").contains("Content-Type: text/event-stream"))
      viewers.append(viewer)
    }
    #expect(await (try stream()).until("\r\n\r\n").contains(" 503 "))
    // One who leaves makes room.
    await viewers.removeLast().close()
    while try await sevk.ask("/events", method: "POST", form: "", cookie: cookie).status != 405 {}
    var isRoom = false
    while !isRoom {
      let viewer = try await stream()
      isRoom = await viewer.until("\r\n\r\n").contains(" 200 ")
      if isRoom { viewers.append(viewer) } else { await viewer.close() }
    }
    // What moves is sent without being asked for.
    let id = try await sevk.post(player: 7)
    #expect(await viewers[0].until(id).contains(id))
    let process = try #require(sevk.process("dispatcher"))
    process.signal(SIGTERM)
    for viewer in viewers { #expect(await viewer.until().hasSuffix("\r\n0\r\n\r\n")) }
    #expect(try await sevk.end(of: process) == 0)
    await sevk.stop()
  }
}
