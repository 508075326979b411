import Foundation
import TestSupport
import Testing

/// What the API refuses, and whether the answer says what to mend.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct IntakeTests {
  @Test func badInputIsNamedAndNothingIsRecorded() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let bad: [(body: String, status: Int, fields: [String])] = [
      ("not json", 400, []),
      ("[]", 422, ["(body)"]),
      ("{}", 422, ["product"]),
      (#"{"product":5}"#, 422, ["product"]),
      (#"{"product":"nothing-like-it"}"#, 422, ["product"]),
      (#"{"product":"pubg-60"}"#, 422, ["fields.phone", "fields.player_id"]),
      (#"{"product":"pubg-60","fields":{"player_id":5,"phone":"9"}}"#, 422, ["fields.player_id"]),
      (#"{"product":"pubg-60","fields":[]}"#, 422, ["fields"]),
      (#"{"product":"pubg-60","fields":{"player_id":"5","phone":"9"},"quantity":2}"#, 422, ["quantity"]),
      (#"{"product":"pubg-60","fields":{"player_id":"5","phone":"9"},"quantity":1.5}"#, 422, ["quantity"]),
      (#"{"product":"pubg-60","fields":{"player_id":"5","phone":"9"},"priority":"urgent"}"#, 422, ["priority"]),
      (#"{"product":"pubg-60","fields":{"player_id":"5","phone":"9"},"prioirty":"high"}"#, 422, ["prioirty"]),
      (#"{"product":"pubg-60","fields":{"player_id":"5","phone":"9"},"reference":""}"#, 422, ["reference"]),
    ]
    for (number, row) in bad.enumerated() {
      let answer = try await sevk.call("POST", "/v1/orders", body: row.body, key: "bad-\(number)")
      #expect(answer.status == row.status, "\(row.body): \(answer.text)")
      #expect(answer.problemFields == row.fields, "\(row.body): \(answer.text)")
    }
    let good = Installation.order(player: 1)
    #expect(try await sevk.call("POST", "/v1/orders", body: good).status == 400)
    #expect(try await sevk.call("POST", "/v1/orders", body: good, key: "k", token: nil).status == 401)
    #expect(try await sevk.call("POST", "/v1/orders", body: good, key: "k", token: "wrong").status == 401)
    let reader = try sevk.createToken("orders:read")
    #expect(try await sevk.call("POST", "/v1/orders", body: good, key: "k", token: reader).status == 403)
    let huge = #"{"product":""# + String(repeating: "x", count: 70_000) + #""}"#
    #expect(try await sevk.call("POST", "/v1/orders", body: huge, key: "k").status == 413)
    #expect(try await sevk.call("DELETE", "/v1/orders").status == 405)
    #expect(try await sevk.call("GET", "/v1/nothing").status == 404)
    #expect(try await sevk.call("GET", "/v1/orders?limit=0").problemFields == ["limit"])
    #expect(try await sevk.call("GET", "/v1/orders?status=lost").problemFields == ["status"])
    let all = try await sevk.call("GET", "/v1/orders")
    #expect((all.json["orders"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  @Test func aKeyStandsForOneRequest() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let first = try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 1), key: "k")
    #expect(first.status == 201)
    let again = try await sevk.call(
      "POST", "/v1/orders", body: Installation.order(player: 1).replacing(",", with: " , "), key: "k")
    #expect(again.status == 200 && again.json["id"] as? String == first.json["id"] as? String)
    let other = try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 2), key: "k")
    #expect(other.status == 409)
    let unknown = Installation.order(player: 1).replacing("pubg-60", with: "gone")
    #expect(try await sevk.call("POST", "/v1/orders", body: unknown, key: "k").status == 409)
    await sevk.stop()
  }

  @Test func oneTenantNeverSeesAnothersOrders() async throws {
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", ["tenant", "add", "rival"])
    let rival = try sevk.createToken("orders:read,orders:write,pins:read", tenant: "rival")
    try await sevk.start("dispatcher")
    let id = try await sevk.post(player: 1)
    #expect(try await sevk.call("GET", "/v1/orders/\(id)").status == 200)
    for (method, path) in [
      ("GET", "/v1/orders/\(id)"), ("GET", "/v1/orders/\(id)?include=pin"), ("GET", "/v1/orders/\(id)/timeline"),
      ("POST", "/v1/orders/\(id)/cancel"),
    ] {
      #expect(try await sevk.call(method, path, token: rival).status == 404, "\(method) \(path)")
    }
    #expect((try await sevk.call("GET", "/v1/orders", token: rival).json["orders"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  @Test func aBatchAnswersEachOrderOnItsOwn() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    func item(_ player: Int, _ key: String) -> String {
      String(Installation.order(player: player).dropLast()) + #","idempotency_key":"\#(key)"}"#
    }
    let body =
      #"{"orders":["# + [item(1, "a"), item(1, "a"), #"{"product":"x"}"#, item(2, "b")].joined(separator: ",") + "]}"
    let answer = try await sevk.call("POST", "/v1/orders:batch", body: body)
    let results = try #require(answer.json["results"] as? [[String: Any]])
    #expect(results.compactMap { $0["status"] as? Int }.sorted() == [200, 201, 201, 422])
    #expect(results[2]["status"] as? Int == 422)
    let ids = Set(results.compactMap { ($0["order"] as? [String: Any])?["id"] as? String })
    #expect(ids.count == 2)
    try await sevk.settled(Array(ids))
    await sevk.stop()
  }

  @Test func onlyAPendingOrderCanBeCancelled() async throws {
    let sevk = try await Installation.make()
    // Nobody listens at the panel, so the order stays pending.
    sevk.kill("simulator")
    try await sevk.start("dispatcher")
    let id = try await sevk.post(player: 1)
    _ = try await sevk.timeline(of: id) { $0.count > 2 && $0.last == "pending" }
    var cancelled = try await sevk.call("POST", "/v1/orders/\(id)/cancel")
    while cancelled.status == 409 { cancelled = try await sevk.call("POST", "/v1/orders/\(id)/cancel") }
    #expect(cancelled.status == 200 && cancelled.json["status"] as? String == "cancelled")
    #expect(try await sevk.call("POST", "/v1/orders/\(id)/cancel").status == 200)
    await sevk.stop()
  }
}
