import EventLoop
import Foundation
import Orders
import Postgres
import TestSupport
import Testing

@testable import Dispatcher

/// What a program that reads the API literally relies on.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct SmallPrintTests {
  @Test func aQueryThatIsNotKnownWholeIsRefused() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let id = try await sevk.post(player: 1)
    let order = Installation.order(player: 2)
    let bad: [(method: String, path: String, body: String?, fields: [String])] = [
      ("POST", "/v1/orders?dry_run=true", order, ["dry_run"]),
      ("POST", "/v1/orders?dry_run", order, ["dry_run"]),
      ("POST", "/v1/orders:batch?dry_run=true", #"{"orders":[{}]}"#, ["dry_run"]),
      ("POST", "/v1/orders/\(id)/cancel?dry_run=true", nil, ["dry_run"]),
      ("GET", "/v1/orders/\(id)/timeline?include=pin", nil, ["include"]),
      ("GET", "/v1/orders/\(id)?include=pin&include=pin", nil, ["include"]),
      ("GET", "/v1/orders/\(id)?fields=all", nil, ["fields"]),
      ("GET", "/v1/openapi.json?x=y", nil, ["x"]),
      ("GET", "/v1/orders?Status=failed", nil, ["Status"]),
      ("GET", "/v1/orders?reference=%00", nil, ["reference"]),
      ("GET", "/v1/orders?reference=a%00b", nil, ["reference"]),
      ("GET", "/v1/orders?reference=%FF", nil, ["reference"]),
      ("GET", "/v1/orders?reference=a&reference=b", nil, ["reference"]),
      ("GET", "/v1/orders?limit=1&limit=2&after=x&after=y", nil, ["limit", "after"]),
      ("GET", "/v1/orders?status=failed&status=lost", nil, ["status"]),
      ("GET", "/v1/orders?status=", nil, ["status"]),
      ("GET", "/v1/orders?order=oldest", nil, ["order"]),
      ("GET", "/v1/orders?order=changed&reference=a", nil, ["reference"]),
      ("GET", "/v1/orders?order=changed&after=\(id)", nil, ["after"]),
      ("GET", "/v1/orders?order=changed&after=9999999999999999-\(id)", nil, ["after"]),
      ("GET", "/v1/orders?after=7-\(id)", nil, ["after"]),
    ]
    for row in bad {
      let answer = try await sevk.call(row.method, row.path, body: row.body, key: "k-\(row.path.utf8.count)")
      #expect(answer.status == 422, "\(row.method) \(row.path): \(answer.text)")
      #expect(
        answer.problemFields == row.fields && answer.json["code"] as? String == "invalid_request", "\(answer.text)")
    }
    let all = try await sevk.call("GET", "/v1/orders")
    #expect((all.json["orders"] as? [Any])?.count == 1, "a dry run bought")
    await sevk.stop()
  }

  @Test func listsSeveralStatusesAndWhatChanged() async throws {
    let sevk = try await Installation.make()
    // Nobody listens at the panel, so orders stay pending.
    sevk.kill("simulator")
    try await sevk.start("dispatcher")
    var ids: [String] = []
    for player in 1...3 { ids.append(try await sevk.post(player: player)) }
    var cancelled = try await sevk.call("POST", "/v1/orders/\(ids[1])/cancel")
    while cancelled.status == 409 { cancelled = try await sevk.call("POST", "/v1/orders/\(ids[1])/cancel") }
    func list(_ query: String) async throws -> [String] {
      let answer = try await sevk.call("GET", "/v1/orders?" + query)
      #expect(answer.status == 200, "\(answer.text)")
      return (answer.json["orders"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
    }
    #expect(try await list("status=cancelled&status=failed") == [ids[1]])
    #expect(try await list("status=failed&status=cancelled") == [ids[1]])
    let states = Status.allCases.map { "status=\($0)" }.joined(separator: "&")
    #expect(try await list(states) == ids.reversed())
    #expect(try await list(states.replacing("&status=held", with: "") + "&limit=2") == [ids[2], ids[1]])
    // By change, until each came: the one that was cancelled comes as it is now.
    var (seen, place): ([String: String], String) = ([:], "")
    while seen[ids[1]] != "cancelled" || seen.count < 3 {
      let page = try await sevk.call(
        "GET", "/v1/orders?order=changed&limit=1" + (place.isEmpty ? "" : "&after=\(place)"))
      place = try #require(page.json["next"] as? String, "\(page.text)")
      for order in page.json["orders"] as? [[String: Any]] ?? [] {
        seen[order["id"] as? String ?? ""] = order["status"] as? String
      }
    }
    let refunds = try await sevk.call("GET", "/v1/orders?order=changed&status=cancelled&status=failed")
    let first = try #require((refunds.json["orders"] as? [[String: Any]])?.first)
    #expect(first["id"] as? String == ids[1] && first["reason_code"] as? String == "withdrawn")
    await sevk.stop()
  }

  @Test func everyMethodAndFormOfATargetIsAnsweredAsHTTPSays() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let id = try await sevk.post(player: 1)
    let token = sevk.token
    let rows: [(line: String, status: Int, allow: String?)] = [
      ("GET /v1/orders", 200, nil), ("HEAD /v1/orders", 200, nil), ("HEAD /v1/orders/\(id)", 200, nil),
      ("GET http://\(sevk.api)/v1/orders/\(id)", 200, nil), ("GET http://elsewhere/v1/orders?limit=1", 200, nil),
      ("OPTIONS /v1/orders", 204, "GET, HEAD, POST, OPTIONS"),
      ("OPTIONS *", 204, "GET, HEAD, POST, PUT, DELETE, OPTIONS"),
      ("OPTIONS /v1/orders/\(id)", 204, "GET, HEAD, OPTIONS"),
      ("OPTIONS /v1/orders/\(id)/cancel", 204, "POST, OPTIONS"), ("OPTIONS /v1/nothing", 404, nil),
      ("PUT /v1/orders", 405, "GET, HEAD, POST, OPTIONS"), ("TRACE /v1/orders", 405, "GET, HEAD, POST, OPTIONS"),
      ("HEAD /v1/orders/\(id)/cancel", 405, "POST, OPTIONS"), ("GET /v1/orders:batch", 405, "POST, OPTIONS"),
      ("get /v1/orders", 405, "GET, HEAD, POST, OPTIONS"), ("CONNECT x:80", 501, nil),
      ("GET /v1/orders/\(id)%00", 400, nil), ("GET /v1/orders%00", 400, nil), ("GET /v1/orders/%ZZ", 400, nil),
      ("GET /v1/orders/%20", 404, nil), ("GET /v1/orders/\(id)/", 404, nil), ("GET //v1/orders", 404, nil),
      ("GET /healthz", 200, nil), ("HEAD /healthz", 200, nil), ("HEAD /readyz", 200, nil), ("HEAD /metrics", 200, nil),
      ("OPTIONS /healthz", 204, "GET, HEAD, OPTIONS"), ("POST /healthz", 405, "GET, HEAD, OPTIONS"),
      ("DELETE /readyz", 405, "GET, HEAD, OPTIONS"), ("PUT /metrics", 405, "GET, HEAD, OPTIONS"),
      ("GET /healthz%00", 400, nil),
    ]
    for row in rows {
      let call = try await RawCall(sevk.api)
      await call.send(
        "\(row.line) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nConnection: close\r\n\r\n")
      let answer = await call.until()
      #expect(answer.hasPrefix("HTTP/1.1 \(row.status) "), "\(row.line): \(answer)")
      let allow = answer.components(separatedBy: "\r\n").first { $0.hasPrefix("Allow: ") }?.dropFirst(7)
      #expect(allow.map(String.init) == row.allow, "\(row.line): \(answer)")
      #expect(answer.contains("\r\nX-Request-Id: "), "\(row.line): \(answer)")
      if row.line.hasPrefix("HEAD") {
        #expect(answer.hasSuffix("\r\n\r\n") && answer.contains("\r\nContent-Length: "), "\(row.line): \(answer)")
      }
      await call.close()
    }
    await sevk.stop()
  }

  @Test func whatIsHiddenInABodyIsNeverAnswered() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let hidden =
      "POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(sevk.token)\r\nIdempotency-Key: hidden\r\n"
      + "Content-Length: \(Installation.order(player: 5).utf8.count)\r\n\r\n" + Installation.order(player: 5)
    for framing in [
      "Content-Length: 0\r\nContent-Length: \(hidden.utf8.count)", "Content-Length: 5\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding : chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    ] {
      let call = try await RawCall(sevk.api)
      await call.send("GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n0\r\n\r\n" + hidden)
      let answer = await call.until()
      #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.components(separatedBy: "\r\nDate: ").count == 2, "\(answer)")
      #expect(!answer.contains("<html") && answer.contains("application/problem+json"), "\(answer)")
    }
    let all = try await sevk.call("GET", "/v1/orders")
    #expect((all.json["orders"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  @Test func aPinIsKeptByNoCache() async throws {
    let sevk = try await Installation.make()
    #expect(try sevk.command("dispatcher", ["provider", "set", "panel", "--currency", "lira"]).code == 64)
    try sevk.require("dispatcher", ["provider", "set", "panel", "--currency", "TRY"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    for path in ["/v1/orders/\(id)?include=pin", "/v1/orders/\(id)", "/v1/orders", "/v1/orders/nothing?include=pin"] {
      #expect(try await sevk.call("GET", path).header("Cache-Control") == "no-store", "\(path)")
    }
    let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin")
    #expect(order.json["pin"] != nil && order.json["reason_code"] as? String == "delivered", "\(order.text)")
    #expect(order.json["cost"] != nil && order.json["cost_currency"] as? String == "TRY", "\(order.text)")
    let events = try await sevk.events { $0.contains { $0.type == "sevk.order.completed" } }
    #expect(events.last { $0.type == "sevk.order.completed" }?.text.contains(#""reason_code":"delivered""#) == true)
    await sevk.stop()
  }

  @Test func aFailureIsFoundInTheLogByItsRequest() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let id = try await sevk.post(player: 1)
    let pool = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    try await pool.script("ALTER TABLE orders RENAME TO hidden")
    await pool.close()
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    let answer = try await sevk.call(
      "GET", "/v1/orders/\(id)",
      headers: [("X-Request-Id", "shop-4711"), ("traceparent", "00-\(trace)-00f067aa0ba902b7-01")])
    #expect(answer.status == 500 && answer.header("X-Request-Id") == "shop-4711", "\(answer.text)")
    #expect(answer.json["code"] as? String == "internal_error" && answer.text.contains("shop-4711"))
    let line = try #require(sevk.logs.split(separator: "\n").first { $0.contains("a request failed") })
    for part in [
      #""request":"shop-4711""#, #""tenant":"shop""#, #""trace":"\#(trace)""#, #""path":"/v1/orders/\#(id)""#,
    ] {
      #expect(line.contains(part), "\(line)")
    }
    await sevk.stop()
  }

  /// Of what was not delivered nothing is said to have been charged.
  @Test func costIsSaidOnlyOfWhatMayBeDelivered() throws {
    var random = SystemRandomNumberGenerator()
    for status in Status.allCases {
      let order = Order(
        id: OrderID(milliseconds: 1, using: &random), version: 3, status: status, tenantID: 1, product: "p",
        fields: [:],
        shopReference: nil, priority: .normal, quantity: 1, reason: "x", providerID: 1, sendReference: "1", sends: 1,
        checks: 0, age: .zero, sinceSend: nil, untilDue: nil, cost: Money(parsing: "12.5"), hasPin: false, createdAt: 0,
        updatedAt: 0, trace: nil)
      let isSaid = OrderJSON.text(order, pageURL: nil, isSandbox: false).contains(#""cost":"12.5"#)
      #expect(isSaid == [.sent, .unresolved, .held, .completed, .contested].contains(status), "\(status)")
    }
  }
}
