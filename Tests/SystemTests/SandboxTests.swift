import EventLoop
import Foundation
import HTTPServer
import PrivateServers
import TestSupport
import Testing

/// Orders that are not real: what becomes of them, who sees them, and that nothing of them leaves.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct SandboxTests {
  /// A panel that only counts who comes.
  @LoopActor
  private final class Watched {
    private(set) var requests = 0
    private var server: HTTPServer?

    func start() throws -> String {
      let server = HTTPServer(host: "127.0.0.1", port: 0) { _ in
        await self.count()
        return HTTPResponse(status: 500)
      }
      try server.start()
      self.server = server
      return "127.0.0.1:\(server.port)"
    }

    private func count() { requests += 1 }
    func stop() async { await server?.stop(grace: .zero) }
  }

  @Test func everyStoryIsPlayedAndNothingLeaves() async throws {
    let sevk = try await Installation.make()
    let real = Watched()
    let address = try await real.start()
    try sevk.require(
      "dispatcher", ["provider", "set", "panel", "--base-url", "http://\(address)", "--currency", "TRY", "--yes"])
    let token = try sevk.createToken("orders:write,orders:read,pins:read", ["--sandbox"])
    try await sevk.startAll()
    var ids: [String: String] = [:]
    for digit in 0...9 {
      let answer = try await sevk.call(
        "POST", "/v1/orders", body: Installation.order(player: 510 + digit), key: "key-\(digit)", token: token)
      #expect(answer.status == 201 && answer.json["sandbox"] as? Bool == true, "\(answer.text)")
      ids["\(digit)"] = answer.json["id"] as? String
    }
    // The same rules as in life.
    let wrong = try await sevk.call(
      "POST", "/v1/orders", body: #"{"product":"pubg-60","quantity":2,"fields":{"player_id":"1"}}"#, key: "w",
      token: token)
    #expect(wrong.status == 422 && Set(wrong.problemFields) == ["quantity", "fields.phone"], "\(wrong.text)")

    let events = try await sevk.settled(Array(ids.values))
    #expect(
      events.allSatisfy { $0.text.contains(#""sandbox":true"#) && $0.text.contains(#""source":"sevk/shop:sandbox""#) })
    func types(_ digit: String) -> [String] {
      events.filter { $0.subject == ids[digit] }.map { String($0.type.dropFirst("sevk.order.".count)) }
    }
    for digit in ["0", "1", "7", "8", "9"] { #expect(types(digit) == ["created", "sent", "completed"], "\(digit)") }
    #expect(types("2") == ["created", "unresolved", "failed"])
    #expect(types("3") == ["created", "unresolved", "completed"])
    #expect(
      types("4").starts(with: ["created", "unresolved"]) && types("4").suffix(2) == ["sent", "completed"],
      "\(types("4"))")
    #expect(types("5") == ["created", "sent", "failed"])
    #expect(types("6") == ["created", "sent", "held"])
    for (digit, id) in ids {
      let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin", token: token)
      let pin = order.json["pin"] as? String
      #expect((pin != nil) == (order.json["status"] as? String == "completed"), "\(digit): \(order.text)")
      #expect(pin?.hasPrefix("TEST-") ?? true && order.json["cost"] == nil && order.json["sandbox"] as? Bool == true)
      // A real token does not even learn that it exists.
      #expect(try await sevk.call("GET", "/v1/orders/\(id)").status == 404)
      #expect(try await sevk.call("POST", "/v1/orders/\(id)/cancel").status == 404)
    }
    #expect((try await sevk.call("GET", "/v1/orders", token: token).json["orders"] as? [Any])?.count == 10)
    #expect((try await sevk.call("GET", "/v1/orders").json["orders"] as? [Any])?.isEmpty == true)
    // What was delivered and is reversed shows when somebody asks: a cancelled order of above took a minute, too.
    let reversed = try #require(ids["7"])
    #expect(try await sevk.call("POST", "/v1/orders/\(reversed)/ask", token: token).status == 202)
    try await Waiting.until("the reversed order is contested", within: .seconds(60)) {
      try await sevk.call("GET", "/v1/orders/\(reversed)", token: token).json["status"] as? String == "contested"
    }
    #expect(try await sevk.call("GET", "/v1/orders/\(reversed)?include=pin", token: token).status == 409)
    #expect(await real.requests == 0, "the real provider was called")

    // A real order is none of the sandbox's, under the same key as well.
    let order = try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 511), key: "key-1")
    let id = try #require(order.json["id"] as? String)
    #expect(order.status == 201 && order.json["sandbox"] == nil)
    #expect(try await sevk.call("GET", "/v1/orders/\(id)", token: token).status == 404)
    while await real.requests == 0 { try await EventLoop.sleep(for: .milliseconds(20)) }
    #expect((try await sevk.call("GET", "/v1/orders?player=511", token: token).json["orders"] as? [Any])?.count == 1)
    #expect((try await sevk.call("GET", "/v1/orders?player=511").json["orders"] as? [Any])?.count == 1)
    await sevk.stop()
    await real.stop()
  }

  @Test func theSandboxIsSetUpByItsTokenAlone() async throws {
    let sevk = try await Installation.make()
    _ = try sevk.createToken("orders:read", ["--sandbox"])
    _ = try sevk.createToken("orders:read", ["--sandbox", "--name", "second"])
    #expect(try sevk.require("dispatcher", ["tenant", "list"]).contains("shop:sandbox"))
    // It is not away, and has nothing to be tested.
    let doctor = try sevk.command("worker", ["doctor", "--ask-providers"])
    #expect(!(doctor.output + doctor.errors).contains("sandbox"), "\(doctor.output) \(doctor.errors)")
    #expect(try sevk.require("dispatcher", ["provider", "test", "sandbox"]).contains("inside the programs"))
    for (arguments, why) in [
      (["token", "create", "--tenant", "shop:sandbox", "--scope", "orders:read", "--sandbox"], "is a sandbox"),
      (["token", "create", "--dashboard", "--sandbox"], "does not go with"),
      (["token", "create", "--tenant", "nobody", "--scope", "orders:read", "--sandbox"], "no tenant named nobody"),
      (["tenant", "add", "rival:sandbox"], "rival:sandbox"),
      (
        ["provider", "add", "x", "--adapter", "sandbox", "--base-url", "http://127.0.0.1:1"], "sandbox is not known"
      ),
      (
        ["route", "add", "--tenant", "shop", "--product", "p", "--provider", "sandbox", "--param", "a=b"],
        "sandbox's panel"
      ),
      (
        ["route", "add", "--tenant", "shop:sandbox", "--product", "p", "--provider", "panel", "--param", "oyun=1"],
        "has the routes of its tenant"
      ),
    ] {
      let refused = try sevk.command("dispatcher", arguments)
      #expect(refused.code != 0 && refused.errors.contains(why), "\(arguments): \(refused.errors)")
    }
    await sevk.stop()
  }

  @Test func whatMayBeSoldIsListed() async throws {
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", ["provider", "set", "panel", "--currency", "TRY"])
    try sevk.require("dispatcher", ["provider", "test", "panel"])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "code", "--provider", "panel", "--param", "oyun=1", "--param",
        "kupur=60", "--param", "oyuncu_bilgi={who}", "--param", "musteri_tel={phone}", "--field",
        "who=pattern:[0-9]{4}",
        "--field", "phone=digits", "--player-field", "who", "--pin", "required",
      ])
    try await sevk.startAll()
    func products(_ token: String = "own") async throws -> [[String: Any]] {
      let answer = try await sevk.call("GET", "/v1/products", token: token)
      #expect(answer.status == 200, "\(answer.text)")
      return answer.json["products"] as? [[String: Any]] ?? []
    }
    var listed = try await products()
    #expect(listed.compactMap { $0["product"] as? String } == ["code", "pubg-60"])
    let code = listed[0]
    #expect(code["open"] as? Bool == true && code["quantity_max"] as? Int == 1 && code["pin_required"] as? Bool == true)
    let fields = code["fields"] as? [[String: Any]] ?? []
    #expect(fields.compactMap { $0["name"] as? String } == ["phone", "who"])
    #expect(fields[0]["rule"] as? String == "digits" && fields[0]["is_player"] == nil)
    #expect(fields[1]["rule"] as? String == "pattern" && fields[1]["pattern"] as? String == "[0-9]{4}")
    #expect(fields[1]["is_player"] as? Bool == true)
    #expect(listed[1]["delivery"] == nil && listed[1]["pin_required"] as? Bool == false)

    try sevk.require("worker", ["provider", "pause", "panel", "--note", "test"])
    while listed.contains(where: { $0["open"] as? Bool == true }) { listed = try await products() }
    #expect(listed.allSatisfy { $0["open"] as? Bool == false })
    let token = try sevk.createToken("orders:read", ["--sandbox"])
    let sandbox = try await products(token)
    #expect(sandbox.count == 2 && sandbox.allSatisfy { $0["open"] as? Bool == true && $0["sandbox"] as? Bool == true })
    let rival = try {
      try sevk.require("dispatcher", ["tenant", "add", "rival"]);
      return try sevk.createToken("orders:read", tenant: "rival")
    }()
    #expect(try await products(rival).isEmpty)
    await sevk.stop()
  }
}
