import Jobs
import Seeded
import Testing

@Suite struct PolicyTests {
  private static let record = JobRecord(id: "a", kind: "k", attempts: 2)
  private static let policy = RetryPolicy(
    attemptsMax: 5, backoff: .exponential(from: .seconds(1), upTo: .seconds(60), jitter: 0))

  @Test(arguments: [
    (0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (1000, 60), (1_000_000, 60),
  ])
  func backoff(attempt: Int, seconds: Double) {
    var random = SeededGenerator(seed: 5)
    let exact = Backoff.exponential(from: .seconds(1), upTo: .seconds(60), jitter: 0)
    #expect(exact.delay(afterAttempt: attempt, using: &random) == .seconds(seconds))
    guard attempt <= 1000 else { return }
    let spread = Backoff.exponential(from: .seconds(1), upTo: .seconds(60), jitter: 0.5)
    let delays = (0..<500).map { _ in spread.delay(afterAttempt: attempt, using: &random) }
    #expect(delays.allSatisfy { $0 >= .seconds(seconds * 0.5) && $0 <= .seconds(seconds * 1.5) })
    #expect(delays.contains { $0 < .seconds(seconds * 0.75) } && delays.contains { $0 > .seconds(seconds * 1.25) })
  }

  @Test(arguments: [
    (Outcome.completed, Settlement.Move.complete), (.cancelled(reason: "no longer wanted"), .complete),
    (.retry(reason: "down"), .delay(.seconds(4), attempts: 3)),
    (.snooze(.seconds(9)), .delay(.seconds(9), attempts: 2)),
    (.dead(reason: "broken"), .bury(reason: "broken")), (.interrupted, .release),
  ])
  func everyOutcomeHasItsMove(_ outcome: Outcome, _ move: Settlement.Move) {
    var random = SeededGenerator(seed: 5)
    let settlement = Settlement(Self.record, outcome: outcome, policy: Self.policy, using: &random)
    #expect(settlement.move == move)
    #expect(settlement.job == Self.record)
  }

  @Test func aSnoozedJobCarriesWhatItIsGiven() {
    var random = SeededGenerator(seed: 5)
    var record = Self.record
    record.payload = [1]
    for (carried, payload) in [(nil, [1]), ([], []), ([7, 8], [7, 8])] as [([UInt8]?, [UInt8])] {
      let settlement = Settlement(
        record, outcome: .snooze(.seconds(9), carrying: carried), policy: Self.policy, using: &random)
      #expect(settlement.move == .delay(.seconds(9), attempts: 2) && settlement.job.payload == payload)
    }
  }

  @Test(arguments: [(3, false), (4, true), (5, true), (1000, true)])
  func theLastAttemptBuries(attempts: Int, isBuried: Bool) {
    var random = SeededGenerator(seed: 5)
    var record = Self.record
    record.attempts = attempts
    let move = Settlement(record, outcome: .retry(reason: "down"), policy: Self.policy, using: &random).move
    if isBuried {
      #expect(move == .bury(reason: "gave up after \(attempts + 1) attempts; last: down"))
    } else {
      #expect(move == .delay(.seconds(8), attempts: attempts + 1))
    }
  }

  @Test func aKindHasOneHandler() async {
    var handlers = Handlers()
    handlers.on(NumberJob.self, policy: .persistent) { _, _ in .completed }
    handlers.on(WordJob.self, policy: .persistent) { _, _ in .completed }
    #expect(handlers.kinds == ["number", "word"])
    await #expect(processExitsWith: .failure) {
      var handlers = Handlers()
      handlers.on(NumberJob.self, policy: .persistent) { _, _ in .completed }
      handlers.on(NumberJob.self, policy: .persistent) { _, _ in .completed }
    }
  }

  @Test(arguments: ["a", "check", "a-b_9", String(repeating: "q", count: 40)])
  func queueNames(_ name: String) { #expect(QueueName(name)?.rawValue == name) }

  @Test(arguments: ["", "A", "a b", "a:b", "{a}", "ğ", "a\n", String(repeating: "q", count: 41)])
  func wrongQueueNames(_ name: String) { #expect(QueueName(name) == nil) }
}
