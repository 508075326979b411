import EventLoop
import Foundation
import HTTPClient
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// Orders that are passed on: with the real dispatcher, and a shop in between that orders what it is asked for at Sevk again.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct OrderCircleTests {
  private static let order = #"{"product":"pubg-60","fields":{"player_id":"5123","phone":"905551234567"}}"#

  private func post(_ sevk: Installation, key: String, chain: String) async throws -> (Int, [String: Any]) {
    let answer = try await sevk.call(
      "POST", "/v1/orders", body: Self.order, key: key, headers: [("Sevk-Order-Chain", chain)])
    return (answer.status, answer.json)
  }

  @Test func intakeRefusesWhatComesRoundOrGoesTooFar() async throws {
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", ["tenant", "add", "other"])
    try sevk.addRoute("pubg-60", to: "panel", tenant: "other")
    let other = try sevk.createToken("orders:write,orders:read", tenant: "other")
    try await sevk.startAll()
    let first = try await sevk.post(player: 1)
    let circle = try await post(sevk, key: "k1", chain: "elsewhere-1, \(first)")
    #expect(circle.0 == 422 && circle.1["code"] as? String == "order_loop", "\(circle)")
    #expect((circle.1["detail"] as? String)?.contains(first) == true)
    // Another shop may be passed what this one began.
    let passed = try await sevk.call(
      "POST", "/v1/orders", body: Self.order, key: "k2", token: other, headers: [("Sevk-Order-Chain", first)])
    #expect(passed.status == 201)
    let seven = (1...7).map { "hand-\($0)" }.joined(separator: ",")
    #expect(try await post(sevk, key: "k3", chain: seven).0 == 201)
    let eight = try await post(sevk, key: "k4", chain: seven + ",hand-8")
    #expect(eight.0 == 422 && eight.1["code"] as? String == "order_loop")
    let wrong = try await post(sevk, key: "k5", chain: "a b")
    #expect(wrong.0 == 422 && wrong.1["code"] as? String == "invalid_request")
    // What was taken stays taken: the same again is the same order.
    #expect(try await post(sevk, key: "k3", chain: seven).0 == 200)
    await sevk.stop()
  }

  /// A → shop → A: the second time A says no, and the shop hands that on. Nothing is bought.
  @Test func aCircleEnds() async throws {
    let sevk = try await Installation.make()
    let shop = CircleShop()
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "friend", "--adapter", "internal", "--base-url", try await shop.start(), "--credential",
        "token=t", "--credential", "tenant_host=b.example",
      ])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "circle", "--provider", "friend", "--param", "package=1",
        "--param",
        "user_identifier={player_id}",
      ])
    try await sevk.startAll()
    shop.forward(to: sevk.api, token: sevk.token)
    let id = try await sevk.post(player: 7, product: "circle")
    try await sevk.settled([id])
    let order = try await sevk.call("GET", "/v1/orders/\(id)").json
    #expect(
      order["status"] as? String == "failed" && (order["reason"] as? String)?.contains("order_loop") == true, "\(order)"
    )
    #expect(shop.chains == [id] && shop.answers == [422])
    #expect(shop.hosts == ["b.example"])
    await shop.stop()
    await sevk.stop()
  }
}

/// A shop of a platform that fulfils each order by posting it to Sevk, with the header that it got.
private final class CircleShop: Sendable {
  private struct State {
    var target = ""
    var token = ""
    var chains: [String] = []
    var hosts: [String] = []
    var answers: [Int] = []
    var server: HTTPServer?
  }

  private let state = Mutex(State())
  private let http = HTTPClient()

  var chains: [String] { state.withLock { $0.chains } }
  var hosts: [String] { state.withLock { $0.hosts } }
  var answers: [Int] { state.withLock { $0.answers } }

  func start() async throws -> String {
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await self.answer($0) }
    try await server.start()
    state.withLock { $0.server = server }
    return "http://127.0.0.1:\(await server.port)"
  }

  func forward(to target: String, token: String) { state.withLock { ($0.target, $0.token) = (target, token) } }

  func stop() async { await state.withLock { $0.server }?.stop(grace: .zero) }

  private func answer(_ request: HTTPRequest) async -> HTTPResponse {
    if request.path.hasPrefix("/client/api/check") { return json("[]", 200) }
    guard request.method == "POST" else { return json(#"{"balance":"100.00"}"#, 200) }
    let chain = request.header("Sevk-Order-Chain") ?? ""
    let (target, token) = state.withLock { state in
      state.chains.append(chain)
      state.hosts.append(request.header("X-Tenant-Host") ?? "")
      return (state.target, state.token)
    }
    let body = #"{"product":"circle","fields":{"player_id":"7"}}"#
    guard
      let again = try? await http.perform(
        HTTPClientRequest(
          method: "POST", url: "http://\(target)/v1/orders",
          headers: [
            ("Authorization", "Bearer \(token)"), ("Idempotency-Key", "again"), ("Content-Type", "application/json"),
            ("Sevk-Order-Chain", chain),
          ], body: Array(body.utf8), connection: .fresh))
    else { return json(#"{"error":"SERVER_ERROR"}"#, 500) }
    state.withLock { $0.answers.append(again.status) }
    return again.status == 201
      ? json(#"{"orderId":"1","status":"pending"}"#, 201) : HTTPResponse(status: again.status, body: again.body)
  }

  private func json(_ text: String, _ status: Int) -> HTTPResponse {
    HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
  }
}
