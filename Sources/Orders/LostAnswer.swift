/// What happens when the provider's answer to a send is lost (status `unresolved`).
///
/// 1. The reference was committed before the first byte went out, so we know what to ask about.
/// 2. The order is never sent again while this is open. Most providers do not recognise a repeated reference and would
///    debit twice.
/// 3. We ask the provider about the reference, soon and then ever more slowly. A status line for the reference proves
///    that it has the order: the order goes on as if the answer had come (`sent`, `completed` or `failed`).
/// 4. "Not found" is believed only if the provider's settings say so, and only after the grace time: the request may
///    still be travelling. Then the order is proved not received, and becomes `pending` again under a new reference.
/// 5. A question that failed says nothing, whatever it looks like. We ask again.
/// 6. At the deadline a person decides (`held`), with what we know in words. Never `failed` by itself.
public enum LostAnswer {
  /// - Parameters:
  ///   - age: since the send ended; the grace time of a "not found" counts from there.
  ///   - next: the pause before the next question, as the schedule has it.
  public static func decide(
    _ outcome: QueryOutcome, age: Duration, next: Duration, schedule: CheckSchedule, facts: ProviderFacts
  ) -> Decision {
    switch outcome {
    case .completed(let pin, let note):
      return .complete(pin, note: note)
    case .cancelled(let why):
      return .move(to: .failed, reason: "the provider had received the order and cancelled it: \(why)")
    case .waiting(let text):
      return .move(to: .sent, reason: "the provider has the order: \(text)")
    case .notFound(let text):
      if case .after(let grace) = facts.notFound, age >= grace {
        return .sendAgain(
          after: .zero,
          reason: "proved not received: the provider does not know the reference \(grace.inWords) after the send "
            + "(\(text)), and is trusted in that")
      }
      return AfterQuery.orDeadline(
        "the provider does not find the reference (\(text)), which does not prove that it never will",
        age: age, next: next, schedule: schedule)
    case .queryFailed(let text):
      return AfterQuery.orDeadline("the question failed: \(text)", age: age, next: next, schedule: schedule)
    case .unintelligible(let text):
      return AfterQuery.orDeadline("the answer made no sense: \(text)", age: age, next: next, schedule: schedule)
    }
  }
}
