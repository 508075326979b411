/// Whether an answer to a question settles an order: only when two say the same, seconds apart, each a whole line over a
/// connection that was opened for it. What delivers a PIN and what makes an order refund-safe need the same proof.
public enum Proof: Sendable, Equatable {
  /// The answer would settle nothing. What was witnessed before is kept, or nil where this answer contradicts it.
  case open(Witness?)
  /// It would settle the order and is the first to say so, or comes too soon after the first: to be asked again after
  /// ``CheckSchedule/confirmation``.
  case witnessed(Witness)
  /// The second to say the same.
  case proved
  /// Two answers that can't both be true. No majority settles that: it is a person's.
  case contradicted(String)

  /// - Parameters:
  ///   - fingerprint: of the answer, as in ``Witness/fingerprint``; only looked at for answers that would settle the order.
  ///   - earlier: what was witnessed since the order has its present send.
  ///   - apart: how long after the first answer the second must come.
  public static func judge(
    _ outcome: QueryOutcome, fingerprint: [UInt8], earlier: Witness?, apart: Duration
  ) -> Proof {
    switch outcome {
    case .completed: settle(Witness(.completed, fingerprint: fingerprint), after: earlier, apart: apart)
    case .cancelled(let why):
      settle(Witness(.cancelled, fingerprint: fingerprint, words: why), after: earlier, apart: apart)
    case .waiting:
      // A PIN is so particular that the same one, said again later, still proves itself, and another one would tell of a
      // mix-up. That it was cancelled or never taken is simply not so.
      .open(earlier?.kind == .completed ? earlier : nil)
    case .notFound, .queryFailed, .unintelligible: .open(earlier)
    }
  }

  private static func settle(_ witness: Witness, after earlier: Witness?, apart: Duration) -> Proof {
    guard let earlier, !earlier.isAboutSend else { return .witnessed(witness) }
    if earlier.kind == witness.kind, earlier.fingerprint == witness.fingerprint {
      return earlier.age >= apart ? .proved : .witnessed(earlier)
    }
    switch (earlier.kind, witness.kind) {
    case (.completed, .completed):
      return .contradicted("the provider gave one PIN and then another")
    case (.completed, .cancelled):
      return .contradicted("the provider delivered and then said that it is cancelled (\(witness.words))")
    default:
      // Cancelled in other words, or delivered after all: the proof begins anew.
      return .witnessed(witness)
    }
  }
}
