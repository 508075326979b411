import Orders
import Seeded
import Testing

@Suite struct TimeTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (951_782_399_000, "2000-02-28T23:59:59.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (951_868_800_000, "2000-03-01T00:00:00.000Z"), (1_709_210_096_789, "2024-02-29T12:34:56.789Z"),
    (4_107_542_399_000, "2100-02-28T23:59:59.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"), (946_684_799_000, "1999-12-31T23:59:59.000Z"),
    (253_402_300_799_000, "9999-12-31T23:59:59.000Z"), (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
  ])
  func timestamps(_ milliseconds: Int64, _ text: String) {
    #expect(Timestamp.rfc3339(milliseconds) == text)
  }

  @Test func timestampsReadBack() {
    var random = SeededGenerator(seed: testSeed)
    for _ in 0..<10_000 {
      let moment = Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)
      #expect(Timestamp.milliseconds(Timestamp.rfc3339(moment)) == moment, "seed \(testSeed)")
    }
  }

  @Test(arguments: [
    ("2026-11-29T13:22:01Z", 1_795_958_521_000), ("2026-11-29t13:22:01.5z", 1_795_958_521_500),
    ("2026-11-29T16:22:01.233999+03:00", 1_795_958_521_233), ("2026-11-29T07:52:01-05:30", 1_795_958_521_000),
    ("1970-01-01T00:00:00Z", 0), ("2024-02-29T23:59:60Z", 1_709_251_200_000),
  ])
  func momentsAreRead(_ text: String, _ milliseconds: Int64) {
    #expect(Timestamp.milliseconds(text) == milliseconds)
  }

  @Test(arguments: [
    "", "2026-11-29", "2026-11-29T13:22:01", "2026-11-29 13:22:01Z", "2026-11-31T00:00:00Z", "2025-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-29T24:00:00Z",
    "2026-11-29T13:60:00Z", "2026-11-29T13:22:61Z", "2026-11-29T13:22:01.Z", "2026-11-29T13:22:01+3:00",
    "2026-11-29T13:22:01Z ", "2026-11-29T13:22:01 03:00", "+026-11-29T13:22:01Z", "1795958521",
  ])
  func otherTextsAreNoMoments(_ text: String) {
    #expect(Timestamp.milliseconds(text) == nil)
    #expect(text == "2026-11-29" || Timestamp.milliseconds(ofDay: text) == nil)
  }

  @Test(arguments: [
    (Duration.zero, "0s"), (.milliseconds(1), "1ms"), (.milliseconds(250), "250ms"), (.milliseconds(1500), "1500ms"),
    (.seconds(30), "30s"), (.seconds(90), "90s"), (.seconds(600), "10m"), (.seconds(3600), "1h"),
    (.seconds(86_400), "24h"), (.seconds(5400), "90m"), (.microseconds(999), "0s"),
  ])
  func durationsInWords(_ duration: Duration, _ text: String) {
    #expect(duration.inWords == text)
  }

  @Test func wordsReadBack() {
    var random = SeededGenerator(seed: testSeed)
    for _ in 0..<10_000 {
      // Up to what a configuration may say: a billion of a unit.
      let unit: Int64 = [1, 1000, 60_000, 3_600_000].randomElement(using: &random) ?? 1
      let duration = Duration.milliseconds(.random(in: 0...1_000_000_000, using: &random) * unit)
      #expect(Duration(words: duration.inWords) == duration, "seed \(testSeed)")
    }
    #expect(Duration(words: "1000000000h") == .seconds(3_600_000_000_000))
  }

  @Test(arguments: [
    "", "s", "10", "10 s", "1.5s", "-1s", "+1s", "1d", "10M", "10sec", "1h30m", "٣s", "1000000001s", "ms",
    "99999999999999999999s", " 1s", "1s ",
  ])
  func otherWordsAreRefused(_ text: String) { #expect(Duration(words: text) == nil) }

  @Test func millisecondsRoundDown() {
    #expect(Duration.microseconds(1999).milliseconds == 1)
    #expect(Duration.seconds(-2).milliseconds == -2000)
    #expect(Duration.seconds(86_400).milliseconds == 86_400_000)
  }
}
