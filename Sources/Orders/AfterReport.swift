/// What follows when a provider says by itself what became of an order. Nothing is settled here: a notice may be old, come twice, come
/// out of turn, or be about something else by a mistake of its sender's.
///
/// - What may come from anybody (a hint) only brings the question forward.
/// - What is proved to come from the provider (a report) is worth one answer to a question: it is kept as a ``Witness``, and a
///   question has to bear it out. Two reports never do: the second may be the first, posted again.
/// - Of an order that ended either is a reason to look again, as ``SecondLookRule`` has it.
public enum AfterReport {
  public enum Decision: Sendable, Equatable {
    /// Ask soon; nothing of what was said is kept.
    case ask
    /// Keep it as what one answer said, and ask after the pause for the other.
    case keep(Witness, after: Duration)
    /// It and what was said before can't both be true.
    case hold(Reason)
    /// There is nothing to ask now, and why.
    case nothing(String)
  }

  /// - Parameters:
  ///   - outcome: what a report says; nil for a hint.
  ///   - isCurrent: whether it is about the order's last send, made under today's account.
  ///   - fingerprint: of the outcome, as in ``Witness/fingerprint``.
  ///   - earlier: what was witnessed since the order has its present send.
  public static func decide(
    _ outcome: QueryOutcome?, isCurrent: Bool, _ status: Status, fingerprint: [UInt8], earlier: Witness?,
    schedule: CheckSchedule
  ) -> Decision {
    switch status {
    case .pending: return .nothing("it is not sent")
    // Its answer is about to say more; the first question follows it.
    case .sending: return .nothing("it is being sent right now")
    case .held, .contested: return .nothing("it waits for a person")
    case .completed, .failed, .cancelled: return .ask
    case .sent, .unresolved: break
    }
    // What was said of the send stands until a question is surely about this order.
    guard let outcome, isCurrent, !(earlier?.isAboutSend ?? false) else { return .ask }
    switch Proof.judge(outcome, fingerprint: fingerprint, earlier: earlier, apart: schedule.confirmation / 2) {
    case .open, .proved: return .ask
    case .witnessed(let witness):
      let isSame = earlier?.kind == witness.kind && earlier?.fingerprint == witness.fingerprint
      return isSame ? .ask : .keep(witness, after: schedule.confirmation)
    case .contradicted(let why):
      return .hold(
        Reason(.contradicted, "\(why), in a report of its own: look at the provider's panel for which of them is true"))
    }
  }
}
