import Foundation
import Testing

/// Thousands of histories of a queue, each from its own seed. `SEVK_TEST_SEED` begins elsewhere.
@Suite struct QueueSimulationTests {
  private static let historiesCount: UInt64 = 12_000
  private static let stepsCount = 40
  private static let firstSeed =
    ProcessInfo.processInfo.environment["SEVK_TEST_SEED"].flatMap { UInt64($0) } ?? 20_240_229

  @Test func noHistoryLeavesTheModel() {
    var met: [String: Int] = [:]
    for seed in Self.firstSeed..<Self.firstSeed + Self.historiesCount {
      let steps = QueueStep.history(seed: seed, count: Self.stepsCount)
      var history = QueueHistory()
      history.run(steps)
      if history.violation != nil {
        Issue.record("\(QueueHistory.verdict(seed: seed, steps: steps) ?? "")")
        return
      }
      met.merge(history.met, uniquingKeysWith: +)
    }
    // The histories reach every corner, or they prove nothing.
    for corner in [
      "settled", "lost", "promoted", "reaped", "buried by reaping", "duplicate ready", "duplicate leased",
      "duplicate delayed", "duplicate dead", "came back to its own worker", "heartbeat too late", "wiped",
      "suspect alone", "suspect left",
    ] {
      #expect(met[corner, default: 0] > 30, "\(corner): \(met)")
    }
  }

  /// The model can tell: a queue with one mistake is found out within few histories, and in few steps.
  @Test(arguments: FaultyQueue.Mistake.allCases.filter { $0 != .none })
  func aMistakeIsFoundOut(_ mistake: FaultyQueue.Mistake) throws {
    let verdict = (Self.firstSeed..<Self.firstSeed + 2000).lazy.compactMap { seed in
      QueueHistory.verdict(seed: seed, steps: QueueStep.history(seed: seed, count: Self.stepsCount), mistake)
    }.first { _ in true }
    let told = try #require(verdict)
    #expect(told.split(separator: "\n").count <= 12, "\(told)")
  }
}
