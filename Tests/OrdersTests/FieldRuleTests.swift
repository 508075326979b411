import Testing

@testable import Orders

/// What a provider takes as an id is what a person reads.
@Suite struct FieldRuleTests {
  @Test(
    arguments: [
      ("5123\u{200F}", "U+200F RIGHT-TO-LEFT MARK"), ("\u{200B}5123", "U+200B ZERO WIDTH SPACE"),
      ("51\u{AD}23", "U+00AD SOFT HYPHEN"), ("5123\u{A0}", "U+00A0 NO-BREAK SPACE"),
      ("51\u{3000}23", "U+3000 IDEOGRAPHIC SPACE"), ("\u{FEFF}5123", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
      ("5123\u{2069}", "U+2069 POP DIRECTIONAL ISOLATE"), ("51\u{2800}23", "U+2800 BRAILLE PATTERN BLANK"),
      ("51\u{3164}23", "U+3164 HANGUL FILLER"), ("51\u{FFFD}23", "U+FFFD REPLACEMENT CHARACTER"),
      ("5123\n", "U+000A"), ("5123\u{2028}", "U+2028 LINE SEPARATOR"),
      ("٥١٢٣", "U+0665 ARABIC-INDIC DIGIT FIVE"), ("512３", "U+FF13 FULLWIDTH DIGIT THREE"),
      (" 5123", "begins with a blank"), ("5123 ", "ends with a blank"), ("  ", "is blank"), ("\u{A0}", "is blank"),
    ])
  func isRefusedByItsName(_ value: String, _ why: String) throws {
    let refusal = try #require(throws: FieldRule.Refusal.self) { _ = try FieldRule.read(value, nil) }
    #expect(refusal.description.contains(why), "\(refusal)")
  }

  @Test(arguments: ["5123", "60 UC", "oyuncu#1", "Şükrü Öz", "+90 (555) 123", "玩家", "e\u{301}"])
  func otherTextStaysAsItIs(_ value: String) throws {
    #expect(try FieldRule.read(value, nil).isExactly(value))
    #expect(try FieldRule.read(value, .trim).isExactly(value))
  }

  @Test(
    arguments: [
      ("5123", "5123"), (" \u{200F}5123\u{A0}\n", "5123"), ("51\u{200B}23", "5123"), ("٥١٢٣", "5123"),
      ("５１２３", "5123"), ("۵\u{200E}123", "5123"),
    ])
  func digitsAreMadeOfWhatWasPasted(_ value: String, _ digits: String) throws {
    #expect(try FieldRule.read(value, .digits) == digits)
  }

  /// Two ids with a blank between them are not a third one.
  @Test(arguments: [
    ("51 23", "U+0020 SPACE"), ("51\u{A0}23", "U+00A0"), ("51a", "U+0061"), ("", "blank"), ("5\u{FFFD}", "U+FFFD"),
  ])
  func nothingElseIsMadeDigits(_ value: String, _ why: String) throws {
    let refusal = try #require(throws: FieldRule.Refusal.self) { _ = try FieldRule.read(value, .digits) }
    #expect(refusal.description.contains(why), "\(refusal)")
  }

  @Test func trimTakesAwayWhatStandsAround() throws {
    #expect(try FieldRule.read("\u{FEFF} Ali Can\u{200F}\u{A0}", .trim) == "Ali Can")
    #expect(throws: FieldRule.Refusal.self) { _ = try FieldRule.read(" \u{200F} ", .trim) }
    #expect(throws: FieldRule.Refusal.self) { _ = try FieldRule.read("Ali\u{200F}Can", .trim) }
  }

  @Test func aPatternSaysWhatItWants() throws {
    let rule = try FieldRule(words: "pattern:[0-9]{5,12}")
    #expect(try FieldRule.read("51234", rule) == "51234")
    let refusal = try #require(throws: FieldRule.Refusal.self) { _ = try FieldRule.read("5123", rule) }
    #expect(refusal.description == "must match [0-9]{5,12}")
    // A pattern lets nothing through that can't be seen.
    #expect(throws: FieldRule.Refusal.self) { _ = try FieldRule.read("5\u{200F}", try FieldRule(words: "pattern:.*")) }
  }

  @Test(arguments: ["digits", "trim", "pattern:[a-z]+", "lower"])
  func aStoredRuleIsItself(_ words: String) { #expect(FieldRule(stored: words).words == words) }

  @Test func aRuleOfANewerVersionLetsNothingThrough() {
    #expect(FieldRule(stored: "lower") == .unknown("lower"))
    #expect(throws: FieldRule.Refusal.self) { _ = try FieldRule.read("5123", FieldRule(stored: "lower")) }
    #expect(throws: FieldPattern.Mistake.self) { _ = try FieldRule(words: "lower") }
  }

  @Test func textIsItsBytes() {
    #expect("\u{E9}" == "e\u{301}", "as Swift has it")
    #expect(ExactText("\u{E9}") != ExactText("e\u{301}"))
    #expect(Set([ExactText("\u{E9}"), ExactText("e\u{301}"), ExactText("\u{E9}")]).count == 2)
    #expect(Set([ExactText("K"), ExactText("\u{212A}")]).count == 2)
    #expect(["\u{E9}": "1"].exactly("e\u{301}") == nil && ["\u{E9}": "1"].exactly("\u{E9}") == "1")
    #expect(Pin("\u{E9}1") != Pin("e\u{301}1") && Pin("a") == Pin("a"))
    #expect(ParameterTemplate.fill(["p": "{\u{E9}}"], with: ["e\u{301}": "1"]).missing == ["\u{E9}"])
  }
}
