import Foundation
import Testing

@testable import Store

/// What is read and written by hand is what Foundation reads and writes.
struct FlatJSONTests {
  @Test(arguments: [
    #"{}"#, #"{ }"#, #"{"phone": "905551234567", "player_id": "5123"}"#, #"{"a":"","":"b"}"#, #"{"ü": "ş 😀"}"#,
    #"{"a": "say \"no\"", "b\\c": "\u00fc\n"}"#, "{\"\u{E9}\": \"1\", \"x\": \"2\"}", #" {"a" : "b"} "#,
  ])
  func anObjectIsReadAsFoundationReadsIt(json: String) throws {
    let expected = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
    let read = try FlatJSON.decode(json)
    #expect(read == expected)
    #expect(
      Set(read.map { [UInt8]("\($0.key)=\($0.value)".utf8) })
        == Set(expected.map { [UInt8]("\($0.key)=\($0.value)".utf8) }))
  }

  @Test(arguments: [
    "", "{", #"{"a"}"#, #"{"a":1}"#, #"{"a":null}"#, #"{"a":"b"}x"#, #"["a"]"#, #"{"a":"b"#,
  ])
  func whatIsNoSuchObjectIsRefused(json: String) {
    #expect(throws: (any Error).self) { try FlatJSON.decode(json) }
  }

  @Test(arguments: [
    [:], ["a": "b"], ["player_id": "5123", "phone": "90555", "a/b": "c/d"],
    ["quote": "\"", "back": "\\", "line": "a\nb"],
    ["ü": "😀", "": "\u{7F}", "nul": "\u{1}"],
  ])
  func whatIsWrittenIsReadBack(map: [String: String]) throws {
    let json = try FlatJSON.encode(map)
    #expect(try JSONDecoder().decode([String: String].self, from: Data(json.utf8)) == map)
    #expect(try FlatJSON.decode(json) == map)
  }
}
