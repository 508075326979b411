import Orders
import Testing

/// Tens of thousands of lives of an order at a desk, each from its own seed. `SEVK_TEST_SEED` begins elsewhere.
@Suite struct DeskSimulationTests {
  private static let historiesCount: UInt64 = 20_000

  @Test func noHistoryBreaksWhatADeskPromises() {
    var ends: [Status: Int] = [:]
    var stages: [Stage: Int] = [:]
    for seed in testSeed..<testSeed + Self.historiesCount {
      var history = DeskHistory(seed: seed)
      history.run()
      if let violation = history.violation {
        Issue.record("seed \(seed): \(violation)")
        return
      }
      ends[history.now.status, default: 0] += 1
      stages[history.now.stage, default: 0] += 1
    }
    // They reach every corner, or they prove nothing.
    for status in [Status.completed, .failed, .pending, .cancelled, .held] {
      #expect(ends[status, default: 0] > 200, "\(ends)")
    }
    #expect(Stage.allCases.allSatisfy { stages[$0, default: 0] > 50 }, "\(stages)")
  }

  /// The invariants can fail: a mistake is found within few histories.
  @Test(arguments: [
    (DeskHistory.Mistake.forgetTheFence, " became "), (.askAgain, "gave it up"),
    (.forgetTheClaim, "refund was claimed"),
    (.believeAnyCode, "a code that is wrong"),
  ])
  func aMistakeIsFoundOut(_ mistake: DeskHistory.Mistake, _ words: String) {
    let found = (testSeed..<testSeed + 3000).lazy.compactMap { seed in
      var history = DeskHistory(seed: seed, mistake: mistake)
      history.run()
      return history.violation
    }
    let first = found.first
    #expect(first != nil)
    #expect(found.contains { $0.contains(words) }, "\(first ?? "")")
  }
}
