import EventLoop
@testable import ProviderGate
import Testing

/// How a process' slots are shared among providers of which some do not answer.
@LoopActor
struct BulkheadTests {
  /// Takes as many slots as the provider gets.
  private func fill(_ bulkhead: Bulkhead, _ provider: Int64) -> Int {
    var taken = 0
    while bulkhead.enter(provider) { taken += 1 }
    return taken
  }

  /// A provider that was asked once and answered.
  private func greet(_ bulkhead: Bulkhead, _ provider: Int64) {
    #expect(bulkhead.enter(provider))
    bulkhead.leave(provider, answered: true)
  }

  @Test(arguments: [1, 2, 3, 4, 8, 16, 256])
  func anyNumberOfHangingProvidersLeaveSlotsForOneThatAnswers(_ slots: Int) {
    let bulkhead = Bulkhead(slots: slots)
    if slots > 1 { greet(bulkhead, 1) }
    var held = 0
    for provider in Int64(2)...300 { held += fill(bulkhead, provider) }
    #expect(held > 0 && held <= slots)
    guard slots >= 8 else { return }
    #expect(bulkhead.enter(1), "\(held) of \(slots) hang")
  }

  @Test func oneProviderGetsHalfAndLeavesRoomForMore() {
    let bulkhead = Bulkhead(slots: 256)
    #expect(fill(bulkhead, 1) == 128)
    #expect(fill(bulkhead, 2) == 64)
    // None of them has answered yet, and a new one finds a slot.
    for provider in Int64(3)...6 { #expect(bulkhead.enter(provider)) }
  }

  @Test func whoDoesNotAnswerGetsLessUntilItDoes() {
    let bulkhead = Bulkhead(slots: 256)
    let hanging = Int64(1)...20
    for provider in hanging {
      for _ in 0..<3 {
        #expect(bulkhead.enter(provider))
        bulkhead.leave(provider, answered: false)
      }
    }
    let taken = hanging.map { fill(bulkhead, $0) }
    #expect(taken.prefix(8).allSatisfy { $0 == 16 } && taken.reduce(0, +) == 128, "\(taken)")
    #expect(fill(bulkhead, 99) == 64, "half of what they leave")
    // One of them answers: it is like the others again.
    bulkhead.leave(1, answered: true)
    #expect(bulkhead.enter(1) && bulkhead.enter(1), "more than its share of the silent")
  }

  @Test(.timeLimit(.minutes(1))) func whoWaitsGetsTheNextSlotOfAProviderThatAnswers() async {
    let bulkhead = Bulkhead(slots: 8)
    greet(bulkhead, 1)
    #expect(fill(bulkhead, 1) == 4)
    async let waited = bulkhead.enter(1, within: .seconds(50))
    while bulkhead.waitingCount == 0 { await Task.yield() }
    bulkhead.leave(1, answered: true)
    #expect(await waited)
    #expect(!(await bulkhead.enter(1, within: .milliseconds(5))), "all are held again")
    #expect(bulkhead.waitingCount == 0)
  }

  @Test func nobodyWaitsForAProviderThatDoesNotAnswer() async {
    let bulkhead = Bulkhead(slots: 8)
    _ = fill(bulkhead, 1)
    bulkhead.leave(1, answered: false)
    _ = fill(bulkhead, 1)
    #expect(!(await bulkhead.enter(1, within: .seconds(50))))
  }

  @Test func slotsThatWereNotUsedSayNothing() {
    let bulkhead = Bulkhead(slots: 8)
    for _ in 0..<9 {
      #expect(bulkhead.enter(1))
      bulkhead.leave(1)
    }
    #expect(fill(bulkhead, 1) == 4)
  }
}
