/// What can be found out about a lost send when the provider's "not found" is documented nowhere.
///
/// The control question: ask about our reference, about one that was just invented, and about one that the provider
/// surely has. If it answers ours exactly like the invented one, the known one rightly, and login, address and permission
/// work, then it has no such reference at this moment, whatever the wording.
///
/// One round proves nothing: a panel that answers every other question with an empty page gives the same picture by
/// chance, and that has cost a second debit in a chaos run. So ``roundsMin`` rounds must all agree, one question after the
/// other. If each answer fails with the likelihood p, all rounds mislead with (p²(1 − p))⁸, at worst 2 in ten million.
///
/// Where the provider said by itself that it did nothing (``Need/refused``), fewer rounds bear that out, and it may be
/// a new account without an earlier order.
public struct NotReceivedEvidence: Sendable {
  /// How much is asked before the evidence counts.
  public struct Need: Sendable, Equatable {
    public var rounds: Int
    /// Whether there must be an earlier order; where there is one, the provider must answer rightly about it anyway.
    public var knownOrder: Bool
    /// The answer to the send was lost.
    public static let lost = Need(rounds: 8, knownOrder: true)
    /// The provider said that it did nothing: with half of all answers failing, four rounds mislead once in 250 times, and
    /// only where that was untrue as well.
    public static let refused = Need(rounds: 4, knownOrder: false)
  }

  /// An answer with status 200, or of another that says by its status that nothing is there.
  public struct Answer: Sendable, Equatable {
    /// As it came: it is compared and never shown.
    public var raw: [UInt8]
    /// Without secrets.
    public var shown: [UInt8]
    public init(raw: [UInt8], shown: [UInt8]) {
      self.raw = raw
      self.shown = shown
    }
  }

  /// The three questions, asked one after the other.
  public struct Round: Sendable {
    /// About our reference; nil when there was no answer.
    public var ours: Answer?
    /// About a reference that was invented for this round.
    public var invented: Answer?
    /// What the answer about a reference that the provider accepted and settled proves; nil when there is none to ask
    /// about.
    public var known: QueryOutcome?
    public init(ours: Answer?, invented: Answer?, known: QueryOutcome?) {
      self.ours = ours
      self.invented = invented
      self.known = known
    }

    /// Why the round does not show that the reference is not there; nil when it does.
    public func doubt(_ need: Need) -> String? {
      guard let ours, let invented else { return "a control question got no answer" }
      guard ours.raw == invented.raw else {
        return "the provider answers our reference otherwise than an invented one, so it may have it"
      }
      switch known {
      case .waiting, .completed, .cancelled: return nil
      case .notFound, .queryFailed, .unintelligible:
        return "the provider does not even answer about an earlier order that it had, so its answers say nothing"
      case nil: return need.knownOrder ? "there is no earlier order to compare with" : nil
      }
    }
  }

  public var need: Need
  public var rounds: [Round]
  /// Made after the rounds: what works then worked for them.
  public var probe: ProbeOutcome

  public init(_ need: Need = .lost, rounds: [Round], probe: ProbeOutcome) {
    self.need = need
    self.rounds = rounds
    self.probe = probe
  }

  /// The grace where the provider's settings give none: a request does not travel for minutes.
  public static func grace(_ facts: ProviderFacts, _ schedule: CheckSchedule) -> Duration {
    if case .after(let grace) = facts.notFound { return grace }
    return min(.seconds(300), schedule.deadline / 2)
  }

  /// Whether the evidence shows that the provider does not have the reference, and why or why not, in words.
  public var verdict: (isNotReceived: Bool, words: String) {
    switch probe {
    case .notWorking(let why):
      return (false, "the account does not work at the moment (\(why)), so its answers say nothing")
    case .working(let balance):
      if let doubt = rounds.lazy.compactMap({ $0.doubt(need) }).first { return (false, doubt) }
      guard rounds.count >= need.rounds, let answer = rounds.first?.ours else {
        return (false, "the control question was not asked to its end")
      }
      guard rounds.allSatisfy({ $0.ours?.raw == answer.raw }) else {
        return (false, "the provider answers the same question now so, now so, which says nothing")
      }
      return (
        true,
        "\(rounds.count) times in a row the provider answered our reference exactly like an invented one "
          + "(\(Self.quote(answer.shown)))\(need.knownOrder ? ", while it knew an earlier order" : ""); login works"
          + (balance.map { " and the balance is \($0)" } ?? "")
      )
    }
  }

  private static func quote(_ answer: [UInt8]) -> String {
    answer.isEmpty ? "nothing" : "“\(String(decoding: answer.prefix(80), as: UTF8.self))”"
  }
}
