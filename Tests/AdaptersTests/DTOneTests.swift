import Foundation
import Orders
import Seeded
import Testing

@testable import Adapters

@Suite struct DTOneTests {
  let dtone = DTOne()
  let desk = ProviderAccount(
    id: 9, name: "dtone", adapter: "dtone", baseURL: "https://dvs.example/",
    credentials: ["key": "k1", "secret": "s3cret:x"])
  static let reference = "123456789012345678"

  static func transaction(
    _ number: Int, _ name: String, pin: String = "null", external: String = reference, id: String = "77",
    more: String = ""
  ) -> String {
    #"{"id":\#(id),"external_id":"\#(external)","status":{"id":\#(number)0000,"message":"\#(name)","#
      + #""class":{"id":\#(number),"message":"\#(name)"}},"pin":\#(pin)\#(more)}"#
  }

  static func error(_ code: Int) -> String { #"{"errors":[{"code":\#(code),"message":"as documented"}]}"# }

  @Test func buildsItsRequests() throws {
    let order = dtone.send(
      reference: Self.reference, parameters: ["product_id": "5", "mobile_number": "+90\"532"], account: desk)
    #expect(order.method == "POST" && order.url == "https://dvs.example/v1/async/transactions")
    #expect(
      order.body.map { String(decoding: $0, as: UTF8.self) }
        == #"{"external_id":"\#(Self.reference)","product_id":5,"auto_confirm":false,"#
        + #""credit_party_identifier":{"mobile_number":"+90\"532"}}"#)
    #expect(order.authentication == .basic(user: "k1", password: "s3cret:x") && !"\(order)".contains("s3cret"))
    #expect(WireRequest.Authentication.basicText(user: "k1", password: "s3cret:x") == "azE6czNjcmV0Ong=")
    let ranged = dtone.send(
      reference: Self.reference,
      parameters: [
        "product_id": "5", "amount": "12.50", "unit": "EUR", "calculation_mode": "DESTINATION_AMOUNT",
        "callback_url": "https://sevk.example/n",
      ], account: desk)
    #expect(ranged.redacted.contains(#""destination":{"amount":12.50,"unit":"EUR","unit_type":"CURRENCY"}"#))
    #expect(ranged.redacted.hasSuffix(#""callback_url":"https://sevk.example/n"}"#))
    #expect(
      dtone.query(reference: Self.reference, account: desk).url
        == "https://dvs.example/v1/transactions?external_id=\(Self.reference)")
    #expect(dtone.confirm("77", desk).redacted == "POST /v1/async/transactions/77/confirm")
    #expect(dtone.facts.resendSafe == .sequential && dtone.facts.notFound == .never)
    #expect(dtone.facts.referenceDigits <= DTOne.externalIDBytesMax)
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5])
  func base64IsPadded(_ count: Int) {
    let bytes = [UInt8]("\u{0}\u{FF}ş~".utf8.prefix(count))
    #expect(Base64Text.encode(bytes) == Data(bytes).base64EncodedString())
  }

  @Test(
    arguments: [
      (["product_id": "5"], []), ([:], ["product_id"]), (["product_id": "x"], ["product_id"]),
      (["product_id": "5", "mobile_number": " "], ["mobile_number"]),
      (["product_id": "5", "auto_confirm": "true"], ["auto_confirm"]),
      (["product_id": "5", "amount": "1e5", "unit": "EUR", "calculation_mode": "SOURCE_AMOUNT"], ["amount"]),
      (["product_id": "5", "amount": "5"], ["unit", "calculation_mode"]),
      (["product_id": "5", "amount": "5", "unit": "EUR", "calculation_mode": "X"], ["calculation_mode"]),
      (["product_id": "5", "account_number": "a\nb"], ["account_number"]),
      (["product_id": "5", "account_number": String(repeating: "9", count: 201)], ["account_number"]),
    ] as [([String: String], [String])])
  func validates(_ parameters: [String: String], _ named: [String]) {
    #expect(dtone.validate(parameters: parameters).map(\.parameter) == named)
  }

  private static let pin = #"{"code":"7737-0973-3097","serial":"55 81"}"#

  @Test(arguments: [
    ("[\(transaction(7, "COMPLETED", pin: pin))]", Query.completed("7737-0973-3097 55 81")),
    ("[\(transaction(7, "COMPLETED", pin: #"{"code":773709733097}"#))]", .completed("773709733097")),
    ("[\(transaction(7, "COMPLETED", pin: #"{"code":null,"serial":"1"}"#))]", .completed(nil)),
    ("[\(transaction(7, "COMPLETED"))]", .completed(nil)), ("[\(transaction(2, "CONFIRMED"))]", .waiting),
    ("[\(transaction(5, "SUBMITTED"))]", .waiting), ("[\(transaction(8, "REVERSED"))]", .cancelled),
    ("[\(transaction(9, "DECLINED"))]", .cancelled), ("[\(transaction(3, "REJECTED"))]", .cancelled),
    ("[\(transaction(4, "CANCELLED"))]", .cancelled),
    // Numbers may be texts.
    ("[\(transaction(7, "COMPLETED", id: "\"77\""))]", .completed(nil)),
    ("[\(transaction(1, "CREATED"))]", .notFound), ("[]", .notFound),
    // A code with a refusal, or with what is only made: one of them is untrue.
    ("[\(transaction(9, "DECLINED", pin: pin))]", .unintelligible),
    ("[\(transaction(1, "CREATED", pin: pin))]", .unintelligible),
    ("[\(transaction(7, "COMPLETED", pin: "\"AB12-CD34\""))]", .unintelligible),
    ("[\(transaction(7, "COMPLETED", pin: #"{"code":["7737-0973-3097"]}"#))]", .unintelligible),
    // Number and word don't belong together; neither is documented.
    ("[\(transaction(7, "DECLINED"))]", .unintelligible), ("[\(transaction(6, "SUSPENDED"))]", .unintelligible),
    ("[\(transaction(7, "Completed"))]", .unintelligible), ("[\(transaction(7, "COMPLETED|none"))]", .unintelligible),
    // Another's, or nobody's.
    ("[\(transaction(7, "COMPLETED", external: "123456789012345679"))]", .unintelligible),
    ("[\(transaction(7, "COMPLETED", external: reference + " "))]", .unintelligible),
    ("[{\"id\":7,\"status\":{\"class\":{\"id\":7,\"message\":\"COMPLETED\"}}}]", .unintelligible),
    ("[\(transaction(7, "COMPLETED")),\(transaction(7, "COMPLETED", external: "x"))]", .unintelligible),
    // Twice ours.
    ("[\(transaction(7, "COMPLETED")),\(transaction(9, "DECLINED", id: "78"))]", .unintelligible),
    (transaction(7, "COMPLETED"), .unintelligible), ("[\(transaction(7, "COMPLETED"))][]", .unintelligible),
    ("[\(transaction(7, "COMPLETED"))", .unintelligible),
    ("[\(transaction(7, "COMPLETED", id: "\"7/../8\""))]", .unintelligible),
    ("[\(transaction(7, "COMPLETED", more: #","external_id":"x""#))]", .unintelligible),
    (error(1_000_401), .unintelligible), ("", .queryFailed), ("<html></html>", .queryFailed), ("{}", .unintelligible),
  ])
  func proves(_ body: String, _ proof: Query) {
    let outcome = dtone.readQuery(reply(body), about: Self.reference, account: desk)
    #expect(outcome.proof == proof, "\(body): \(outcome)")
    #expect(!outcome.text.contains("7737"))
    #expect(dtone.readQuery(reply(body, status: 500), about: Self.reference, account: desk).proof == .queryFailed)
  }

  @Test func anUnconfirmedOneIsSaidToBeNotExecuted() {
    let outcome = dtone.readQuery(
      reply("[\(Self.transaction(1, "CREATED"))]"), about: Self.reference, account: desk)
    #expect(outcome == .notFound("transaction 77 is created there but never confirmed, so not executed"))
  }

  /// The next request, by the replies so far: a confirmation, a look-up, or none.
  @Test func stepsOnlyWhereItIsSurelyOurs() {
    func next(_ bodies: (String, Int)...) -> String? {
      dtone.step(
        after: bodies.map { reply($0.0, status: $0.1) }, of: .send, reference: Self.reference, account: desk)?.redacted
    }
    let created = Self.transaction(1, "CREATED")
    let confirm = "POST /v1/async/transactions/77/confirm"
    #expect(next((created, 201)) == confirm)
    #expect(next((Self.error(1_007_001), 400)) == "GET /v1/transactions?external_id=\(Self.reference)")
    #expect(next((Self.error(1_007_001), 400), ("[\(created)]", 200)) == confirm)
    for other in [
      Self.transaction(1, "CREATED", external: "9"), Self.transaction(2, "CONFIRMED"), Self.error(1_006_001), "", "[]",
      Self.transaction(1, "CREATED", id: "\"7/x\""), Self.transaction(1, "CREATED", id: "null"), created + created,
      "[\(created)]",
    ] {
      #expect(next((other, other.contains("errors") ? 400 : 201)) == nil, "\(other)")
    }
    for found in [
      "[]", "[\(created),\(created)]", "[\(Self.transaction(2, "CONFIRMED"))]",
      "[\(Self.transaction(1, "CREATED", external: "9"))]",
    ] {
      #expect(next((Self.error(1_007_001), 400), (found, 200)) == nil, "\(found)")
    }
    // What was confirmed is not confirmed again, whatever is answered.
    #expect(next((created, 201), (created, 200)) == nil)
    #expect(next((Self.error(1_007_001), 400), ("[\(created)]", 200), (created, 200)) == nil)
    #expect(
      dtone.step(after: [reply("[\(created)]")], of: .query, reference: Self.reference, account: desk) == nil)
  }

  @Test func whatAllRepliesToASendProve() {
    func proof(_ bodies: (String, Int)...) -> Send {
      dtone.readSend(bodies.map { reply($0.0, status: $0.1) }, reference: Self.reference).proof
    }
    let created = (Self.transaction(1, "CREATED"), 201)
    let taken = (Self.error(1_007_001), 400)
    let price = #","prices":{"wholesale":{"amount":4.5,"fee":"0.1"}}"#
    #expect(proof(created, (Self.transaction(2, "CONFIRMED", more: price), 200)) == .accepted("4.60", nil))
    #expect(
      proof(created, (Self.transaction(7, "COMPLETED", pin: Self.pin), 200)) == .delivered("7737-0973-3097 55 81"))
    #expect(proof(taken, ("[\(created.0)]", 200), (Self.transaction(2, "CONFIRMED"), 200)) == .accepted(nil, nil))
    #expect(proof((Self.error(1_003_001), 400)) == .refused && proof((Self.error(1_006_001), 400)) == .accountTrouble)
    // Created, and then anything may be.
    for after in [
      (Self.error(1_006_001), 400), (Self.error(1_000_400), 400), (Self.error(1_007_002), 400), ("", 502), created,
      (Self.transaction(2, "CONFIRMED", external: "9"), 200), (Self.transaction(2, "CONFIRMED", id: "78"), 200),
    ] {
      #expect(proof(created, after) == .unknown, "\(after)")
      #expect(proof(taken, ("[\(created.0)]", 200), after) == .unknown, "\(after)")
    }
    for found in ["[]", "[\(Self.transaction(7, "COMPLETED"))]", "[\(Self.transaction(9, "DECLINED"))]"] {
      #expect(proof(taken, (found, 200)) == .unknown)
    }
    #expect(proof(created) == .unknown)
    // Two errors are not one, and a proxy's is none of theirs.
    #expect(proof((#"{"errors":[{"code":1003001,"message":"a"},{"code":1000400,"message":"b"}]}"#, 400)) == .unknown)
    #expect(proof((#"{"message":"Forbidden"}"#, 403)) == .unknown && proof(("<html></html>", 400)) == .unknown)
  }

  @Test func aNoticeIsAHintAndNoMore() {
    func read(_ body: String) -> Notice {
      dtone.readNotice(.init(target: "/n", headers: [], body: Array(body.utf8)), account: desk)
    }
    #expect(
      read(Self.transaction(7, "COMPLETED", pin: Self.pin))
        == .hint(.init(reference: Self.reference, providerID: "77")))
    for wrong in ["", "[]", "{}", #"{"external_id":""}"#, #"{"external_id":7}"#, #"{"external_id":"a b"}"#] {
      guard case .rejected = read(wrong) else {
        Issue.record("\(wrong) was taken")
        continue
      }
    }
  }

  @Test(arguments: [
    "[\(transaction(7, "COMPLETED", pin: pin))]", #"[{"pin":{"x":[{"y":"7737-0973-3097"}]}}]"#,
    #"{"id":"7737-0973-3097","external_id":"7737-0973-3097","status":"7737-0973-3097","note":"7737-0973-3097"}"#,
    #"[{"pin":{"code":"7737-0973-3097""#, #"{"7737-0973-3097":1}"#, "<p>7737-0973-3097",
  ])
  func neverShowsACode(_ body: String) {
    let shown = String(
      decoding: dtone.redact(reply(body), kind: .query, pin: Pin("7737-0973-3097 55 81")), as: UTF8.self)
    #expect(!shown.contains("7737") && !shown.contains("3097"), "\(shown)")
  }

  @Test func showsWhatSupportNeeds() {
    let body = "[\(Self.transaction(9, "DECLINED", more: #","creation_date":"2026-11-29T10:00:00.000Z""#))]"
    let shown = String(decoding: dtone.redact(reply(body), kind: .query, pin: nil), as: UTF8.self)
    for word in ["77", Self.reference, "DECLINED", "2026-11-29T10:00:00.000Z", "90000"] {
      #expect(shown.contains(word), "\(shown)")
    }
  }

  /// Bytes that were changed on the way settle nothing that was not said.
  @Test(arguments: [1, 2] as [UInt64])
  func onlyARowCompletes(_ seed: UInt64) throws {
    let corpus = [
      "[\(Self.transaction(7, "COMPLETED", pin: Self.pin))]", "[\(Self.transaction(2, "CONFIRMED"))]",
      "[\(Self.transaction(9, "DECLINED"))]", "[\(Self.transaction(1, "CREATED"))]", "[]", "<html></html>", "",
    ]
    var generator = SeededGenerator(seed: seed)
    var completed = 0
    for round in 0..<20_000 {
      let bytes = ZnetMutationTests.mutate(Array(corpus[round % corpus.count].utf8), using: &generator)
      let wire = WireReply(status: 200, body: bytes)
      let text = String(decoding: bytes, as: UTF8.self)
      switch dtone.readQuery(wire, about: Self.reference, account: desk) {
      case .completed:
        completed += 1
        try #require(text.contains(#""COMPLETED""#) && text.contains(#""\#(Self.reference)""#), "\(text)")
      case .cancelled: try #require(text.contains(#""DECLINED""#) && text.contains(Self.reference), "\(text)")
      case .notFound, .waiting, .queryFailed, .unintelligible: break
      }
      if let next = dtone.step(after: [wire], of: .send, reference: Self.reference, account: desk) {
        try #require(text.contains(#""CREATED""#) && text.contains(Self.reference), "\(text): \(next)")
      }
      for kind in Exchange.Kind.allCases { _ = dtone.redact(wire, kind: kind, pin: nil) }
      _ = dtone.readProbe(wire)
    }
    #expect(completed > 100)
  }

  @Test func readsItsBalance() {
    #expect(
      dtone.readProbe(reply(#"[{"unit":"USD","available":"7.50","holding":0}]"#))
        == .working(balance: Money(parsing: "7.5")))
    #expect(dtone.readProbe(reply(#"[{"available":1},{"available":2}]"#)) == .working(balance: nil))
    for wrong in ["[]", "{}", #"[{"available":null}]"#, Self.error(1_000_401), ""] {
      guard case .notWorking = dtone.readProbe(reply(wrong)) else {
        Issue.record("\(wrong) works")
        continue
      }
    }
  }
}
