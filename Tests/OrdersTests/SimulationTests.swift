import Orders
import Testing

/// Tens of thousands of lives of an order, each from its own seed. `SEVK_TEST_SEED` begins elsewhere.
@Suite struct SimulationTests {
  private static let historiesCount: UInt64 = 20_000

  @Test func noHistoryBreaksThePromise() {
    var ends: [Status: Int] = [:]
    var met: Set<Status> = []
    var resent = 0
    var claims: [Status: Int] = [:]
    for seed in testSeed..<testSeed + Self.historiesCount {
      var history = History(seed: seed)
      history.run()
      if let violation = history.violation {
        Issue.record("seed \(seed): \(violation)")
        return
      }
      ends[history.status, default: 0] += 1
      met.formUnion(history.story)
      if history.isRefundClaimed { claims[history.status, default: 0] += 1 }
      if history.story.count(where: { $0 == .sending }) > 1 { resent += 1 }
    }
    // The histories reach every corner, or they prove nothing.
    #expect(met == Set(Status.allCases).subtracting([.contested]))
    #expect(claims.count == 4 && claims.values.allSatisfy { $0 > 20 }, "\(claims)")
    #expect(Set(ends.keys) == [.completed, .failed, .held, .cancelled])
    #expect(ends.values.allSatisfy { $0 > 100 }, "\(ends)")
    #expect(resent > 1000)
  }

  /// The invariants can fail: a driver that makes one mistake is found out within few histories.
  @Test(arguments: [
    (History.Mistake.resendBlindly, "the provider"), (.trustALiar, "the provider"), (.forgetTheFence, "became"),
    (.believeOneLine, ", but"), (.believeRefusals, "failed, but"),
    (.forgetTheClaim, "after its refund was claimed"),
  ])
  func aMistakeIsFoundOut(_ mistake: History.Mistake, _ words: String) throws {
    let found = (testSeed..<testSeed + 3000).lazy.compactMap { seed in
      var history = History(seed: seed, mistake: mistake)
      history.run()
      return history.violation
    }
    let violation = try #require(found.first { _ in true })
    #expect(violation.contains(words) || violation.contains("left"), "\(violation)")
  }
}
