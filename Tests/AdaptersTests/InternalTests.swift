import Orders
import Testing

@testable import Adapters

@Suite struct InternalTests {
  let shop = Internal()
  let account = ProviderAccount(
    id: 8, name: "shop", adapter: "internal", baseURL: "http://127.0.0.1:8000",
    credentials: ["token": "t0ken & more", "tenant_host": "b.example"])
  static let reference = "123456789012345678"
  static let uuid = "12345678-9012-4345-8678-000000000000"

  @Test func buildsItsRequests() {
    let order = shop.send(
      reference: Self.reference, parameters: ["package": "a1-b2", "user_identifier": "5 1"],
      chain: OrderChain(ids: ["a", "b"]), account: account)
    #expect(
      order.url
        == "http://127.0.0.1:8000/client/api/newOrder/a1-b2/params?qty=1&user_identifier=5%201&order_uuid=\(Self.uuid)")
    #expect(order.method == "POST" && !"\(order)".contains("t0ken"))
    #expect(
      order.headers.map { "\($0.name): \($0.value)" }
        == ["api-token: t0ken & more", "X-Tenant-Host: b.example", "Sevk-Order-Chain: a,b"])
    var plain = account
    plain.credentials["tenant_host"] = nil
    let question = shop.query(reference: Self.reference, account: plain)
    #expect(question.url == "http://127.0.0.1:8000/client/api/check?orders=\(Self.uuid)&uuid=1")
    #expect(question.headers.map(\.name) == ["api-token"] && question.method == "GET")
    #expect(shop.facts.resendSafe == .no && shop.facts.queryBatch == 50)
    #expect(!shop.facts.takes("order_uuid") && !shop.facts.takes("qty") && shop.facts.takes("extra_field"))
  }

  @Test(
    arguments: [
      (["package": "1", "user_identifier": "5"], []), ([:], ["package", "user_identifier"]),
      (["package": "1/2", "user_identifier": "5"], ["package"]),
      (["package": "1", "user_identifier": "5", "qty": "2"], ["qty"]),
      (["package": "1", "user_identifier": "a\nb"], ["user_identifier"]),
      (["package": "1", "user_identifier": "5", "extra_field": String(repeating: "ş", count: 101)], ["extra_field"]),
    ] as [([String: String], [String])])
  func validates(_ parameters: [String: String], _ named: [String]) {
    #expect(shop.validate(parameters: parameters).map(\.parameter) == named)
  }

  @Test(arguments: [
    (#"{"orderId":"x","status":"pending"}"#, 201, Send.accepted(nil, nil)),
    (#"{"orderId":"x","status":"pending","totalPriceUSD":"1.25"}"#, 201, .accepted("1.25", nil)),
    (#"{"orderId":"x","status":"pending"}"#, 200, .unknown), (#"{"orderId":"","status":"pending"}"#, 201, .unknown),
    (#"{"orderId":"x","status":"pending"}{}"#, 201, .unknown), (#"{"orderId":"x","status":"pen"#, 201, .unknown),
    (#"{"error":"NOT_FOUND"}"#, 404, .refused), (#"{"error":"NOT_FOUND"}"#, 200, .unknown),
    (#"{"error":"NOT_FOUND"}"#, 500, .unknown), (#"{"error":"SERVER_ERROR"}"#, 500, .unknown),
    (#"{"error":"UNAUTHORIZED"}"#, 401, .accountTrouble), (#"{"error":"INSUFFICIENT_FUNDS"}"#, 422, .accountTrouble),
    (#"{"code":"order_loop","detail":"x"}"#, 422, .refused), (#"{"error":"OTHER"}"#, 422, .unknown),
    ("<html>404</html>", 404, .unknown), ("", 201, .unknown), ("", 502, .unknown),
  ])
  func readsASend(_ text: String, _ status: Int, _ proof: Send) {
    #expect(shop.readSend(reply(text, status: status)).proof == proof, "\(status) \(text)")
  }

  static func row(_ status: String, _ pin: String, about: String = uuid) -> String {
    #"{"orderId":"x","status":"\#(status)","externalStatus":"sent","pin":"\#(pin)","externalOrderId":"\#(about)"}"#
  }

  @Test(arguments: [
    ("[\(row("approved", "AB12-CD34"))]", 200, Query.completed("AB12-CD34")),
    ("[\(row("approved", ""))]", 200, .completed(nil)),
    ("[\(row("approved", "Hazırlanıyor efendim"))]", 200, .unintelligible),
    ("[\(row("rejected", ""))]", 200, .cancelled),
    ("[\(row("rejected", "AB12-CD34"))]", 200, .unintelligible), ("[\(row("pending", ""))]", 200, .waiting),
    ("[\(row("other", ""))]", 200, .unintelligible), ("[]", 200, .queryFailed),
    ("[\(row("approved", "AB12-CD34")),\(row("approved", "AB12-CD34"))]", 200, .unintelligible),
    ("[\(row("approved", "AB12-CD34", about: "12345678-9012-4345-8678-000000000001"))]", 200, .unintelligible),
    ("[\(row("approved", "AB12-CD34", about: ""))]", 200, .unintelligible),
    (row("approved", "AB12-CD34"), 200, .unintelligible),
    ("[\(row("approved", "AB12-CD34"))]", 500, .queryFailed), (#"{"error":"SERVER_ERROR"}"#, 500, .queryFailed),
    ("", 500, .queryFailed), ("<html>", 500, .queryFailed), ("[\(row("approved", "AB12-CD34"))", 200, .unintelligible),
  ])
  func readsAnAnswer(_ text: String, _ status: Int, _ proof: Query) {
    let outcome = shop.readQuery(reply(text, status: status), about: Self.reference, account: account)
    #expect(outcome.proof == proof, "\(status) \(text)")
    // Whatever stands in it: there may be two.
    if status == 500 { #expect(outcome.text.contains("two orders")) }
  }

  @Test func trustsAnEmptyListOnlyWhereItWasTested() {
    #expect(shop.readQuery(reply("[]"), about: Self.reference, account: testedAccount).proof == .notFound)
  }

  @Test func showsNoCode() {
    for text in [
      "[\(Self.row("approved", "AB12-CD34-EF56"))]", "[\(Self.row("approved", "AB12-CD34-EF56"))",
      #"{"pin":["AB12-CD34-EF56"],"note":"AB12-CD34-EF56"}"#,
    ] {
      let shown = String(decoding: shop.redact(reply(text), kind: .query, pin: nil), as: UTF8.self)
      #expect(!shown.contains("CD34"), "\(shown)")
    }
  }
}
