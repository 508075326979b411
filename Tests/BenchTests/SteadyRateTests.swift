import Testing

@testable import Bench

/// What is left of a run without its beginning and its end.
struct SteadyRateTests {
  /// An order each 10 ms, fulfilled four seconds later: as if the run had no end.
  @Test func pausesOfAnOrderTakeNothingAway() throws {
    let posted = (0..<2000).map { Int64($0) * 10 }
    let rate = try #require(SteadyRate.perSecond(fulfilled: posted.map { $0 + 4000 }, posted: posted))
    #expect(abs(rate - 100) < 2)
  }

  /// All come in the first moments and are fulfilled slowly.
  @Test func whatOnlyCameInDoesNotCount() throws {
    let fulfilled = (0..<2000).map { 4000 + Int64($0) * 10 }
    let rate = try #require(SteadyRate.perSecond(fulfilled: fulfilled, posted: (0..<2000).map(Int64.init)))
    #expect(rate < 1)
    let unknown = try #require(SteadyRate.perSecond(fulfilled: fulfilled, posted: nil))
    #expect(abs(unknown - 100) < 2)
  }

  @Test func aShortRunSaysNothing() {
    #expect(SteadyRate.perSecond(fulfilled: [], posted: nil) == nil)
    #expect(SteadyRate.perSecond(fulfilled: [4000, 4100, 4200], posted: nil) == nil)
  }
}
