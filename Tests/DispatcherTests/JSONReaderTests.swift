import Testing

@testable import Dispatcher

/// What two parsers may read in two ways is not taken at all.
@Suite struct JSONReaderTests {
  private func read(_ text: String) throws(JSONMistake) -> JSONValue { try JSONReader.read(Array(text.utf8)) }

  @Test(
    arguments: [
      (#"{"a":1,"a":2}"#, "the member \"a\" is there twice"),
      (#"{"a":{"b":1,"b":1}}"#, "the member \"b\" is there twice"),
      (#"[{"a":1,"\u0061":2}]"#, "the member \"a\" is there twice"),
      // Two spellings of é.
      ("{\"\u{E9}\":1,\"e\u{301}\":2}", "is there twice"),
      (#"{"a":1,}"#, "a comma stands before the }"), ("[1,]", "a value is missing"), ("[,1]", "a value is missing"),
      ("{,}", "name in quotes is missing"), ("{a:1}", "name in quotes is missing"),
      (#"{'a':1}"#, "name in quotes is missing"),
      (#"{"a" 1}"#, "no colon"), (#"{"a":}"#, "a value is missing"), (#"{"a":1 "b":2}"#, "no comma"),
      ("[1 2]", "no comma"), ("{} {}", "more after the end"), ("[]]", "more after the end"),
      ("", "ends too early"), ("{", "name in quotes is missing"), ("[1", "no comma"), (#"["a"#, "no end"),
      ("01", "begins with 0"), ("-", "a digit is missing"), ("1.", "a digit is missing"), ("1e", "a digit is missing"),
      ("+1", "no value"), (".5", "no value"), ("NaN", "no value"), ("Infinity", "no value"), ("nul", "no value"),
      ("0x10", "more after the end"), ("/**/1", "no value"), ("// x\n1", "no value"),
      ("[\"a\nb\"]", "control character"), ("[\"a\tb\"]", "control character"),
      (#"["\x41"]"#, "an escape that JSON has not"), (#"["\u12"]"#, "four hexadecimal digits"),
      (#"{"\ud800":1}"#, "name holds half of a surrogate pair"),
      ("\u{FEFF}{}", "byte order mark"),
      (String(repeating: "[", count: 20_000), "nested deeper"),
    ])
  func isNotTaken(_ text: String, _ why: String) throws {
    let error = try #require(throws: JSONMistake.self) { _ = try read(text) }
    #expect(error.description.contains(why), "\(text.prefix(40)): \(error)")
  }

  @Test(
    arguments: [
      [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], [0xFE, 0xFF, 0x00, 0x7B], [0x7B, 0x00, 0x7D, 0x00],
      [0x00, 0x7B, 0x00, 0x7D],
      [0x7B, 0x00, 0x00, 0x00],
    ] as [[UInt8]])
  func anotherEncodingIsNotTaken(_ bytes: [UInt8]) throws {
    let error = try #require(throws: JSONMistake.self) { _ = try JSONReader.read(bytes) }
    #expect(error.description.contains("UTF-16"))
  }

  @Test func bytesThatAreNoUTF8AreNotTaken() throws {
    let error = try #require(throws: JSONMistake.self) {
      _ = try JSONReader.read(Array("[\"g".utf8) + [0xFC] + Array("l\"]".utf8))
    }
    #expect(error.description == "it is not UTF-8 (at byte 3)")
    // Overlong, and a surrogate in UTF-8.
    for bytes in [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80]] as [[UInt8]] {
      #expect(throws: JSONMistake.self) { _ = try JSONReader.read([0x22] + bytes + [0x22]) }
    }
  }

  @Test func takesWhatRFC8259Has() throws {
    let value = try read(
      " {\"a\" : [ null , true,false,-0.5e+1, 12E2 , 0 ], \"b\":{ }, \"\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fc\\ud83D\\ude00\\u0000ş\"}\r\n\t"
    )
    guard case .object(let members) = value, case .array(let items)? = members["a"],
      case .object(let inner)? = members["b"], case .string(let text)? = members[""]
    else {
      Issue.record("\(value)")
      return
    }
    #expect(items.map(\.kind) == ["null", "true or false", "true or false", "a number", "a number", "a number"])
    if case .number(let number) = items[3] { #expect(number == -5) }
    if case .number(let number) = items[4] { #expect(number == 1_200) }
    #expect(inner.isEmpty)
    #expect(Array(text.unicodeScalars) == Array("\"\\/\u{8}\u{C}\n\r\tü😀\u{0}ş".unicodeScalars))
  }

  @Test(arguments: [#"["\ud800"]"#, #"["\udc00"]"#, #"["a\ud800b"]"#, #"["\ud800\u0041"]"#, #"["\ud800\ud800"]"#])
  func halfASurrogatePairIsNoText(_ text: String) throws {
    guard case .array(let items) = try read(text), case .halfSurrogate? = items.first else {
      Issue.record("\(text) was taken for text")
      return
    }
  }
}
