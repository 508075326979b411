import Orders
import Seeded

/// A lost send is repeated under its reference, as `Resender` and resend.sql do.
extension History {
  mutating func mayRepeat(after answer: QueryOutcome, age: Duration, _ plan: CheckSchedule) -> Bool {
    guard resends < SameReference.resendsMax, !isRefundClaimed,
      SameReference.isDue(
        answer, age: age, checks: checks, asks: asks, schedule: plan, facts: facts, witness: witness?.what)
    else { return false }
    let rounds = (0..<SameReference.roundsMin).map { _ in
      SameReference.Round(ours: provider.answer(reference, at: now, &random), known: .completed(nil, note: ""))
    }
    return SameReference.verdict(rounds, probe: .working(balance: nil)).isAllowed
  }

  /// The intent is a version of its own, so that nobody who saw the one before goes on.
  mutating func beginRepetition() {
    resends += 1
    version += 1
    (checks, asks, witness) = (0, 0, nil)
    (sentAt, dueAt) = (now + Self.abandonedAfter, now + Self.abandonedAfter)
    goOn(after: .zero, .repeatSend(version: version, begun: now))
  }

  mutating func repeatSend(_ from: Int, begun: Duration) {
    guard now - begun < Self.sendStartMax else {
      jobEnd = JobEnd(snooze: .zero)
      return
    }
    let outcome = provider.send(reference, at: now, &random)
    takePosts()
    let took = Self.timeout * Double.random(in: 0...1, using: &random)
    goOn(after: took, .noteRepeated(outcome, version: from))
  }

  mutating func noteRepeated(_ outcome: SendOutcome, _ from: Int) {
    let plan = schedule.afterLostAnswer
    let next = plan.delay(afterChecks: 0, using: &random)
    carryOut(SameReference.decide(outcome, trust: .whenRepeated, next: next, note: "missing"), nil, from, checks)
  }
}
