import Jobs

@testable import TestSupport

/// The queue under test and, to prove that a simulation notices, the same with one mistake.
struct FaultyQueue {
  enum Mistake: CaseIterable {
    case none
    case settleWithoutLease, extendWithoutLease, loseTheReaped, neverBury, buryWithoutReason
    case promoteEarly, ignorePause, ignorePriority, countInterruptions, takeDuplicates
    case giveSuspectsTogether, giveSuspectsToTheBusy
  }

  let mistake: Mistake
  private(set) var queue = MemoryQueue()

  init(_ mistake: Mistake) { self.mistake = mistake }

  var isPaused: Bool {
    get { queue.isPaused }
    set { queue.isPaused = newValue }
  }

  mutating func enqueue(_ job: NewJob, now: Duration) -> EnqueueResult {
    if mistake == .takeDuplicates { _ = queue.delete(job.record.id) }
    return queue.enqueue(job, now: now)
  }

  mutating func claim(_ max: Int, token: String, until end: Duration, runsNothingElse: Bool) -> Claim {
    let wasPaused = queue.isPaused
    if mistake == .ignorePause { queue.isPaused = false }
    defer { queue.isPaused = wasPaused }
    let isIdle = runsNothingElse || mistake == .giveSuspectsToTheBusy
    guard mistake == .ignorePriority, max == 1 else {
      var claim = queue.claim(max, token: token, until: end, runsNothingElse: isIdle)
      if mistake == .giveSuspectsTogether, claim.suspectsLeft > 0, claim.jobs.count == 1, max > 1 {
        // What the token holds keeps the next from it, so the next goes by another first.
        let more = queue.claim(1, token: "\(token)+", until: end)
        claim.jobs += more.jobs
      }
      return claim
    }
    let claim = queue.claim(2, token: token, until: end, runsNothingElse: isIdle)
    guard claim.jobs.count == 2 else { return claim }
    _ = queue.settle(Settlement(claim.jobs[0], .release), token: token, now: end - .milliseconds(1))
    return Claim(jobs: [claim.jobs[1]], suspectsLeft: claim.suspectsLeft)
  }

  mutating func settle(_ settlement: Settlement, token: String, now: Duration) -> SettleResult {
    switch (mistake, settlement.move) {
    case (.settleWithoutLease, _):
      guard let (holder, end) = lease(of: settlement.job.id, now) else { break }
      return queue.settle(settlement, token: holder, now: min(now, end - .milliseconds(1)))
    case (.countInterruptions, .release):
      let spent = Settlement(settlement.job, .delay(.zero, attempts: settlement.job.attempts + 1))
      return queue.settle(spent, token: token, now: now)
    case (.buryWithoutReason, .bury):
      return queue.settle(Settlement(settlement.job, .bury(reason: "")), token: token, now: now)
    default: break
    }
    return queue.settle(settlement, token: token, now: now)
  }

  mutating func extend(_ id: String, token: String, now: Duration, lease length: Duration) -> Bool {
    guard mistake == .extendWithoutLease, let (holder, end) = lease(of: id, now), holder == token else {
      return queue.extend(id, token: token, now: now, lease: length)
    }
    return queue.extend(id, token: token, now: min(now, end - .milliseconds(1)), lease: length)
  }

  mutating func promote(max: Int, crashesMax: Int, now: Duration) -> Promotion {
    let held = queue.sorted(.leased)
    let result = queue.promote(
      max: max, crashesMax: mistake == .neverBury ? .max : crashesMax,
      now: mistake == .promoteEarly ? now + .seconds(1) : now)
    if mistake == .loseTheReaped {
      for id in held where queue.listed(id, now: now)?.state == .ready { _ = queue.delete(id) }
    }
    return result
  }

  mutating func revive(_ id: String) -> Bool { queue.revive(id) }
  mutating func delete(_ id: String) -> Bool { queue.delete(id) }
  mutating func wipe() { queue = MemoryQueue() }

  private func lease(of id: String, _ now: Duration) -> (token: String, end: Duration)? {
    guard let job = queue.listed(id, now: now), job.state == .leased, let rest = job.remaining else { return nil }
    return (job.detail, now + rest)
  }
}
