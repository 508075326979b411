/// When a send whose answer was lost is repeated under the same reference.
///
/// Only at a provider that books a reference once (``ProviderFacts/resendSafe``), and only when all of this holds:
///
/// 1. The first request has surely ended, and the grace time is over: of two requests at once hardly any provider says
///    what it does.
/// 2. The provider says, ``roundsMin`` times in a row, that it does not know the reference or has not carried it out, while
///    it answers rightly about an earlier order, and the account works. So even where its documents are wrong about a
///    repetition, there is most likely nothing to repeat.
/// 3. The account is the one that the first request went to, and the request is the same, byte by byte: what a known
///    reference with other contents leads to, nobody describes.
/// 4. It was repeated fewer than ``resendsMax`` times.
///
/// The order stays `unresolved` meanwhile: it may be there already, so it is neither cancelled nor sent elsewhere.
public enum SameReference {
  /// How often the question is put before the answer counts.
  public static let roundsMin = 2
  /// Repetitions of one send.
  public static let resendsMax = 3

  /// One question about our reference, and one about an order that the provider surely has; nil when there is none.
  public struct Round: Sendable {
    public var ours: QueryOutcome
    public var known: QueryOutcome?
    public init(ours: QueryOutcome, known: QueryOutcome?) {
      self.ours = ours
      self.known = known
    }
  }

  /// Whether the evidence is worth gathering.
  ///
  /// - Parameters:
  ///   - age: since the last request surely ended.
  ///   - checks, asks: as in ``LostAnswer/needsEvidence(_:age:checks:asks:schedule:facts:witness:quiet:)``, since that
  ///     request.
  ///   - witness: what was said before and is open: then that is found out first.
  public static func isDue(
    _ outcome: QueryOutcome, age: Duration, checks: Int, asks: Int, schedule: CheckSchedule, facts: ProviderFacts,
    witness: Witness?
  ) -> Bool {
    guard facts.isBookedOnce, witness == nil, case .notFound = outcome else { return false }
    return min(age, schedule.leastElapsed(afterChecks: checks, asks: asks))
      >= NotReceivedEvidence.grace(facts, schedule)
  }

  /// Whether the evidence lets the send be repeated, and why or why not, in words.
  public static func verdict(_ rounds: [Round], probe: ProbeOutcome) -> (isAllowed: Bool, words: String) {
    guard rounds.count >= roundsMin else { return (false, "the provider was not asked often enough") }
    var last = ""
    for round in rounds {
      guard case .notFound(let text) = round.ours else {
        return (false, "the provider answers the same question now so, now so")
      }
      last = text
      switch round.known {
      case nil, .waiting, .completed, .cancelled: break
      case .notFound, .queryFailed, .unintelligible:
        return (
          false, "the provider does not even answer about an earlier order that it had, so its answers say nothing"
        )
      }
    }
    if case .notWorking(let why) = probe {
      return (false, "the account does not work at the moment (\(why)), so its answers say nothing")
    }
    return (true, "\(rounds.count) times in a row the provider said: \(last)")
  }

  /// What follows from the answer to the repetition. It says nothing of the first request unless it takes the order: a
  /// refusal may be one of the repetition alone.
  ///
  /// - Parameters:
  ///   - next: the pause before the next question.
  ///   - note: what led to the repetition.
  public static func decide(
    _ outcome: SendOutcome, trust: DeliveryTrust, next: Duration, note: String
  ) -> Decision {
    let why: String
    switch outcome {
    case .accepted: return .move(to: .sent, Reason(.inProgress))
    case .delivered(let pin, let note, _):
      return trust == .byItself ? .complete(pin, note: note) : .move(to: .sent, Reason(.inProgress))
    case .refused(let text): why = "refused: \(text)"
    case .accountTrouble(let text, _): why = "turned away: \(text)"
    case .notSent(let text): why = "not sent: \(text)"
    case .unknown(let text): why = text
    }
    return .askAgain(after: next, Reason(.answerLost, "\(note); sent again under the same reference: \(why)"))
  }
}

extension ProviderFacts {
  /// Whether a reference that is sent again, after the first has ended, is booked once.
  public var isBookedOnce: Bool { resendSafe == .yes || resendSafe == .sequential }
}
