import EventLoop
import Foundation
import TestSupport
import Testing

/// Bytes that would become other bytes on their way: each is another order, another player, or nobody's.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct BytesTests {
  private static func key(_ value: [UInt8]) -> [UInt8] { Array("Idempotency-Key: ".utf8) + value }
  private static func key(_ value: String) -> [UInt8] { key(Array(value.utf8)) }

  @Test func keysThatAreNoVisibleASCIIAreRefused() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let body = Array(Installation.order(player: 1).utf8)
    // Latin-1, as http.client sends it: once both were one key, and the second order was lost.
    for vowel in [0xFC, 0xF6] as [UInt8] {
      let answer = try await sevk.postRaw(
        headers: [Self.key(Array("order-g".utf8) + [vowel, UInt8(ascii: "l")])], body: body)
      #expect(answer.status == 400 && answer.text.contains("bytes that are no ASCII"), "\(answer)")
    }
    for key in ["gül", "a b", "", "k\u{A0}", "k\u{200B}", "\"k", String(repeating: "k", count: 256)] {
      let answer = try await sevk.postRaw(headers: [Self.key(key)], body: body)
      #expect(answer.status == 400 && answer.text.contains("Idempotency-Key"), "\(key): \(answer)")
    }
    for keys in [["a", "b"], ["b", "a"], ["a", "a", "b"], ["a", ""]] {
      let answer = try await sevk.postRaw(headers: keys.map { Self.key($0) }, body: body)
      #expect(answer.status == 400, "\(keys): \(answer)")
    }
    #expect(try await sevk.rows("SELECT count(*) FROM orders") == ["0"])
    await sevk.stop()
  }

  @Test func oneKeyIsOneOrderHoweverItIsWritten() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let body = Installation.order(player: 1)
    var statuses: [Int] = []
    for key in ["k", "k ", "k\t", " \t k \t", "\"k\"", " \"k\" "] {
      statuses.append(try await sevk.postRaw(headers: [Self.key(key)], body: Array(body.utf8)).status)
    }
    statuses.append(try await sevk.postRaw(headers: [Self.key("k"), Self.key("\"k\"")], body: Array(body.utf8)).status)
    #expect(statuses == [201, 200, 200, 200, 200, 200, 200])
    let items = ["k", "k ", "\\\"k\\\"", "\\tk"].map { String(body.dropLast()) + #","idempotency_key":"\#($0)"}"# }
    let batch = try await sevk.call("POST", "/v1/orders:batch", body: #"{"orders":[\#(items.joined(separator: ","))]}"#)
    #expect((batch.json["results"] as? [[String: Any]])?.compactMap { $0["status"] as? Int } == [200, 200, 200, 200])
    #expect(try await sevk.rows("SELECT idempotency_key FROM orders") == ["k"])
    // One from a version that kept blanks and quotes is still the same order.
    _ = try await sevk.rows(#"UPDATE orders SET idempotency_key = '"old" ' RETURNING id::text"#)
    #expect(try await sevk.postRaw(headers: [Self.key("\"old\" ")], body: Array(body.utf8)).status == 200)
    #expect(try await sevk.rows("SELECT count(*) FROM orders") == ["1"])
    await sevk.stop()
  }

  /// To a Swift String both are one; to a shop and to PostgreSQL they are two.
  @Test func twoSpellingsOfALetterAreTwoNames() async throws {
    let sevk = try await Installation.make()
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    try sevk.addRoute(composed, to: "panel")
    try await sevk.start("dispatcher")
    func post(_ product: String, reference: String, _ key: String) async throws -> Installation.Answer {
      let body = """
        {"product":"\(product)","reference":"\(reference)","fields":{"player_id":"1","phone":"9"}}
        """
      return try await sevk.call("POST", "/v1/orders", body: body, key: key)
    }
    let unknown = try await post(decomposed, reference: composed, "1")
    #expect(unknown.status == 422 && unknown.problemFields == ["product"], "\(unknown.text)")
    #expect(try await post(composed, reference: composed, "2").status == 201)
    #expect(try await post(composed, reference: decomposed, "3").status == 201)
    #expect(try await post(composed, reference: decomposed, "2").status == 409, "another reference is another order")
    let remove = ["route", "remove", "--tenant", "shop", "--yes", "--product"]
    #expect(try sevk.command("dispatcher", remove + [decomposed]).code == 64)
    try sevk.addRoute(decomposed, to: "panel")
    #expect(try sevk.require("dispatcher", ["route", "list"]).utf8.split(separator: 10).count == 3)
    let both = try await sevk.call(
      "POST", "/v1/orders", body: #"{"product":"pubg-60","fields":{"\#(composed)":"1","\#(decomposed)":"2"}}"#, key: "4"
    )
    #expect(both.status == 400, "\(both.text)")
    await sevk.stop()
  }

  @Test func limitsAreBytesAndNameTheField() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let marks = "e" + String(repeating: "\u{301}", count: 2_000)
    func order(_ product: String, _ reference: String, _ player: String, _ phone: String = "9") -> String {
      """
      {"product":"\(product)","reference":"\(reference)","fields":{"player_id":"\(player)","phone":"\(phone)"}}
      """
    }
    let rows: [(body: String, fields: [String])] = [
      (order(marks, "r", "1"), ["product"]), (order("pubg-60", marks, "1"), ["reference"]),
      (order("pubg-60", "r", marks), ["fields.player_id"]),
      // What fits an order and not the panel's URL.
      (order("pubg-60", "r", String(repeating: "9", count: 201)), ["fields.player_id"]),
      (order("pubg-60", "r", "1", String(repeating: "ş", count: 101)), ["fields.phone"]),
      (order("pubg-60", "a\\u0000b", "1"), ["reference"]), (order("pubg-60", "r", "1\\u0000"), ["fields.player_id"]),
      (order("pubg-60", "\\ud800", "1"), ["reference"]), (order("pubg-60", "r", "1\\udc00"), ["fields.player_id"]),
      (order("pubg-60", "r", "1", "9\\n"), ["fields.phone"]), (order("pubg-60\\u0085", "r", "1"), ["product"]),
    ]
    for (number, row) in rows.enumerated() {
      let answer = try await sevk.call("POST", "/v1/orders", body: row.body, key: "k\(number)")
      #expect(answer.status == 422 && answer.problemFields == row.fields, "\(answer.status) \(answer.text.prefix(300))")
    }
    let items =
      rows.enumerated().map { String($1.body.dropLast()) + #","idempotency_key":"k\#($0)"}"# }
      + [String(order("pubg-60", "r", "1").dropLast()) + #","idempotency_key":"\#(marks)"}"#]
    let batch = try await sevk.call("POST", "/v1/orders:batch", body: #"{"orders":[\#(items.joined(separator: ","))]}"#)
    let results = try #require(batch.json["results"] as? [[String: Any]])
    #expect(results.compactMap { $0["status"] as? Int } == [Int](repeating: 422, count: rows.count + 1))
    #expect(!sevk.logs.contains("54000") && !sevk.logs.contains("could not be recorded"))
    #expect(try await sevk.rows("SELECT count(*) FROM orders") == ["0"])
    await sevk.stop()
  }

  @Test func whatTwoParsersReadInTwoWaysIsRefused() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let good = Installation.order(player: 1)
    let fields = #"{"product":"pubg-60","fields":{"player_id":"1111","player_id":"2222","phone":"9"}}"#
    let utf16 = good.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let bodies: [[UInt8]] = [
      Array(fields.utf8), Array(good.replacing("}", with: ",}").utf8),
      Array((good.dropLast() + #","product":"pubg-60"}"#).utf8), utf16, [0xFF, 0xFE] + utf16,
      [0xEF, 0xBB, 0xBF] + Array(good.utf8), Array((good + "{}").utf8),
    ]
    for (number, body) in bodies.enumerated() {
      let one = try await sevk.postRaw(headers: [Self.key("k\(number)")], body: body)
      #expect(one.status == 400 && one.text.contains("not JSON"), "\(number): \(one)")
      let batch = Array(#"{"orders":["#.utf8) + body + Array("]}".utf8)
      let many = try await sevk.postRaw("/v1/orders:batch", headers: [], body: body.first == 0xFF ? body : batch)
      #expect(many.status == 400, "\(number): \(many)")
    }
    #expect(try await sevk.rows("SELECT count(*) FROM orders") == ["0"])
    await sevk.stop()
  }

  @Test func whatNobodySeesInAnIdIsNamedOrTakenAway() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    func post(_ player: String, _ key: String, phone: String = "905551234567", product: String = "pubg-60")
      async throws -> Installation.Answer
    {
      let body = #"{"product":"\#(product)","fields":{"player_id":"\#(player)","phone":"\#(phone)"}}"#
      return try await sevk.call("POST", "/v1/orders", body: body, key: key)
    }
    for (number, row) in [
      ("5123\u{200F}", "U+200F RIGHT-TO-LEFT MARK"), ("5123\u{A0}", "U+00A0 NO-BREAK SPACE"),
      ("51\u{200B}23", "U+200B ZERO WIDTH SPACE"), ("٥١٢٣", "U+0665 ARABIC-INDIC DIGIT FIVE"),
      (" 5123", "begins with a blank"), ("5123 ", "ends with a blank"), ("  ", "is blank"),
    ].enumerated() {
      let answer = try await post(row.0, "r\(number)")
      #expect(answer.status == 422 && answer.problemFields == ["fields.player_id"], "\(answer.text)")
      #expect(answer.text.contains(row.1), "\(answer.text)")
    }
    let add = [
      "route", "add", "--tenant", "shop", "--product", "strict", "--provider", "panel", "--param", "oyun=1", "--param",
      "kupur=60", "--param", "oyuncu_bilgi={player_id}", "--param", "musteri_tel={phone}",
    ]
    for (rule, why) in [
      ("player_id=number", "must be digits, trim or pattern:REGEX"), ("name=trim", "no --param uses {name}"),
      ("phone=pattern:(", "a ( has no )"), ("phone=pattern:\(String(repeating: "a", count: 201))", "1 to 200 bytes"),
    ] {
      let refused = try sevk.command("dispatcher", add + ["--field", rule])
      #expect(refused.code == 64 && refused.errors.contains(why), "\(rule): \(refused.errors)")
    }
    try sevk.require("dispatcher", add + ["--field", "player_id=digits", "--field", "phone=pattern:90[0-9]{10}"])
    let list = try sevk.require("dispatcher", ["route", "list"])
    #expect(list.contains("{phone} pattern:90[0-9]{10} {player_id} digits"), "\(list)")

    let mended = try await post("\u{200F}٥1\u{200B}23\u{A0}", "m", product: "strict")
    #expect(mended.status == 201 && mended.text.contains(#""player_id":"5123""#), "\(mended.text)")
    #expect(try await post("\u{200F}٥1\u{200B}23\u{A0}", "m", product: "strict").status == 200)
    let wrong = try await post("51 23", "w", phone: "0555", product: "strict")
    #expect(wrong.problemFields == ["fields.phone", "fields.player_id"])
    #expect(wrong.text.contains("must match 90[0-9]{10}") && wrong.text.contains("must be digits alone"))
    try await sevk.settled([try #require(mended.json["id"] as? String)])
    let sent = try await sevk.rows("SELECT request FROM exchanges WHERE kind = 'send'")
    #expect(sent.count == 1 && sent[0].contains("oyuncu_bilgi=5123&"), "\(sent)")

    let other = ["route", "add", "--tenant", "shop", "--product", "top-up"] + add.dropFirst(6)
    let refused = try sevk.command("dispatcher", other + ["--player-field", "name"])
    #expect(refused.code == 64 && refused.errors.contains("no --param uses {name}"), "\(refused.errors)")
    try sevk.require("dispatcher", other + ["--player-field", "phone"])
    #expect(try sevk.require("dispatcher", ["route", "list"]).contains("for {phone}"))
    #expect(try await post("70001", "t", phone: "905550000077", product: "top-up").status == 201)
    let found = try sevk.require("worker", ["order", "list", "--player", "905550000077"])
    #expect(found.contains("top-up") && found.contains("905550000077"), "\(found)")
    #expect(try !sevk.require("worker", ["order", "list", "--player", "70001"]).contains("top-up"))
    await sevk.stop()
  }

  @Test func whatAnEditorLeavesInASecretIsNotPartOfIt() async throws {
    let sevk = try await Installation.make(panel: ["--fault", "never-ends=1"])
    func file(_ name: String, _ text: String) throws -> String {
      let path = "\(sevk.folder)/\(name)"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }
    let editor = try file("sifre", "\u{FEFF}panel-secret\r\n")
    let hidden = try file("hidden", "panel-secret\u{200B}\n")
    try sevk.require("dispatcher", ["provider", "set", "panel", "--credential", "sifre=@\(editor)", "--yes"])
    try sevk.require("dispatcher", ["provider", "test", "panel"])
    let refused = try sevk.command(
      "dispatcher", ["provider", "set", "panel", "--credential", "sifre=@\(hidden)", "--yes"])
    #expect(refused.code == 64 && refused.errors.contains("U+200B ZERO WIDTH SPACE"), "\(refused.errors)")
    #expect(!refused.errors.contains("panel-secret"))
    sevk.setEnvironment("SEVK_SECRET_KEY", "\u{FEFF}" + Data((0..<32).map { UInt8($0) }).base64EncodedString() + "\r")
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.sent" } }

    let note = ["--completed", "--note", "ticket 7", "--yes", "--pin-file"]
    let unseen = try sevk.resolve(id, note + [try file("pin-1", "ABCD-1234\u{200E}\r\n")])
    #expect(unseen.code == 64 && unseen.errors.contains("U+200E LEFT-TO-RIGHT MARK"), "\(unseen.errors)")
    #expect(!unseen.errors.contains("ABCD"))
    #expect(try sevk.resolve(id, note + [try file("pin-2", "\u{FEFF}ABCD-1234\r\nseen on the panel\r\n")]).code == 0)
    let answer = try await sevk.call("GET", "/v1/orders/\(id)?include=pin")
    #expect(answer.json["pin"] as? String == "ABCD-1234")
    await sevk.stop()
  }
}
