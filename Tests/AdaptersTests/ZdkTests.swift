import Foundation
import Orders
import Seeded
import Testing

@testable import Adapters

@Suite struct ZdkTests {
  let zdk = Zdk()
  let store = ProviderAccount(
    id: 8, name: "store", adapter: "zdk", baseURL: "http://store.example/", credentials: ["token": "t0ken & more"])
  static let reference = "123456789012345678"
  static let uuid = "12345678-9012-4345-8678-000000000000"

  @Test func buildsItsRequests() {
    let order = zdk.send(
      reference: Self.reference, parameters: ["product": "101", "playerId": "51 2", "معرف اللاعب": "ş&1"],
      account: store)
    #expect(
      order.url == "http://store.example/client/api/newOrder/101/params?qty=1&order_uuid=\(Self.uuid)&playerId=51%202"
        + "&%D9%85%D8%B9%D8%B1%D9%81%20%D8%A7%D9%84%D9%84%D8%A7%D8%B9%D8%A8=%C5%9F%261")
    #expect(order.method == "GET" && order.headers.first?.name == "api-token")
    #expect(order.headers.first?.value == "t0ken & more" && !"\(order)".contains("t0ken"))
    #expect(
      zdk.query(reference: Self.reference, account: store).url
        == "http://store.example/client/api/check?orders=%5B\(Self.uuid)%5D&uuid=1")
    #expect(zdk.probe(account: store).url == "http://store.example/client/api/profile")
    #expect(zdk.wireReference("42") == "42")
    // What a route may send.
    #expect(zdk.facts.takes("product") && zdk.facts.takes("معرف") && !zdk.facts.takes("order_uuid"))
    #expect(ZnetFatura().facts.takes("kurum_kodu") && !ZnetFatura().facts.takes("adet"))
    #expect(Znet().facts.takes("kupur") && !Znet().facts.takes("qty"))
  }

  @Test(
    arguments: [
      (["product": "1", "playerId": "5"], []), ([:], ["product"]), (["product": "a"], ["product"]),
      (["product": "1", "qty": "two"], ["qty"]), (["product": "1", "order_uuid": "x"], ["order_uuid"]),
      (["product": "1", "playerId": " "], ["playerId"]), (["product": "1", "a": "x\ny"], ["a"]),
      (["product": "1", "a": String(repeating: "9", count: 201)], ["a"]),
      (
        [
          "product": "1", "a": String(repeating: "ş", count: 100), "b": String(repeating: "ş", count: 99),
          "c": String(repeating: "ş", count: 98),
        ], ["a"]
      ),
    ] as [([String: String], [String])])
  func validates(_ parameters: [String: String], _ named: [String]) {
    #expect(zdk.validate(parameters: parameters).map(\.parameter) == named)
  }

  static func row(_ status: String, _ replay: String, _ more: String = "") -> String {
    #"{"status":"OK","data":[{"order_id":"ID_0123456789abcdef","status":"\#(status)","replay_api":\#(replay)\#(more)}]}"#
  }

  @Test(arguments: [
    (row("accept", #"["AB12-CD34"]"#), Query.completed("AB12-CD34")),
    (row("accept", #"[{"replay":["AB12-CD34"]}]"#), .completed("AB12-CD34")),
    (row("accept", #"["AB12-CD34","EF56-GH78"]"#), .completed("AB12-CD34 EF56-GH78")),
    (row("accept", "[1234567890]"), .completed("1234567890")),
    (row("accept", "null"), .completed(nil)), (row("accept", "[]"), .completed(nil)),
    (row("accept", #"[""]"#), .completed(nil)), (row("accept", #"["Teslim edildi"]"#), .completed(nil)),
    (row("wait", "null"), .waiting), (row("reject", "null"), .cancelled),
    (row("reject", #"["Player not found"]"#), .cancelled),
    // A code with a rejection: one of them is untrue.
    (row("reject", #"["AB12-CD34"]"#), .unintelligible),
    (row("pending", "null"), .unintelligible), (row("Accept", "null"), .unintelligible),
    (row("accept|code", #"["AB12-CD34"]"#), .unintelligible),
    (row("accept", #""AB12-CD34""#), .unintelligible), (row("accept", #"{"replay":"AB12"}"#), .unintelligible),
    (row("accept", #"["AB12-CD34"]"#, #","order_uuid":"\#(uuid)""#), .completed("AB12-CD34")),
    (row("accept", #"["AB12-CD34"]"#, #","order_uuid":"\#(uuid.uppercased())""#), .completed("AB12-CD34")),
    // Another's.
    (row("accept", #"["AB12-CD34"]"#, #","order_uuid":"99345678-9012-4345-8678-000000000000""#), .unintelligible),
    (
      row("accept", #"["AB12-CD34"]"#).replacing("ID_0123456789abcdef", with: "99345678-9012-4345-8678-000000000000"),
      .unintelligible
    ),
    // Whose is which?
    (#"{"status":"OK","data":[{"status":"accept","replay_api":["AB12-CD34"]},{"status":"wait"}]}"#, .unintelligible),
    (#"{"status":"OK","data":[{"status":"wait","status":"accept"}]}"#, .unintelligible),
    (#"{"status":"ERROR","status":"OK","data":[]}"#, .unintelligible),
    (#"{"status":"OK","data":[]}{"status":"OK","data":[]}"#, .unintelligible),
    (#"{"status":"OK","data":{}}"#, .unintelligible), (#"{"status":"OK"}"#, .unintelligible),
    (#"{"data":[]}"#, .unintelligible), ("[]", .unintelligible), (#"{"status":"Oʞ","data":[]}"#, .unintelligible),
    ("{\"status\":\"O\u{212A}\",\"data\":[]}", .unintelligible),
    (#"{"status":"OK","data":[]}"#, .notFound), (#"{"status":"ERROR","code":121}"#, .queryFailed),
    (#"{"status":"ERROR","msg":{"status":"not_available"}}"#, .queryFailed),
    ("", .queryFailed), ("<html></html>", .queryFailed),
    ("<br /><b>Notice</b>" + row("accept", #"["AB12-CD34"]"#), .queryFailed),
    (row("accept", #"["AB12-CD34"]"#) + "<br /><b>Notice</b>", .unintelligible),
  ])
  func proves(_ body: String, _ proof: Query) {
    let outcome = zdk.readQuery(reply(body), about: Self.reference, account: store)
    #expect(outcome.proof == proof, "\(body)")
    #expect(!outcome.text.contains("AB12"))
    // A server in trouble is not believed, whatever it writes.
    #expect(zdk.readQuery(reply(body, status: 500), about: Self.reference, account: store).proof == .queryFailed)
  }

  @Test func aBarInAValueEndsNoField() {
    for bar in ["|", "|\u{301}"] {
      let line = ZdkLine(reply(Self.row("wait\(bar)accept", "[]")), .query).line
      #expect(line.fields(UInt8(ascii: "|")).count == 3, "\(bar)")
    }
  }

  /// What must be said twice names the store's order, so that two rows of two orders bear nothing out.
  @Test func aRejectionNamesItsOrder() {
    func text(_ row: String) -> String {
      zdk.readQuery(reply(row), about: Self.reference, account: store).text
    }
    let row = Self.row("reject", #"["Player not found"]"#)
    #expect(text(row) == "rejected as ID_0123456789abcdef: “Player not found”")
    #expect(text(row.replacing("ID_0", with: "ID_1")) != text(row))
    #expect(text(row.replacing("ID_0123456789abcdef", with: Self.uuid)) == "rejected: “Player not found”")
  }

  @Test func onlyAListWithoutARowIsNotFound() {
    var tested = store
    tested.trustNotFoundAfter = .seconds(300)
    let empty = reply(#"{"status":"OK","data":[]}"#)
    for account in [store, tested] {
      #expect(zdk.readQuery(empty, about: Self.reference, account: account).proof == .notFound)
    }
    #expect(zdk.facts.notFound == .never && zdk.facts.isBookedOnce)
    #expect(zdk.facts(for: tested).notFound == .after(.seconds(300)))
    for other in [
      #"{"status":"ERROR","code":500}"#, #"{"status":"OK","data":null}"#, "", #"{"status":"OK","data":[null]}"#,
    ] {
      #expect(zdk.readQuery(reply(other), about: Self.reference, account: tested).proof != .notFound, "\(other)")
    }
  }

  static func order(_ status: String, _ replay: String = "null", id: String = "\"ID_1\"") -> String {
    #"{"status":"OK","data":{"order_id":\#(id),"status":"\#(status)","price":1.25,"replay_api":\#(replay)}}"#
  }

  @Test(arguments: [
    (order("wait"), Send.accepted("1.25", nil)), (order("accept"), .accepted("1.25", nil)),
    (order("accept", #"[{"replay":["AB12-CD34"]}]"#), .delivered("AB12-CD34")),
    (order("accept", #"["AB12-CD34"]"#), .delivered("AB12-CD34")),
    (order("reject"), .refused), (order("reject", #"["AB12-CD34"]"#), .unknown),
    (order("wait", id: "\"\""), .unknown), (order("done"), .unknown), (order("wait", id: "null"), .unknown),
    (#"{"status":"OK|wait|1|none"}"#, .unknown), (#"{"status":"wait","data":{"order_id":"ID_1"}}"#, .unknown),
    (#"{"status":"ERROR","code":100,"msg":"x"}"#, .accountTrouble), (#"{"status":"ERROR","code":"105"}"#, .refused),
    (#"{"status":"ERROR","code":111}"#, .unknown), (#"{"status":"ERROR","code":999}"#, .unknown),
    (#"{"status":"ERROR","code":1005}"#, .unknown), (#"{"status":"ERROR"}"#, .unknown), ("", .unknown),
    (#"{"status":"ERROR","code":105"#, .unknown),
  ])
  func provesOfASend(_ body: String, _ proof: Send) {
    #expect(zdk.readSend(reply(body)).proof == proof, "\(body)")
    #expect(zdk.readSend(reply(body, status: 503)).proof == .unknown)
  }

  @Test func keepsTheStoresOwnNameAndHidesItsToken() throws {
    guard case .accepted(let receipt) = zdk.readSend(reply(Self.order("wait"))) else {
      Issue.record("not accepted")
      return
    }
    #expect(receipt.providerOrderID == "ID_1")
    #expect(zdk.readProbe(reply(#"{"data":{"balance":"7.5"}}"#)) == .working(balance: Money(parsing: "7.5")))
    #expect(zdk.readProbe(reply(#"{"balance":3,"email":"a@b"}"#)) == .working(balance: Money(parsing: "3")))
    for wrong in ["{}", #"{"balance":null}"#, #"{"status":"ERROR","code":120,"balance":"5"}"#, "[]", ""] {
      guard case .notWorking = zdk.readProbe(reply(wrong)) else {
        Issue.record("\(wrong) works")
        continue
      }
    }
  }

  @Test(arguments: [
    row("accept", #"["AB12-CD34"]"#), row("accept", #"[{"replay":[{"pin":["AB12-CD34"]}]}]"#),
    #"{"status":"OK","data":{"code":"AB12-CD34","order_id":"AB12-CD34","status":"AB12-CD34"}}"#,
    #"{"AB12-CD34":1,"price":"AB12-CD34","msg":"your code is AB12-CD34"}"#, #"{"replay_api":["AB12-CD34""#,
    #"AB12-CD34 {"replay_api":[]}"#, row("accept", #"["\u0041B12-CD34"]"#), "<p>AB12-CD34",
  ])
  func neverShowsACode(_ body: String) {
    for kind in [Exchange.Kind.send, .query, .probe] {
      let shown = String(decoding: zdk.redact(reply(body), kind: kind, pin: Pin("AB12-CD34")), as: UTF8.self)
      #expect(!shown.contains("AB12") && !shown.contains("CD34"), "\(shown)")
    }
    #expect(!zdk.readSend(reply(body)).text.contains("AB12"))
  }

  @Test func readsItsCatalogue() throws {
    let items = try zdk.readCatalog(
      reply(
        #"[{"id":101,"name":"60 UC","price":0.95,"params":["playerId"],"category_name":"PUBG","available":true},"#
          + #"{"id":102,"name":"x","price":1,"available":false},{"name":"y","price":"1.5"},{"id":7,"price":1},{"id":7}]"#
      ))
    #expect(items.map(\.isMappable) == [true, false, false, false, false])
    #expect(items[0].parameters == ["product": "101"] && items[0].cost == Money(parsing: "0.95"))
    #expect(items[0].details == "asks for playerId" && items[0].game == "PUBG")
    #expect(throws: CatalogError.self) { try zdk.readCatalog(reply(#"{"status":"ERROR","code":120,"msg":"no"}"#)) }
    #expect(throws: CatalogError.self) { try zdk.readCatalog(reply("[{]")) }
  }

  /// Bytes that were changed on the way settle nothing that was not said.
  @Test(arguments: [1, 2] as [UInt64])
  func onlyARowCompletes(_ seed: UInt64) throws {
    let corpus = [
      Self.row("accept", #"["AB12-CD34"]"#), Self.row("wait", "null"), Self.row("reject", "null"), Self.order("wait"),
      #"{"status":"OK","data":[]}"#, #"{"status":"ERROR","code":105,"msg":"x"}"#, "<html></html>", "",
    ]
    var generator = SeededGenerator(seed: seed)
    var completed = 0
    for round in 0..<20_000 {
      let bytes = ZnetMutationTests.mutate(Array(corpus[round % corpus.count].utf8), using: &generator)
      let wire = WireReply(status: 200, body: bytes)
      let text = String(decoding: bytes, as: UTF8.self)
      switch zdk.readQuery(wire, about: Self.reference, account: store) {
      case .completed(let pin, _):
        completed += 1
        try #require(text.contains(#""accept""#) && text.contains(#""OK""#), "\(text)")
        if let pin, pin.secret.utf8.count > 5 {
          let shown = zdk.redact(wire, kind: .query, pin: pin)
          try #require(!ZnetMutationTests.contains(shown, Array(pin.secret.utf8)), "\(text)")
        }
      case .cancelled: try #require(text.contains(#""reject""#) && text.contains(#""OK""#), "\(text)")
      case .notFound: try #require(text.contains(#""data""#) && text.contains(#""OK""#), "\(text)")
      case .waiting, .queryFailed, .unintelligible: break
      }
      if case .accepted = zdk.readSend(wire) { try #require(text.contains("order_id"), "\(text)") }
      for kind in Exchange.Kind.allCases { _ = zdk.redact(wire, kind: kind, pin: nil) }
      _ = try? zdk.readCatalog(wire)
      _ = zdk.readProbe(wire)
    }
    #expect(completed > 100)
  }
}
