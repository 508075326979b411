import Jobs
import Queue
import Seeded
import Testing

/// Jobs in every state, workers that die, claims of the busy and of the idle, by a seed: no suspect is given beside another job,
/// and none is lost on its way back to its place.
@Suite(.timeLimit(.minutes(2))) struct SuspectTests {
  private static let jobsCount = 14
  private static let steps = 150
  private static let lease = Duration.milliseconds(12)

  @Test(arguments: 1...8) func noJobIsLostByBeingLeftOut(_ seed: Int) async throws {
    try await withBroker { bench in
      var random = SeededGenerator(seed: UInt64(seed))
      func number(_ range: Range<Int>) -> Int { .random(in: range, using: &random) }
      let records = (0..<Self.jobsCount).map { index in
        JobRecord(
          id: "\(index)", kind: "test", priority: JobPriority.allCases[index % JobPriority.allCases.count],
          flow: "\(index % 4)")
      }
      _ = try await bench.broker.enqueue(records.map { NewJob($0) }, to: .dispatch)
      var left = Self.jobsCount
      var (leftOut, alone, tokens) = (0, 0, 0)
      var held: [(record: JobRecord, token: String)] = []

      func claim(isIdle: Bool) async throws {
        tokens += 1
        let claim = try await bench.broker.claim(
          number(1..<6), from: .dispatch, token: "t\(tokens)", lease: Self.lease, runsNothingElse: isIdle)
        let suspects = claim.jobs.filter { claim.crashes[$0.id, default: 0] >= DeadWorkers.suspicious }
        #expect(suspects.isEmpty || (isIdle && claim.jobs.count == 1), "\(claim.crashes)")
        (leftOut, alone) = (leftOut + claim.suspectsLeft, alone + suspects.count)
        held += claim.jobs.map { ($0, "t\(tokens)") }
      }

      for _ in 0..<Self.steps {
        switch number(0..<10) {
        case 0..<5: try await claim(isIdle: number(0..<2) == 0)
        case 5, 6:
          guard !held.isEmpty else { continue }
          let one = held.remove(at: number(0..<held.count))
          let moves: [Settlement.Move] = [
            .release, .postpone(.zero), .release, .delay(.zero, attempts: 1), .complete,
          ]
          let move = moves[number(0..<moves.count)]
          let result = try await bench.broker.settle(
            [Settlement(one.record, move)], in: .dispatch, token: one.token)
          if result == [.settled], move == .complete { left -= 1 }
        default:
          try await bench.advance(Self.lease)
          held = []
          _ = try await bench.broker.promote(in: .dispatch, max: 100, crashesMax: DeadWorkers.max)
        }
        let counts = try await bench.broker.counts(of: .dispatch)
        #expect(counts.ready + counts.leased + counts.delayed + counts.dead == left, "\(counts)")
      }
      #expect(leftOut > 0 && alone > 0, "the seed met none")

      // Whoever is idle gets all that are not dead, one by one where they are suspects.
      try await bench.advance(Self.lease)
      while true {
        _ = try await bench.broker.promote(in: .dispatch, max: 100, crashesMax: DeadWorkers.max)
        tokens += 1
        let claim = try await bench.broker.claim(9, from: .dispatch, token: "t\(tokens)", lease: .seconds(60))
        if claim.jobs.isEmpty { break }
        for record in claim.jobs {
          let result = try await bench.broker.settle(
            [Settlement(record, .complete)], in: .dispatch, token: "t\(tokens)")
          #expect(result == [.settled])
        }
      }
      let counts = try await bench.broker.counts(of: .dispatch)
      #expect(counts.ready == 0 && counts.leased == 0 && counts.delayed == 0, "\(counts)")
    }
  }
}
