/// What follows from the answer to a question about an order that the provider is known to have (status `sent`).
public enum AfterQuery {
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
      return .move(to: .failed, Reason(.providerCancelled, "the provider cancelled: \(why)"))
    case .waiting(let text):
      return orDeadline(
        Reason(.inProgress, "the provider says: \(text)"), age: age, next: next, schedule: schedule)
    case .notFound(let text):
      // It accepted the order and now does not know it: no proof of anything, and money has moved.
      return orDeadline(
        Reason(.askingAgain, "the provider accepted the order but does not find it now (\(text))"), age: age,
        next: next, schedule: schedule)
    case .queryFailed(let text):
      return orDeadline(
        Reason(.askingAgain, "the question failed: \(text)"), age: age, next: next, schedule: schedule)
    case .unintelligible(let text):
      return orDeadline(
        Reason(.askingAgain, "the answer made no sense: \(text)"), age: age, next: next, schedule: schedule)
    }
  }

  /// Asks again, or at the deadline hands the order to a person: never `failed`, since money may have moved.
  public static func orDeadline(_ note: Reason, age: Duration, next: Duration, schedule: CheckSchedule) -> Decision {
    guard age < schedule.deadline else {
      return .move(
        to: .held,
        Reason(
          .noFinalAnswer,
          "no final answer within \(schedule.deadline.inWords) of sending; last: \(note.text ?? ""). "
            + "The provider's panel shows what became of it"))
    }
    return .askAgain(after: next, note)
  }
}
