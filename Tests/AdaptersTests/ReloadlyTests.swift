import Orders
import Seeded
import Testing

@testable import Adapters

@Suite struct ReloadlyTests {
  let reloadly = Reloadly()
  static func desk(_ audience: String, base: String = "https://topups.example/") -> ProviderAccount {
    ProviderAccount(
      id: 10, name: "reloadly", adapter: "reloadly", baseURL: base,
      credentials: ["client_id": "c-1", "client_secret": "s3cret\"x", "audience": audience])
  }
  let topups = Self.desk("topups")
  let cards = Self.desk("giftcards")
  static let reference = "123456789012345678"

  static func topup(_ status: String, pin: String = "null", identifier: String = reference, more: String = "") -> String
  {
    #"{"transactionId":77,"status":"\#(status)","customIdentifier":"\#(identifier)","operatorId":535,"#
      + #""pinDetail":\#(pin)\#(more)}"#
  }
  static func order(_ status: String, identifier: String = reference) -> String {
    #"{"transactionId":77,"status":"\#(status)","customIdentifier":"\#(identifier)","product":{"productId":1}}"#
  }
  static func report(_ rows: String...) -> String {
    #"{"content":[\#(rows.joined(separator: ","))],"totalElements":\#(rows.count)}"#
  }
  static func error(_ code: String) -> String { #"{"message":"as documented","errorCode":"\#(code)","details":[]}"# }

  @Test func buildsItsRequests() {
    let top = reloadly.send(
      reference: Self.reference,
      parameters: ["operatorId": "535", "amount": "7.10", "countryCode": "TR", "number": "532\"1"], account: topups)
    #expect(top.method == "POST" && top.url == "https://topups.example/topups-async")
    #expect(
      top.body.map { String(decoding: $0, as: UTF8.self) }
        == #"{"operatorId":535,"amount":7.10,"useLocalAmount":false,"recipientPhone":{"countryCode":"TR","number":"532\"1"},"#
        + #""customIdentifier":"\#(Self.reference)"}"#)
    #expect(top.authentication == .token())
    #expect(top.headers.first { $0.name == "Accept" }?.value == "application/com.reloadly.topups-v1+json")
    let card = reloadly.send(
      reference: Self.reference,
      parameters: ["productId": "5", "unitPrice": "25", "senderName": "Shop", "userId": "u1"], account: cards)
    #expect(card.url == "https://topups.example/orders")
    #expect(
      card.redacted
        == #"POST /orders {"productId":5,"quantity":1,"unitPrice":25,"senderName":"Shop","customIdentifier":"\#(Self.reference)","#
        + #""productAdditionalRequirements":{"userId":"u1"}}"#)
    #expect(card.headers.first { $0.name == "Accept" }?.value == "application/com.reloadly.giftcards-v1+json")
    #expect(
      reloadly.query(reference: "4 2", account: topups).redacted
        == "GET /topups/reports/transactions?customIdentifier=4%202&page=1&size=20")
    #expect(reloadly.query(reference: "42", account: cards).redacted.hasPrefix("GET /reports/transactions?"))
    #expect(reloadly.facts.resendSafe == .sequential && reloadly.facts.notFound == .never)
    #expect(reloadly.facts.referenceDigits <= Reloadly.identifierBytesMax)
  }

  @Test(arguments: [
    ("topups", "https://topups.reloadly.com", "https://topups.reloadly.com"),
    ("giftcards", "https://giftcards-sandbox.reloadly.com", "https://giftcards-sandbox.reloadly.com"),
    ("topups", "https://topups-sandbox.reloadly.com", "https://topups-sandbox.reloadly.com"),
    ("https://giftcards.reloadly.com", "http://127.0.0.1:1", "https://giftcards.reloadly.com"),
  ])
  func asksForATokenOfItsProduct(_ audience: String, _ base: String, _ wanted: String) throws {
    var account = Self.desk(audience, base: base)
    let request = reloadly.token(account: account)
    #expect(request.url == "https://auth.reloadly.com/oauth/token")
    #expect(request.body.map { String(decoding: $0, as: UTF8.self) }?.contains(#""audience":"\#(wanted)""#) == true)
    #expect(!"\(request)".contains("s3cret") && !"\(request)".contains("c-1"))
    account.credentials["auth_url"] = "http://127.0.0.1:9/"
    #expect(reloadly.token(account: account).url == "http://127.0.0.1:9/oauth/token")
    let token = try reloadly.readToken(reply(#"{"access_token":"T-1","expires_in":"86400"}"#))
    #expect(token.value == "T-1" && token.lifetime == .seconds(86_400))
    for wrong in [
      #"{"access_token":"T 1","expires_in":1}"#, #"{"access_token":"T"}"#, #"{"access_token":"","expires_in":1}"#,
      #"{"access_token":"T","expires_in":0}"#, "", "{}", Self.error("INVALID_CREDENTIALS"),
    ] {
      #expect(throws: TokenError.self) { try reloadly.readToken(reply(wrong)) }
    }
  }

  @Test func saysWhichCredentialIsWrong() {
    func named(_ credentials: [String: String]) -> [String] {
      Reloadly.validate(credentials: credentials).map(\.parameter)
    }
    #expect(named(["audience": "topups"]).isEmpty && named(["audience": "https://giftcards.reloadly.com"]).isEmpty)
    #expect(named(["audience": "airtime"]) == ["audience"] && named(["audience": "https://"]) == ["audience"])
    #expect(named(["audience": "topups", "auth_url": "auth.reloadly.com"]) == ["auth_url"])
  }

  @Test(
    arguments: [
      (["operatorId": "5", "amount": "5", "countryCode": "TR", "number": "532"], []), ([:], ["productId"]),
      (["operatorId": "5", "productId": "5"], ["operatorId"]),
      (["operatorId": "5", "amount": "5,0", "countryCode": "tr", "number": "532"], ["amount", "countryCode"]),
      (["operatorId": "x", "amount": "-5", "countryCode": "TR"], ["number", "amount", "operatorId"]),
      (
        ["operatorId": "5", "amount": "5", "countryCode": "TR", "number": "5", "useLocalAmount": "yes"],
        ["useLocalAmount"]
      ),
      (["operatorId": "5", "amount": "5", "countryCode": "TR", "number": "5", "senderName": "x"], ["senderName"]),
      (["productId": "5", "unitPrice": "0.5", "senderName": "Shop"], []),
      (["productId": "5", "unitPrice": "05", "senderName": " "], ["senderName", "unitPrice"]),
      (["productId": "5"], ["unitPrice", "senderName"]),
      (["productId": "5", "unitPrice": "1", "senderName": "S", "recipientEmail": "a\r\nb"], ["recipientEmail"]),
    ] as [([String: String], [String])])
  func validates(_ parameters: [String: String], _ named: [String]) {
    #expect(reloadly.validate(parameters: parameters).map(\.parameter) == named)
  }

  private static let pin = #"{"serial":558111,"code":773709733097662,"info1":"DIAL *611"}"#

  @Test(arguments: [
    (report(topup("SUCCESSFUL", pin: pin)), Query.completed("773709733097662 558111")),
    (report(topup("SUCCESSFUL", pin: #"{"code":"AB12-CD34"}"#)), .completed("AB12-CD34")),
    (report(topup("SUCCESSFUL")), .completed(nil)),
    // A serial number alone buys nothing.
    (report(topup("SUCCESSFUL", pin: #"{"code":null,"serial":558111}"#)), .completed(nil)),
    (report(topup("PROCESSING")), .waiting), (report(topup("REFUNDED")), .cancelled),
    (report(topup("FAILED")), .cancelled),
    (report(order("PENDING")), .waiting), (report(order("FAILED")), .cancelled),
    (report(), .notFound), (#"{"content":[]}"#, .notFound),
    // Bought, and the code not asked for.
    (report(order("SUCCESSFUL")), .queryFailed),
    (report(topup("FAILED", pin: pin)), .unintelligible), (report(topup("Successful")), .unintelligible),
    (report(topup("ON_HOLD")), .unintelligible), (report(topup("SUCCESSFUL", pin: "\"x\"")), .unintelligible),
    (report(topup("SUCCESSFUL", pin: #"{"code":[1]}"#)), .unintelligible),
    // Neither, or both.
    (report(#"{"transactionId":77,"status":"SUCCESSFUL","customIdentifier":"\#(reference)"}"#), .unintelligible),
    (report(topup("SUCCESSFUL", more: #","product":{"productId":1}"#)), .unintelligible),
    // Twice ours: never the first.
    (report(topup("SUCCESSFUL"), topup("SUCCESSFUL")), .unintelligible),
    (report(topup("SUCCESSFUL"), topup("REFUNDED")), .unintelligible),
    // Another's beside it, alone, or without a name.
    (report(topup("SUCCESSFUL"), topup("REFUNDED", identifier: "9")), .unintelligible),
    (report(topup("SUCCESSFUL", identifier: "123456789012345679")), .unintelligible),
    (report(topup("SUCCESSFUL", identifier: " " + reference)), .unintelligible),
    (report(#"{"transactionId":77,"status":"SUCCESSFUL","operatorId":1}"#), .unintelligible),
    // More than the page has.
    (#"{"content":[\#(topup("SUCCESSFUL"))],"totalElements":2}"#, .unintelligible),
    (#"{"content":[],"totalElements":1}"#, .unintelligible), (#"{"content":{}}"#, .unintelligible),
    (report(topup("SUCCESSFUL")) + report(), .unintelligible), (topup("SUCCESSFUL"), .unintelligible),
    // Cards that nobody asked for.
    (#"[{"cardNumber":"6120200345149064"}]"#, .unintelligible),
    (error("TOKEN_EXPIRED"), .unintelligible), ("", .queryFailed), ("<html></html>", .queryFailed),
  ])
  func proves(_ body: String, _ proof: Query) {
    let outcome = reloadly.readQuery(reply(body), about: Self.reference, account: topups)
    #expect(outcome.proof == proof, "\(body): \(outcome)")
    #expect(!outcome.text.contains("7737") && !outcome.text.contains("AB12"))
    #expect(reloadly.readQuery(reply(body, status: 500), about: Self.reference, account: topups).proof == .queryFailed)
  }

  /// The report's filter takes capitals for small letters: what differs is another's, and ours is ours alone.
  @Test func anIdentifierIsComparedExactly() {
    func proof(_ rows: String...) -> Query {
      let text = #"{"content":[\#(rows.joined(separator: ","))],"totalElements":\#(rows.count)}"#
      return reloadly.readQuery(reply(text), about: "Order-A", account: topups).proof
    }
    let ours = Self.topup("SUCCESSFUL", identifier: "Order-A")
    let others = Self.topup("FAILED", identifier: "order-a")
    #expect(proof(ours) == .completed(nil) && proof(ours, others) == .completed(nil))
    #expect(proof(others) == .notFound)
    #expect(proof(ours, Self.topup("FAILED", identifier: "order-b")) == .unintelligible)
  }

  @Test func theCodeOfACardIsASecondRequest() {
    func next(_ bodies: String...) -> String? {
      reloadly.step(after: bodies.map { reply($0) }, of: .query, reference: Self.reference, account: cards)?.redacted
    }
    let bought = Self.report(Self.order("SUCCESSFUL"))
    #expect(next(bought) == "GET /orders/transactions/77/cards")
    for other in [
      Self.report(Self.order("PENDING")), Self.report(Self.order("SUCCESSFUL", identifier: "9")), Self.report(), "",
      Self.report(Self.topup("SUCCESSFUL")),
    ] {
      #expect(next(other) == nil, "\(other)")
    }
    #expect(next(bought, "[]") == nil)

    func proof(_ second: String, status: Int = 200) -> Query {
      reloadly.readQuery(
        [reply(bought), reply(second, status: status)], about: Self.reference, account: cards
      ).proof
    }
    #expect(proof(#"[{"cardNumber":"6120200345149064","pinCode":1234}]"#) == .completed("6120200345149064 1234"))
    #expect(proof(#"[{"cardNumber":null,"pinCode":"AB12-CD34"}]"#) == .completed("AB12-CD34"))
    #expect(proof("[]") == .waiting && proof(#"[{"cardNumber":"","pinCode":null}]"#) == .waiting)
    #expect(proof(#"[{"cardNumber":"1"},{"cardNumber":"2"}]"#) == .unintelligible)
    #expect(proof(#"[{"cardNumber":"6120200345149064""#) == .unintelligible && proof(bought) == .unintelligible)
    #expect(proof(Self.error("NOT_FOUND"), status: 404) == .queryFailed && proof("<p>", status: 502) == .queryFailed)
  }

  @Test(arguments: [
    (#"{"transactionId":77}"#, 200, Send.accepted(nil, nil)), (order("SUCCESSFUL"), 200, .accepted(nil, nil)),
    (order("PENDING"), 200, .accepted(nil, nil)), (order("SUCCESSFUL", identifier: "9"), 200, .unknown),
    (#"{"transactionId":77,"customIdentifier":"9"}"#, 200, .unknown), (#"{"transactionId":"x"}"#, 200, .unknown),
    (#"{"transactionId":77}{"transactionId":78}"#, 200, .unknown), (#"{"transactionId":77}"#, 202, .unknown),
    (error("CUSTOM_IDENTIFIER_ALREADY_USED"), 400, .unknown), (error("INSUFFICIENT_BALANCE"), 400, .accountTrouble),
    (error("INSUFFICIENT_BALANCE"), 409, .accountTrouble), (error("TOKEN_EXPIRED"), 401, .accountTrouble),
    (error("X"), 403, .accountTrouble), (error("X"), 429, .accountTrouble), (error("X"), 408, .unknown),
    (error("INVALID_RECIPIENT_PHONE"), 400, .refused), (error("OPERATOR_NOT_FOUND"), 404, .refused),
    (error("OPERATOR_UNAVAILABLE"), 503, .refused), (error("X"), 503, .unknown),
    (error("OPERATOR_UNAVAILABLE"), 502, .unknown),
    // Not in their form, so a proxy's.
    (#"{"message":"Bad Request"}"#, 400, .unknown), (#"{"message":"operator unavailable"}"#, 503, .unknown),
    (#"{"message":"x","errorCode":null}"#, 400, .unknown), ("<html></html>", 403, .unknown), ("", 401, .unknown),
    (error("INVALID_RECIPIENT_PHONE"), 200, .unknown), (error("INVALID_RECIPIENT_PHONE"), 302, .unknown),
    (error("INVALID_RECIPIENT_PHONE") + "x", 400, .unknown), ("", 200, .unknown), ("<html></html>", 200, .unknown),
  ])
  func provesOfASend(_ body: String, _ status: Int, _ proof: Send) {
    let outcome = reloadly.readSend([reply(body, status: status)], reference: Self.reference)
    #expect(outcome.proof == proof, "\(status) \(body): \(outcome)")
  }

  @Test func aNoticeIsAHintAndNoMore() {
    func read(_ body: String) -> Notice {
      reloadly.readNotice(
        .init(target: "/n", headers: [("X-Reloadly-Signature", "x")], body: Array(body.utf8)), account: topups)
    }
    let subject = Notice.Subject(reference: Self.reference, providerID: "77")
    #expect(read(Self.topup("SUCCESSFUL")) == .hint(subject))
    #expect(read(#"{"type":"x","data":\#(Self.topup("FAILED"))}"#) == .hint(subject))
    for wrong in ["", "{}", "[]", #"{"customIdentifier":""}"#, "{\"customIdentifier\":\"a\\nb\"}"] {
      guard case .rejected = read(wrong) else {
        Issue.record("\(wrong) was taken")
        continue
      }
    }
  }

  @Test(arguments: [
    report(topup("SUCCESSFUL", pin: #"{"code":"AB12-CD34","info1":"AB12-CD34"}"#)), #"[{"cardNumber":"AB12-CD34"}]"#,
    #"{"pinDetail":{"x":{"status":"AB12-CD34"}}}"#, #"{"status":"AB12-CD34","message":"code AB12-CD34"}"#,
    #"[{"cardNumber":"AB12-CD34""#, #"{"AB12-CD34":1}"#, #"{"redemptionUrl":"https://x.example/AB12-CD34"}"#,
    "<p>AB12-CD34",
  ])
  func neverShowsACode(_ body: String) {
    let shown = String(decoding: reloadly.redact(reply(body), kind: .query, pin: Pin("AB12-CD34")), as: UTF8.self)
    #expect(!shown.contains("AB12") && !shown.contains("CD34"), "\(shown)")
  }

  @Test func readsItsBalance() {
    #expect(reloadly.readProbe(reply(#"{"balance":"7.50"}"#)) == .working(balance: Money(parsing: "7.5")))
    for wrong in ["{}", #"{"balance":null}"#, #"{"balance":"5","errorCode":"X"}"#, "[]", "", Self.error("X")] {
      guard case .notWorking = reloadly.readProbe(reply(wrong)) else {
        Issue.record("\(wrong) works")
        continue
      }
    }
  }

  /// Bytes that were changed on the way settle nothing that was not said.
  @Test(arguments: [1, 2] as [UInt64])
  func onlyARowCompletes(_ seed: UInt64) throws {
    let corpus = [
      Self.report(Self.topup("SUCCESSFUL", pin: Self.pin)), Self.report(Self.topup("PROCESSING")),
      Self.report(Self.topup("REFUNDED")), Self.report(Self.order("SUCCESSFUL")), Self.report(), "<html></html>", "",
    ]
    var generator = SeededGenerator(seed: seed)
    var completed = 0
    for round in 0..<20_000 {
      let bytes = ZnetMutationTests.mutate(Array(corpus[round % corpus.count].utf8), using: &generator)
      let wire = WireReply(status: 200, body: bytes)
      let text = String(decoding: bytes, as: UTF8.self)
      switch reloadly.readQuery(wire, about: Self.reference, account: topups) {
      case .completed:
        completed += 1
        try #require(text.contains(#""SUCCESSFUL""#) && text.contains(#""\#(Self.reference)""#), "\(text)")
      case .cancelled: try #require(text.contains(#""REFUNDED""#) && text.contains(Self.reference), "\(text)")
      case .notFound: try #require(!text.contains("transactionId") || text.contains("content"), "\(text)")
      case .waiting, .queryFailed, .unintelligible: break
      }
      for kind in Exchange.Kind.allCases { _ = reloadly.redact(wire, kind: kind, pin: nil) }
      _ = reloadly.readProbe(wire)
      _ = reloadly.readSend([wire], reference: Self.reference)
    }
    #expect(completed > 100)
  }
}
