/// What happens when the provider's answer to a send is lost, or is one that is not believed yet (status `unresolved`).
///
/// 1. The reference was committed before the first byte went out, so we know what to ask about.
/// 2. The order is never sent again while this is open. Most providers do not recognise a repeated reference and would
///    debit twice.
/// 3. We ask the provider about the reference, soon and then ever more slowly. A status line for the reference proves
///    that it has the order: the order goes on as if the answer had come (`sent`, `completed` or `failed`).
/// 4. Whatever else it answers ("not found", an error, nothing) says by itself nothing. After the grace time, since the
///    request may still be travelling, the control question is asked (``NotReceivedEvidence``).
/// 5. If that shows that the provider does not have the reference, the order becomes `pending` again under a new one,
///    provided that the provider's settings trust such evidence. If they don't, a person gets the order (`held`) with the
///    evidence in words.
/// 6. If the answer was a refusal, or trouble with the account (``Witness``), a shorter control question is asked at once: it
///    only has to bear out what the provider said by itself.
/// 7. Without evidence we ask again until the deadline; then a person decides (`held`). Never `failed` by itself.
public enum LostAnswer {
  /// - Parameters:
  ///   - age: since the send ended; the grace time counts from there.
  ///   - next: the pause before the next question, as the schedule has it.
  ///   - witness: what the provider said to the send, if that is to be borne out.
  ///   - evidence: the answers to the control question, where it was asked; see
  ///     ``needsEvidence(_:age:checks:asks:schedule:facts:witness:quiet:)``.
  public static func decide(
    _ outcome: QueryOutcome, age: Duration, next: Duration, schedule: CheckSchedule, facts: ProviderFacts,
    witness: Witness? = nil, evidence: NotReceivedEvidence? = nil
  ) -> Decision {
    var note: String
    switch outcome {
    case .completed(let pin, let note):
      return .complete(pin, note: note)
    case .cancelled(let why):
      return .move(
        to: .failed, Reason(.providerCancelled, "the provider had received the order and cancelled it: \(why)"))
    case .waiting(let text):
      return .move(to: .sent, Reason(.inProgress, "the provider has the order: \(text)"))
    case .notFound(let text):
      note = "the provider does not find the reference (\(text)), which by itself proves nothing"
    case .queryFailed(let text):
      note = "the question failed: \(text)"
    case .unintelligible(let text):
      note = "the answer made no sense: \(text)"
    }
    if witness?.kind == .completed { note = "it was said to be delivered once; now: \(note)" }
    if let witness, witness.isAboutSend {
      return decide(witness, note, evidence, age: age, next: next, schedule: schedule)
    }
    guard let evidence, witness?.kind != .completed, age >= NotReceivedEvidence.grace(facts, schedule) else {
      return AfterQuery.orDeadline(Reason(.answerLost, note), age: age, next: next, schedule: schedule)
    }
    let (isNotReceived, words) = evidence.verdict
    guard isNotReceived else {
      return AfterQuery.orDeadline(
        Reason(.answerLost, "\(note); \(words)"), age: age, next: next, schedule: schedule)
    }
    guard case .after = facts.notFound else {
      return .move(
        to: .held,
        Reason(
          .probablyNotReceived,
          "probably not received: \(words). The provider is not trusted in that (--trust-not-found-after), so "
            + "look at its panel for the reference before the order is sent again"))
    }
    return .sendAgain(after: .zero, reason: "proved not received: \(words)")
  }

  /// Believes what the provider said of the send where the evidence bears it out.
  private static func decide(
    _ witness: Witness, _ note: String, _ evidence: NotReceivedEvidence?, age: Duration, next: Duration,
    schedule: CheckSchedule
  ) -> Decision {
    let (isNotReceived, words) = evidence?.verdict ?? (false, "not compared yet")
    guard isNotReceived else {
      return AfterQuery.orDeadline(
        Reason(
          .confirmingRefusal,
          "the provider said of the send: \(witness.words), which nothing bears out yet: \(note); \(words)"),
        age: age, next: next, schedule: schedule)
    }
    return witness.kind == .refused
      ? .refused(witness.words)
      : .sendAgain(after: .zero, reason: "not sent: the provider turned the account away: \(witness.words)")
  }

  /// Whether the control question is worth asking: the answer settles nothing, and the grace time has passed.
  ///
  /// What the provider said of the send by itself (`witness`) needs no grace but to be `quiet`: the request may still hang
  /// in the panel while a copy of it was answered. A clock that stepped forward must not end the grace, so the pauses
  /// between the `checks` made must add up to it too; those of them that somebody asked for (`asks`) did not wait for one.
  public static func needsEvidence(
    _ outcome: QueryOutcome, age: Duration, checks: Int, asks: Int = 0, schedule: CheckSchedule, facts: ProviderFacts,
    witness: Witness? = nil, quiet: Duration = .zero
  ) -> Bool {
    switch outcome {
    case .completed, .cancelled, .waiting: return false
    case .notFound, .queryFailed, .unintelligible:
      // A provider that once said "delivered" has the order: nothing it says later proves that it never got it.
      if witness?.kind == .completed { return false }
      return witness?.isAboutSend ?? false
        ? age >= quiet
        : min(age, schedule.leastElapsed(afterChecks: checks, asks: asks)) >= NotReceivedEvidence.grace(facts, schedule)
    }
  }
}
