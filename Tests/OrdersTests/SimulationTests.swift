import Orders
import Testing

/// Tens of thousands of lives of an order, each from its own seed. `SEVK_TEST_SEED` begins elsewhere.
@Suite struct SimulationTests {
  private static let historiesCount: UInt64 = 20_000

  @Test func noHistoryBreaksThePromise() {
    var ends: [Status: Int] = [:]
    var met: Set<Status> = []
    var (resent, repeated) = (0, 0)
    var claims: [Status: Int] = [:]
    var corners: [String: Int] = [:]
    for seed in testSeed..<testSeed + Self.historiesCount {
      var history = History(seed: seed)
      history.run()
      if let violation = history.violation {
        Issue.record("seed \(seed): \(violation)")
        return
      }
      ends[history.status, default: 0] += 1
      met.formUnion(history.story)
      for corner in history.corners { corners[corner, default: 0] += 1 }
      if history.isRefundClaimed { claims[history.status, default: 0] += 1 }
      if history.story.count(where: { $0 == .sending }) > 1 { resent += 1 }
      if history.resends > 0, history.status == .completed { repeated += 1 }
    }
    // The histories reach every corner, or they prove nothing.
    #expect(met == Set(Status.allCases))
    #expect(Set(claims.keys).isSuperset(of: Status.final), "\(claims)")
    #expect(claims.filter { $0.key.isFinal }.values.allSatisfy { $0 > 20 }, "\(claims)")
    #expect(Set(ends.keys).isSubset(of: [.completed, .failed, .held, .cancelled, .contested]))
    #expect(Status.final.allSatisfy { ends[$0, default: 0] > 100 }, "\(ends)")
    #expect(resent > 1000 && repeated > 100, "\(resent) \(repeated)")
    for corner in Status.allCases.filter({ $0 != .pending }).map({ "notice while \($0)" })
      + ["unaskable", "report kept", "report contradicts"]
    {
      #expect(corners[corner, default: 0] > 20, "\(corner): \(corners)")
    }
  }

  /// A trusted provider that denies what it has, for hours: money may be lost, but what a shop was told to be safe is not sent
  /// or completed unless a second look contested it.
  @Test func whatWasToldToBeSafeStaysSoOrIsContested() {
    var ways: [[Status]: Int] = [:]
    for seed in testSeed..<testSeed + Self.historiesCount {
      var history = History(seed: seed, isDeceived: true)
      history.run()
      if let violation = history.violation {
        Issue.record("seed \(seed): \(violation)")
        return
      }
      for (before, contested) in zip(history.story, history.story.dropFirst()) where contested == .contested {
        ways[[before, contested], default: 0] += 1
      }
      for (contested, after) in zip(history.story, history.story.dropFirst()) where contested == .contested {
        ways[[contested, after], default: 0] += 1
      }
    }
    #expect(ways.count == 5 && ways.values.allSatisfy { $0 > 10 }, "\(ways)")
  }

  /// With the fences taken out that invariant is broken at once, also where nobody lies.
  @Test(arguments: [true, false]) func withoutFencesWhatWasToldIsNotTrue(_ isDeceived: Bool) {
    let found = (testSeed..<testSeed + 3000).lazy.compactMap { seed in
      var history = History(seed: seed, mistake: .forgetEveryFence, isDeceived: isDeceived)
      history.run()
      return history.violation
    }
    #expect(found.contains { $0.contains("told to be safe") })
  }

  /// The invariants can fail: a driver that makes one mistake is found out within few histories.
  @Test(arguments: [
    (History.Mistake.resendBlindly, "the provider"), (.trustALiar, "the provider"), (.forgetTheFence, "became"),
    (.believeOneLine, ", but"), (.believeRefusals, "failed, but"),
    (.forgetTheClaim, "after its refund was claimed"), (.repeatAnywhere, "the provider"),
    (.believeNotices, ", but"), (.trustAnySender, "none of its provider's"), (.resendUnaskable, "pending, but"),
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
