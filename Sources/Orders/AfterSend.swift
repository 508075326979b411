/// What follows from the answer to a send.
public enum AfterSend {
  /// Begins the reason of an order whose send's outcome is open.
  public static let lostPrefix = "the answer was lost: "
  /// Begins the reason of an order that was refused.
  public static let refusedPrefix = "the provider refused: "

  /// Decides from what the answer proves.
  ///
  /// - Parameters:
  ///   - sendsProvedNotSent: how many sends of this order, this one included, provably never left. They are retried
  ///     with a growing pause, up to the deadline that the caller watches.
  ///   - hasOtherRoute: whether another provider could take the order instead.
  public static func decide(
    _ outcome: SendOutcome, sendsProvedNotSent: Int, hasOtherRoute: Bool = false, schedule: CheckSchedule
  ) -> Decision {
    switch outcome {
    case .accepted:
      .move(to: .sent, reason: nil)
    case .refused(let why):
      // Not failed yet: see `witness(_:)`.
      .move(to: .unresolved, reason: refusedPrefix + why + "; asking whether it has the order all the same")
    case .accountTrouble(let why, _):
      .move(
        to: .unresolved,
        reason: "the provider turned the account away: \(why); asking whether it has the order all the same")
    case .notSent(let why):
      .sendAgain(
        after: hasOtherRoute && sendsProvedNotSent == 1
          ? .zero : pause(before: sendsProvedNotSent, max: schedule.backoffMax), reason: "not sent: \(why)")
    case .unknown(let why):
      // The one case that must never lead to another send. What happens next stands in LostAnswer.swift.
      .move(to: .unresolved, reason: lostPrefix + why)
    }
  }

  /// What the answer says and a question must bear out before it is believed. A panel books the first copy of a request
  /// and says "no balance" or "already there" to the one that a proxy repeated.
  public static func witness(_ outcome: SendOutcome) -> Witness? {
    switch outcome {
    case .refused(let why): Witness(.refused, words: why)
    case .accountTrouble(let why, _): Witness(.account, words: why)
    case .accepted, .notSent, .unknown: nil
    }
  }

  /// The least time that has passed since the first of so many sends that were proved not sent: the pauses add up,
  /// whatever a wall clock says.
  public static func leastElapsed(sends: Int, _ schedule: CheckSchedule) -> Duration {
    // No number of sends takes long to add up, nor overflows.
    (1..<max(min(sends, 10_000), 1)).reduce(.zero) { $0 + pause(before: $1, max: schedule.backoffMax) }
  }

  /// 1 s, 2 s, 4 s, … up to `max`.
  static func pause(before attempt: Int, max: Duration) -> Duration {
    var pause = Duration.seconds(1)
    for _ in 1..<Swift.max(attempt, 1) {
      guard pause < max else { break }
      pause = pause * 2
    }
    return min(pause, max)
  }
}
