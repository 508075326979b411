/// What follows from the answer to a question about an order that the provider is known to have (status `sent`).
public enum AfterQuery {
  /// Begins the note of an answer by which the provider works on the order.
  public static let workingPrefix = "the provider says: "
  /// Begins the note of a question that failed.
  public static let failedPrefix = "the question failed: "

  /// - Parameters:
  ///   - age: since the send.
  ///   - next: the pause before the next check, as the schedule has it.
  public static func decide(_ outcome: QueryOutcome, age: Duration, next: Duration, schedule: CheckSchedule)
    -> Decision
  {
    switch outcome {
    case .completed(let pin, let note):
      return .complete(pin, note: note)
    case .cancelled(let why):
      return .move(to: .failed, reason: "the provider cancelled: \(why)")
    case .waiting(let text):
      return orDeadline(workingPrefix + text, age: age, next: next, schedule: schedule)
    case .notFound(let text):
      // It accepted the order and now does not know it: no proof of anything, and money has moved.
      return orDeadline(
        "the provider accepted the order but does not find it now (\(text))", age: age, next: next,
        schedule: schedule)
    case .queryFailed(let text):
      return orDeadline(failedPrefix + text, age: age, next: next, schedule: schedule)
    case .unintelligible(let text):
      return orDeadline("the answer made no sense: \(text)", age: age, next: next, schedule: schedule)
    }
  }

  /// Asks again, or at the deadline hands the order to a person: never `failed`, since money may have moved.
  public static func orDeadline(_ note: String, age: Duration, next: Duration, schedule: CheckSchedule) -> Decision {
    guard age < schedule.deadline else {
      return .move(
        to: .held,
        reason: "no final answer within \(schedule.deadline.inWords) of sending; last: \(note). "
          + "The provider's panel shows what became of it")
    }
    return .askAgain(after: next, note: note)
  }
}
