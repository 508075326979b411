import Orders
import Seeded
import Testing

@Suite struct ScheduleTests {
  /// The schedule as the design promises it: checks done, then the pause in seconds.
  static let promised: [(Int, Double)] = [
    (0, 60), (1, 30), (2, 60), (3, 120), (4, 240), (5, 480), (6, 600), (7, 600), (100, 600), (10_000, 600),
    (1_000_000, 600),
  ]

  @Test(arguments: promised) func delaysAreTheTableWithinTenPercent(done: Int, seconds: Double) {
    let schedule = CheckSchedule()
    var random = SeededGenerator(seed: testSeed)
    var exact = schedule
    exact.jitter = 0
    #expect(exact.delay(afterChecks: done, using: &random) == .seconds(seconds))
    var shortest = Duration.seconds(1_000_000)
    var longest = Duration.zero
    for _ in 0..<500 {
      let delay = schedule.delay(afterChecks: done, using: &random)
      #expect(delay >= .seconds(seconds * 0.9) && delay <= .seconds(seconds * 1.1))
      shortest = min(shortest, delay)
      longest = max(longest, delay)
    }
    // It is spread, not constant.
    #expect(shortest < .seconds(seconds * 0.95) && longest > .seconds(seconds * 1.05))
  }

  @Test func hugeAndOddSettingsDoNotOverflow() {
    var random = SeededGenerator(seed: 1)
    let long = Duration.seconds(1_000_000_000 * 3600)
    let schedule = CheckSchedule(first: long, backoff: .milliseconds(1), backoffMax: long, deadline: long, jitter: 0)
    #expect(schedule.delay(afterChecks: 10_000, using: &random) == long)
    let inverted = CheckSchedule(backoff: .seconds(600), backoffMax: .seconds(30), jitter: 0)
    #expect(inverted.delay(afterChecks: 1, using: &random) == .seconds(30))
    #expect(schedule.delay(afterChecks: -1, using: &random) == long)
  }

  @Test func afterALostAnswerItAsksSoon() {
    var random = SeededGenerator(seed: 1)
    var schedule = CheckSchedule(jitter: 0)
    let delays = (0...9).map { schedule.afterLostAnswer.delay(afterChecks: $0, using: &random) }
    #expect(delays == [5, 5, 10, 20, 40, 80, 160, 320, 600, 600].map { .seconds($0) })
    #expect(schedule.afterLostAnswer.deadline == schedule.deadline)
    // Faster settings stay as they are.
    (schedule.first, schedule.backoff) = (.seconds(1), .seconds(2))
    #expect(schedule.afterLostAnswer == schedule)
  }

  /// A database's clock that steps a day ahead brings no deadline: the pauses between the questions must add up to it.
  @Test func aClockThatStepsBringsNoDeadline() {
    let schedule = CheckSchedule()
    let day = Duration.seconds(86_400)
    #expect(schedule.age(day * 3, afterChecks: 0) == .seconds(60))
    #expect(schedule.age(day * 3, afterChecks: 3) == .seconds(60 + 30 + 60 + 120))
    #expect(schedule.age(day * 3, afterChecks: 100) < day)
    // In its time it comes, at most one pause late.
    #expect((140...150).contains { schedule.age(day * 3, afterChecks: $0) >= day })
    #expect(schedule.age(.seconds(5), afterChecks: 1000) == .seconds(5))
    #expect(schedule.age(day, afterChecks: .max) == day)
  }

  /// Somebody who asks often makes no evidence older than it is: whatever a clock says, no more is counted than has passed.
  @Test func whoAsksOftenShortensNothing() {
    var random = SeededGenerator(seed: testSeed)
    var wasShorter = false
    for schedule in [
      CheckSchedule(), CheckSchedule().afterLostAnswer, CheckSchedule(first: .seconds(1), backoff: .seconds(1)),
    ] {
      for share in [0.0, 0.2, 0.9, 1] {
        var (now, asked, done, asks) = (Duration.zero, Duration.seconds(-10), 0, 0)
        var due = schedule.delay(afterChecks: 0, using: &random)
        for _ in 0..<200 {
          let mayAsk = max(now, asked + CheckSchedule.askPauseMin)
          let isAsked = mayAsk < due && Double.random(in: 0..<1, using: &random) < share
          now = isAsked ? mayAsk : due
          if isAsked { (asked, asks) = (now, asks + 1) }
          #expect(schedule.leastElapsed(afterChecks: done, asks: asks) <= now)
          if schedule.leastElapsed(afterChecks: done) > now { wasShorter = true }
          // And whoever asks on and on does not keep the order from its end.
          #expect(
            schedule.leastElapsed(afterChecks: done, asks: asks) * 3 + .seconds(60) >= now - schedule.backoffMax * 1.2)
          #expect(
            schedule.age(now * 1000, afterChecks: done, asks: asks) * 3 + .seconds(60) >= now - schedule.backoffMax
              * 1.2)
          due = now + schedule.delay(afterChecks: done + 1 - asks, using: &random)
          done += 1
        }
      }
    }
    #expect(wasShorter, "counted as the others it would")
    let day = Duration.seconds(86_400)
    #expect(CheckSchedule().age(day, afterChecks: 30, asks: 30) == .seconds(290))
  }

  /// Nor is an order old by what it waited for: only the pauses after sends that did not leave count.
  @Test func onlyTriesMakeAnOrderTooOldToBeTried() {
    let schedule = CheckSchedule()
    #expect(AfterSend.leastElapsed(sends: 1, schedule) == .zero)
    #expect(AfterSend.leastElapsed(sends: 4, schedule) == .seconds(1 + 2 + 4))
    #expect(AfterSend.leastElapsed(sends: 100, schedule) < schedule.deadline)
    #expect((100...200).contains { AfterSend.leastElapsed(sends: $0, schedule) > schedule.deadline })
    #expect(AfterSend.leastElapsed(sends: .max, schedule) > schedule.deadline)
  }
}
