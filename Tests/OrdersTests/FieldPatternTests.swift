import Testing

@testable import Orders

/// Patterns match whole values, and no pattern is slow.
@Suite struct FieldPatternTests {
  @Test(
    arguments: [
      ("[0-9]{5,12}", ["12345", "123456789012"], ["1234", "1234567890123", "1234a", "x12345", "12345 "]),
      (#"^\d+$"#, ["1", "0099"], ["", "1a", "١"]),
      (#"\+?90\d{10}"#, ["905551234567", "+905551234567"], ["9055512345678", "++905551234567"]),
      ("a|bc|", ["a", "bc", ""], ["ab", "b", "abc"]),
      ("(ab|c)*d?", ["", "abcab", "d", "cd"], ["ba", "dd"]),
      ("(?:x{2}){2,}", ["xxxx", "xxxxxx"], ["xx", "xxx", "xxxxx"]),
      ("[^a-c]+", ["xyz", "ş"], ["a", "xb", ""]),
      (#"[\w.-]+#\d{4}"#, ["Ali.Can#1234", "_-#0000"], ["Ali#12", "#1234", "ş#1234"]),
      (#"[\]\-\\^]+"#, ["]-\\^"], ["a"]), ("[a^-]+", ["a^-"], ["b"]), (#"\$\^\("#, ["$^("], []),
      (".", ["a", "ş", "😀"], ["", "ab"]), ("(a*)*b", ["b", "aaab"], ["a"]), ("()", [""], ["a"]),
      (#"a\\"#, [#"a\"#], ["a"]), (#"a\$"#, ["a$"], ["a"]), (#"a\\$"#, [#"a\"#], [#"a\$"#]),
    ] as [(String, [String], [String])])
  func matches(_ text: String, _ yes: [String], _ no: [String]) throws {
    let pattern = try FieldPattern(text)
    for value in yes { #expect(pattern.matches(value), "\(text): \(value)") }
    for value in no { #expect(!pattern.matches(value), "\(text): \(value)") }
  }

  @Test(
    arguments: [
      ("", "1 to 200 bytes"), (String(repeating: "a", count: 201), "1 to 200 bytes"),
      (String(repeating: "ş", count: 101), "1 to 200 bytes"),
      ("(", "no )"), (")", "no ("), ("[", "no ]"), ("[]", "empty"), ("[z-a]", "must go up"), ("[a[b]", "inside"),
      ("*", "nothing before it"), ("a**", "behind another"), ("a+?", "behind another"), ("a{2}{2}", "behind another"),
      ("a{", "numbers up to"), ("a{3,2}", "{ }"), ("a{501}", "up to 500"), ("a{1,2", "{ }"), ("a{,2}", "numbers up to"),
      ("(?=a)", "(?"), (#"(a)\1"#, #"\1"#), (#"\b"#, #"\b"#), (#"a\"#, "at its end"), ("a^b", "inside"),
      ("a$b", "inside"),
      ("((a{100}){100}){100}", "repeats too much"), ("(a|b){500}", "repeats too much"),
    ])
  func isNoPattern(_ text: String, _ why: String) throws {
    let mistake = try #require(throws: FieldPattern.Mistake.self) { _ = try FieldPattern(text) }
    #expect(mistake.description.contains(why), "\(text): \(mistake)")
  }

  /// Those that take a backtracking matcher, or one that writes out what is empty, longer than the universe lasts.
  @Test func noPatternIsSlow() throws {
    let long = String(repeating: "a", count: FieldPattern.valueBytesMax)
    #expect(try !FieldPattern("(a*)*b").matches(long))
    #expect(try !FieldPattern("(a|a|aa)+b").matches(long))
    #expect(try !FieldPattern(String(repeating: "a?", count: 60) + "b").matches(long))
    #expect(try FieldPattern("(((((){500}){500}){500}){500}){500}").matches(""))
    #expect(try FieldPattern("((()*){500})*").matches(""))
    #expect(try FieldPattern("a*").matches(long))
    #expect(try !FieldPattern("a*").matches(long + "a"), "too long a value matches nothing")
  }
}
