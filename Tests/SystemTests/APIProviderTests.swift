import Foundation
import TestSupport
import Testing

/// Orders by way of Reloadly and DT One, with the real programs.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct APIProviderTests {
  private func add(
    _ sevk: Installation, _ name: String, _ adapter: String, credentials: [String], parameters: [String],
    more: [String] = []
  ) throws {
    try sevk.require(
      "dispatcher",
      ["provider", "add", name, "--adapter", adapter, "--base-url", "http://\(sevk.panel)"]
        + credentials.flatMap { ["--credential", $0] })
    try sevk.require(
      "dispatcher",
      ["route", "add", "--tenant", "shop", "--product", name, "--provider", name]
        + parameters.flatMap { ["--param", $0] } + more)
  }

  private func post(_ sevk: Installation, _ product: String, _ number: Int) async throws -> String {
    let fields = #"{"player_id":"51\#(number)","phone":"53212345\#(10 + number)"}"#
    let body = #"{"product":"\#(product)","reference":"\#(product)-\#(number)","fields":\#(fields)}"#
    let answer = try await sevk.call("POST", "/v1/orders", body: body, key: "\(product)-\(number)")
    return try #require(answer.json["id"] as? String, "\(answer.json)")
  }

  @Test func eachDeliversOnceUnderOneToken() async throws {
    let sevk = try await Installation.make(panel: ["--fault", "lose-answer=#2"])
    let login = ["client_id=555", "client_secret=panel-secret", "auth_url=http://\(sevk.panel)"]
    try add(
      sevk, "airtime", "reloadly", credentials: login + ["audience=topups"],
      parameters: ["operatorId=100", "amount=100", "countryCode=TR", "number={phone}"])
    try add(
      sevk, "cards", "reloadly", credentials: login + ["audience=giftcards"],
      parameters: ["productId=101", "unitPrice=32.50", "senderName=Shop", "userId={player_id}"],
      more: ["--pin", "required"])
    try add(
      sevk, "values", "dtone", credentials: ["key=555", "secret=panel-secret"],
      parameters: ["product_id=102", "account_number={player_id}"], more: ["--pin", "required"])
    for (name, word) in [("airtime", "balance: "), ("values", "balance: ")] {
      #expect(try sevk.require("dispatcher", ["provider", "test", name]).contains(word))
    }
    let tested = try await sevk.audit()["tokens"] as? Int ?? 0
    try await sevk.startAll()
    var ids: [String] = []
    for product in ["airtime", "cards", "values"] {
      for number in 1...3 { ids.append(try await post(sevk, product, number)) }
    }
    try await sevk.settled(ids)
    for id in ids {
      let order = try await sevk.call("GET", "/v1/orders/\(id)")
      #expect(order.json["status"] as? String == "completed", "\(order.text)")
    }
    let audit = try await sevk.audit()
    let orders = audit["orders"] as? [[String: Any]] ?? []
    #expect(orders.count == 9 && orders.allSatisfy { $0["debits"] as? Int == 1 && $0["sends"] as? Int == 1 })
    #expect(audit["unconfirmed"] as? Int == 0)
    // The dispatcher and the worker have one for each of the two products.
    #expect(audit["tokens"] as? Int == tested + 2)

    let dump = try sevk.dumpDatabase()
    #expect(dump.contains("provider_tokens"))
    let redis = try await SecretsTests().dumpRedis(sevk)
    for (place, text) in [("the logs", sevk.logs), ("the database", dump), ("Redis", redis)] {
      for secret in ["rl-1-", "rl-2-", "rl-3-", "panel-secret", "NTU1OnBhbmVsLXNlY3JldA"] {
        #expect(!text.contains(secret), "\(place) has \(secret)")
      }
    }
    for pin in orders.compactMap({ $0["pin"] as? String }) { #expect(!sevk.logs.contains(pin) && !dump.contains(pin)) }
    let story = try sevk.require("worker", ["order", "timeline", ids[8]])
    #expect(story.contains("/confirm"), "\(story)")
    await sevk.stop()
  }

  @Test func aCredentialThatMakesNoSenseIsNamed() async throws {
    let sevk = try await Installation.make()
    func refused(_ adapter: String, _ credentials: [String]) throws -> String {
      let answer = try sevk.command(
        "dispatcher",
        ["provider", "add", "x", "--adapter", adapter, "--base-url", "http://\(sevk.panel)"]
          + credentials.flatMap { ["--credential", $0] })
      #expect(answer.code == 64, "\(answer)")
      return answer.errors
    }
    let login = ["client_id=a", "client_secret=b"]
    #expect(try refused("reloadly", login).contains("audience"))
    #expect(try refused("reloadly", login + ["audience=phones"]).contains("--credential audience is “phones”"))
    #expect(try refused("reloadly", login + ["audience=topups", "auth_url=x"]).contains("auth_url must be a URL"))
    #expect(try refused("reloadly", login + ["audience=topups", "token=x"]).contains("token is not known"))
    #expect(try refused("dtone", ["key=a"]).contains("secret"))
    let help = try sevk.require("dispatcher", ["provider", "add", "--help"])
    for word in [
      "--adapter reloadly: --credential client_id=… --credential client_secret=… --credential audience=… [--credential auth_url=…]",
      "--adapter dtone: --credential key=… --credential secret=…", "product_id=ID",
    ] {
      #expect(help.contains(word), "\(word)")
    }
    await sevk.stop()
  }
}
