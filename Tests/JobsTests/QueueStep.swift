import Jobs
import Seeded
import TestSupport

/// One thing that happens to a queue. Steps don't depend on each other, so that a history stays one when some are left
/// out.
enum QueueStep {
  /// How an attempt ends.
  enum End: CaseIterable { case complete, retry, snooze, release, bury }
  /// What becomes of the message that says so.
  enum Post: Equatable {
    case arrives, arrivesTwice
    case arrivesLater(Duration)
    case isLost
  }

  case enqueue(Int, JobPriority, delay: Duration)
  case claim(worker: Int, max: Int)
  case heartbeat(worker: Int)
  /// The worker ends one of the jobs it runs: the `pick`-th, counted round.
  case end(worker: Int, pick: Int, End, Post)
  /// The worker is gone with all it ran, and another takes its place.
  case crash(worker: Int)
  case pass(Duration)
  /// The broker's clock is set forward or back; the clocks of the workers aren't.
  case setClock(Duration)
  case promote(max: Int)
  case pause(Bool)
  case revive(Int)
  case delete(Int)
  /// Everything in the broker is lost.
  case wipe
  /// Whatever the database says is owed is enqueued.
  case reconcile

  static let jobsCount = 6
  static let workersCount = 3

  static func random(_ random: inout SeededGenerator) -> QueueStep {
    func number(_ range: Range<Int>, _ random: inout SeededGenerator) -> Int { .random(in: range, using: &random) }
    let job = number(0..<jobsCount, &random)
    let worker = number(0..<workersCount, &random)
    switch number(0..<100, &random) {
    case 0..<16:
      let delay = [Duration.zero, .zero, .seconds(1), .seconds(40)].randomElement(using: &random) ?? .zero
      return .enqueue(job, JobPriority.allCases.randomElement(using: &random) ?? .normal, delay: delay)
    case 16..<36: return .claim(worker: worker, max: number(1..<4, &random))
    case 36..<43: return .heartbeat(worker: worker)
    case 43..<61:
      let end = End.allCases.randomElement(using: &random) ?? .complete
      let late = Duration.seconds([1, 20, 70].randomElement(using: &random) ?? 1)
      let post = [Post.arrives, .arrives, .arrivesTwice, .arrivesLater(late), .isLost].randomElement(using: &random)
      return .end(worker: worker, pick: number(0..<3, &random), end, post ?? .arrives)
    case 61..<64: return .crash(worker: worker)
    case 64..<79:
      return .pass(.milliseconds([1, 500, 10_000, 29_999, 30_000, 45_000].randomElement(using: &random) ?? 1))
    case 79..<80: return .setClock(.seconds([-100, -1, 1, 100].randomElement(using: &random) ?? 1))
    case 80..<91: return .promote(max: number(1..<5, &random))
    case 91..<93: return .pause(Bool.random(using: &random))
    case 93..<95: return .revive(job)
    case 95..<97: return .delete(job)
    case 97..<98: return .wipe
    default: return .reconcile
    }
  }

  static func history(seed: UInt64, count: Int) -> [QueueStep] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in random(&generator) }
  }
}
