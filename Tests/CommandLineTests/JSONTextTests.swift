import CommandLine
import Foundation
import Seeded
import Testing

@Suite struct JSONTextTests {
  private func decode(_ json: String) throws -> [String] {
    try JSONDecoder().decode([String].self, from: Data("[\(json)]".utf8))
  }

  @Test(arguments: [
    ("", "\"\""), ("a", "\"a\""), ("\"", "\"\\\"\""), ("\\", "\"\\\\\""), ("\n\r\t", "\"\\n\\r\\t\""),
    ("\r\n", "\"\\r\\n\""), ("\u{0}", "\"\\u0000\""), ("\u{1f}", "\"\\u001f\""), ("ğ😀\u{2028}", "\"ğ😀\u{2028}\""),
    ("</script>", "\"</script>\""),
  ])
  func quotes(_ text: String, _ json: String) { #expect(JSONText.quote(text) == json) }

  @Test func everyControlCharacterIsEscaped() throws {
    for value in UInt32(0)..<0x20 {
      let text = String(UnicodeScalar(value).map(Character.init) ?? " ")
      let json = JSONText.quote("x\(text)y")
      #expect(!json.unicodeScalars.contains { $0.value < 0x20 })
      #expect(try decode(json) == ["x\(text)y"])
    }
  }

  @Test func anyTextReadsBack() throws {
    let seed: UInt64 = 77
    var random = SeededGenerator(seed: seed)
    for round in 0..<5000 {
      var scalars = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        // Half of them where escapes are, the rest from all of Unicode.
        let value = UInt32.random(in: Bool.random(using: &random) ? 0...0x7f : 0...0x10_ffff, using: &random)
        if let scalar = UnicodeScalar(value) { scalars.append(scalar) }
      }
      let text = String(scalars)
      let back = try decode(JSONText.quote(text))
      // Scalar by scalar: equal strings may differ in their bytes.
      #expect(back.first.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars), "seed \(seed), round \(round)")
    }
  }

  @Test func objectsAndArrays() throws {
    #expect(JSONText.object(["a": "1", "gone": nil, "b\"": JSONText.quote("x")]) == "{\"a\":1,\"b\\\"\":\"x\"}")
    #expect(JSONText.object([:]) == "{}")
    #expect(JSONText.array(["1", "\"x\""]) == "[1,\"x\"]")
    #expect(JSONText.map(["b": "2", "a": "\n"]) == "{\"a\":\"\\n\",\"b\":\"2\"}")
  }
}
