import Testing

@testable import Bench

struct FiguresTests {
  @Test func theMedianOfAnOddNumberIsTheMiddleOne() throws {
    let figures = try #require(Figures([30, 10, 20]))
    #expect((figures.median, figures.min, figures.max) == (20, 10, 30))
  }

  @Test func theMedianOfAnEvenNumberLiesBetween() throws {
    let figures = try #require(Figures([40, 10, 20, 30]))
    #expect((figures.median, figures.min, figures.max) == (25, 10, 40))
  }

  @Test func noRoundIsNoFigure() { #expect(Figures([]) == nil) }

  /// Nearest rank: a value that was measured, never one in between.
  @Test(arguments: [(0.5, 50.0), (0.99, 99), (0.999, 100), (1, 100), (0, 1)])
  func percentilesAreMeasuredValues(share: Double, expected: Double) {
    #expect(Latencies((1...100).map(Double.init).shuffled()).percentile(share) == expected)
  }

  @Test func noLatencyHasNoPercentile() {
    #expect(Latencies([]).percentile(0.99) == 0)
    #expect(Latencies([]).max == 0)
  }

  @Test(arguments: [
    (104_512.4, "104,512"), (1_000_000, "1,000,000"), (999.6, "1,000"), (12.34, "12.3"), (1.239, "1.24"),
    (0.0414, "0.041"), (0, "0.0"), (-1234.5, "-1,235"), (.nan, "–"),
  ])
  func numbersAreShownAsTheyDeserve(number: Double, text: String) { #expect(number.short == text) }

  @Test func fourDigitsAreKept() {
    #expect(123_456.7.fourDigits == 123_500)
    #expect(0.0123456.fourDigits == 0.01235)
    #expect((0.0).fourDigits == 0)
  }
}
