/// What follows from the answer to a send.
public enum AfterSend {
  /// What to do with an order after a send. Less than a ``Decision``: a send neither settles a refusal nor asks again.
  public enum Result: Sendable, Equatable {
    /// Move the order to `sent` or `unresolved` and plan the first question.
    case move(to: Next, Reason)
    /// Deliver: move to `completed` with what was received.
    case complete(Pin?, note: String)
    /// Nothing was sent: try to send again after the pause.
    case sendAgain(after: Duration, reason: String)

    /// The same as any applier of decisions takes it.
    public var decision: Decision {
      switch self {
      case .move(let next, let reason): .move(to: next.status, reason)
      case .complete(let pin, let note): .complete(pin, note: note)
      case .sendAgain(let pause, let reason): .sendAgain(after: pause, reason: reason)
      }
    }
  }

  /// What an order becomes of which the provider has, or may have, something.
  public enum Next: Sendable {
    case sent, unresolved

    public var status: Status {
      switch self {
      case .sent: .sent
      case .unresolved: .unresolved
      }
    }
  }

  /// Decides from what the answer proves.
  ///
  /// - Parameters:
  ///   - sendsProvedNotSent: how many sends of this order, this one included, provably never left. They are retried
  ///     with a growing pause, up to the deadline that the caller watches.
  ///   - hasOtherRoute: whether another provider could take the order instead.
  ///   - trust: how far a delivery in the answer is believed.
  public static func decide(
    _ outcome: SendOutcome, sendsProvedNotSent: Int, hasOtherRoute: Bool = false, trust: DeliveryTrust = .whenRepeated,
    schedule: CheckSchedule
  ) -> Result {
    switch outcome {
    case .accepted:
      .move(to: .sent, Reason(.inProgress))
    case .delivered(let pin, let note, _):
      switch trust {
      case .byItself: .complete(pin, note: note)
      // Not completed yet: see `witness(_:fingerprint:)`.
      case .whenRepeated: .move(to: .sent, Reason(.inProgress))
      }
    case .refused(let why):
      // Not failed yet: see `witness(_:fingerprint:)`.
      .move(
        to: .unresolved,
        Reason(.confirmingRefusal, "the provider refused: \(why); asking whether it has the order all the same"))
    case .accountTrouble(let why, _):
      .move(
        to: .unresolved,
        Reason(
          .confirmingRefusal,
          "the provider turned the account away: \(why); asking whether it has the order all the same"))
    case .notSent(let why):
      .sendAgain(
        after: hasOtherRoute && sendsProvedNotSent == 1
          ? .zero : pause(before: sendsProvedNotSent, max: schedule.backoffMax), reason: "not sent: \(why)")
    case .unknown(let why):
      // The one case that must never lead to another send. What happens next stands in LostAnswer.swift.
      .move(to: .unresolved, Reason(.answerLost, "the answer was lost: \(why)"))
    }
  }

  /// What the answer says and a question must bear out before it is believed. A panel books the first copy of a request
  /// and says "no balance" or "already there" to the one that a proxy repeated.
  ///
  /// - Parameter fingerprint: of a delivery, as in ``Witness/fingerprint``.
  public static func witness(_ outcome: SendOutcome, fingerprint: [UInt8] = []) -> Witness? {
    switch outcome {
    case .refused(let why): Witness(.refused, words: why)
    case .accountTrouble(let why, _): Witness(.account, words: why)
    // The same as if a question had brought it: the next one that says so proves it, and one with another PIN
    // contradicts it.
    case .delivered: Witness(.completed, fingerprint: fingerprint)
    case .accepted, .notSent, .unknown: nil
    }
  }

  /// The pause before the first question about an order that has become `next`.
  public static func firstPause(
    _ outcome: SendOutcome, _ next: Next, schedule: CheckSchedule, using random: inout some RandomNumberGenerator
  ) -> Duration {
    // The customer waits for what is there already.
    if case .delivered = outcome { return schedule.confirmation }
    let plan = next == .unresolved ? schedule.afterLostAnswer : schedule
    return plan.delay(afterChecks: 0, using: &random)
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
