import Testing

@testable import Adapters

@Suite struct WireJSONTests {
  @Test(arguments: [
    "null", "true", "-0.5e+3", "7.10", #""""#, #"{"a":[1,{"b":null}],"c":"\u015f"}"#, "[]", "{}", " [ 1 , 2 ] \r\n",
    #""\uD83D\uDE00""#, #""\"\\\/\b\f\n\r\t""#,
  ])
  func reads(_ text: String) throws {
    let value = try #require(WireJSON(Array(text.utf8)))
    #expect(WireJSON(Array(value.written.utf8)) == value)
  }

  @Test(arguments: [
    "", "nul", "01", "1.", ".5", "1e", "+1", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
    "[1]2",
    "{a:1}", "'a'", "\"a", #""\x""#, #""\uD83D""#, #""\uD83Dx""#, #""\uDE00""#, #""\u+123""#, "\"\n\"", "[1 2]",
    "{\"a\" 1}",
    String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
  ])
  func refuses(_ text: String) {
    #expect(WireJSON(Array(text.utf8)) == nil, "\(text)")
  }

  @Test func refusesMoreThanItWouldCompare() {
    func object(_ count: Int) -> [UInt8] {
      Array("{\((0..<count).map { "\"\($0)\":0" }.joined(separator: ","))}".utf8)
    }
    #expect(WireJSON(object(256)) != nil)
    #expect(WireJSON(object(257)) == nil)
    #expect(WireJSON(object(200_000)) == nil)
  }

  @Test func refusesWhatIsNoText() {
    #expect(WireJSON([0x22, 0xFF, 0x22]) == nil)
    #expect(WireJSON([0x22, 0xC5, 0x22]) == nil)
  }
}
