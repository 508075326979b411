import API
import Testing

@testable import Dispatcher

/// Limits are bytes, and each complaint names its field.
@Suite struct OrderRequestTests {
  private func problem(_ json: String, inBatch: Bool = false) throws -> Problem {
    let value = try WrittenOrder(Array(json.utf8))
    return try #require(throws: Problem.self) { _ = try OrderRequest(value, inBatch: inBatch) }
  }

  private static func request(_ metadata: String) throws -> OrderRequest {
    try OrderRequest(WrittenOrder(Array(#"{"product":"p","metadata":\#(metadata)}"#.utf8)), inBatch: false)
  }

  @Test(
    arguments: [
      "{}", #"{ "a" : 1.50, "a2":[ ] }"#, #"{"ş":"\u015f\ud800","n":12345678901234567890}"#,
      "{\n\t\"b\":{\"a\":null}\r\n}",
      #"{"a":"\#(String(repeating: "x", count: 4088))"}"#,
    ])
  func metadataStaysAsItWasWritten(_ metadata: String) throws {
    #expect(try Self.request("  \(metadata)\n").metadata == metadata)
    // The member may be named in another spelling.
    let other = #"{"\u006detadata" :\#(metadata) ,"product":"p"}"#
    #expect(try OrderRequest(WrittenOrder(Array(other.utf8)), inBatch: false).metadata == metadata)
  }

  @Test func metadataCountsForARepeat() throws {
    let hash = try Self.request(#"{"a":1,"b":{"c":[1,2],"d":"x y"}}"#).hash
    for same in [#"{ "b" : {"d":"x y" , "c":[1, 2]},"a":1 }"#, "{\n\"a\":1,\t\"b\":{\"c\":[1,2],\"d\":\"x y\"}}"] {
      #expect(try Self.request(same).hash == hash)
    }
    for other in [
      "{}", #"{"a":1}"#, #"{"a":1,"b":{"c":[2,1],"d":"x y"}}"#, #"{"a":1.0,"b":{"c":[1,2],"d":"x y"}}"#,
      #"{"a":1,"b":{"c":[1,2],"d":"xy"}}"#, #"{"a":1,"b":{"c":[1,2]},"d":"x y"}"#,
    ] {
      #expect(try Self.request(other).hash != hash, "\(other)")
    }
    #expect(
      try Self.request(#"{"a":12345678901234567890}"#).hash != Self.request(#"{"a":12345678901234567891}"#).hash)
    let without = try OrderRequest(WrittenOrder(Array(#"{"product":"p"}"#.utf8)), inBatch: false)
    #expect(try without.metadata == nil && Self.request("null").hash == without.hash)
    #expect(try Self.request("null").metadata == nil && Self.request("{}").hash != without.hash)
  }

  private static let marks = "e" + String(repeating: "\\u0301", count: 2_000)

  @Test(
    arguments: [
      (#"{"product":"\#(marks)"}"#, "product", "4001 bytes"),
      (#"{"product":"p","reference":"\#(marks)"}"#, "reference", "4001 bytes"),
      (#"{"product":"p","fields":{"player_id":"\#(marks)"}}"#, "fields.player_id", "4001 bytes"),
      (#"{"product":"p","fields":{"\#(marks)":"1"}}"#, "fields", "4001 bytes"),
      (#"{"product":"p","reference":"\#(String(repeating: "ş", count: 51))"}"#, "reference", "102 bytes"),
      (#"{"product":"p","reference":""}"#, "reference", "1 to 100 bytes"),
      (#"{"product":"a\u0000b"}"#, "product", "U+0000"),
      (#"{"product":"p","reference":"a\nb"}"#, "reference", "U+000A"),
      (#"{"product":"p","reference":"a\u007fb"}"#, "reference", "U+007F"),
      (#"{"product":"p","reference":"a\u0085b"}"#, "reference", "U+0085"),
      (#"{"product":"p","fields":{"a":"\u0000"}}"#, "fields.a", "U+0000"),
      (#"{"product":"p","fields":{"a":"x\ty"}}"#, "fields.a", "U+0009"),
      (#"{"product":"p","fields":{"a\u0001":"x"}}"#, "fields", "U+0001"),
      (#"{"product":"p","metadata":[1]}"#, "metadata", "an object, not an array"),
      (#"{"product":"p","metadata":"x"}"#, "metadata", "an object, not a string"),
      (#"{"product":"p","metadata":{"a":"\#(String(repeating: "ş", count: 2044))1"}}"#, "metadata", "4097 bytes"),
      (#"{"product":"\ud800"}"#, "product", "U+D800, half of a surrogate pair"),
      (#"{"product":"p","reference":"\udfff"}"#, "reference", "U+DFFF"),
      (#"{"product":"p","fields":{"a":"1\ud83d"}}"#, "fields.a", "U+D83D"),
    ])
  func namesTheField(_ json: String, _ field: String, _ message: String) throws {
    let problem = try problem(json)
    #expect(problem.status == 422)
    #expect(problem.errors.map(\.field) == [field])
    #expect(problem.errors.first?.message.contains(message) == true, "\(problem.detail)")
    #expect(problem.detail.utf8.count < 1_000)
  }

  @Test(
    arguments: [
      (#""\#(marks)""#, "1 to 255"), (#""gül""#, "visible ASCII"), (#""\ud800""#, "surrogate"),
      (#""a\u0000""#, "U+0000"),
      (#"" ""#, "1 to 255"), ("5", "must be a string"), ("null", "is missing"),
    ])
  func aBatchKeyIsReadByTheSameRule(_ key: String, _ message: String) throws {
    let problem = try problem(#"{"product":"p","idempotency_key":\#(key)}"#, inBatch: true)
    #expect(problem.errors.map(\.field) == ["idempotency_key"])
    #expect(problem.errors.first?.message.contains(message) == true, "\(problem.detail)")
  }

  @Test func theLastByteIsTaken() throws {
    let json =
      #"{"product":"\#(String(repeating: "p", count: 100))","reference":"\#(String(repeating: "ş", count: 50))","#
      + #""fields":{"\#(String(repeating: "f", count: 64))":"\#(String(repeating: "v", count: 500))"},"#
      + #""idempotency_key":"\"k\" "}"#
    let order = try OrderRequest(try JSONReader.read(Array(json.utf8)), inBatch: true)
    #expect(order.shopReference?.utf8.count == 100 && order.idempotencyKey?.text == "k")
  }
}
