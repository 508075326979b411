/// What can be found out about a lost send when the provider's "not found" is documented nowhere.
///
/// The control question: ask about our reference, about one that was just invented, and about one that the provider
/// surely has. If it answers ours exactly like the invented one, the known one differently, and login, address and
/// permission work, then it has no such reference at this moment, whatever the wording.
public struct NotReceivedEvidence: Sendable {
  /// The raw answer about a reference; nil when there was none.
  public typealias Answer = [UInt8]?

  public var probe: ProbeOutcome
  public var ours: Answer
  public var invented: Answer
  /// What the answer about a reference that the provider accepted and settled proves; nil when there is none to ask
  /// about.
  public var known: QueryOutcome?

  public init(probe: ProbeOutcome, ours: Answer, invented: Answer, known: QueryOutcome?) {
    self.probe = probe
    self.ours = ours
    self.invented = invented
    self.known = known
  }

  /// The grace where the provider's settings give none: a request does not travel for minutes.
  public static func grace(_ facts: ProviderFacts, _ schedule: CheckSchedule) -> Duration {
    if case .after(let grace) = facts.notFound { return grace }
    return min(.seconds(300), schedule.deadline / 2)
  }

  /// Whether the evidence shows that the provider does not have the reference, and why or why not, in words.
  public var verdict: (isNotReceived: Bool, words: String) {
    guard case .working(let balance) = probe else {
      guard case .notWorking(let why) = probe else { preconditionFailure("a probe works or not") }
      return (false, "the account does not work at the moment (\(why)), so its answers say nothing")
    }
    guard let ours, let invented else { return (false, "a control question got no answer") }
    guard ours == invented else {
      return (false, "the provider answers our reference otherwise than an invented one, so it may have it")
    }
    switch known {
    case .waiting, .completed, .cancelled:
      return (
        true,
        "the provider answers our reference byte for byte like an invented one (\(Self.quote(ours))), while it knows an "
          + "earlier order; login works and the balance is \(balance)"
      )
    case .notFound, .queryFailed, .unintelligible:
      return (false, "the provider does not even answer about an earlier order that it had, so its answers say nothing")
    case nil:
      return (false, "there is no earlier order to compare with")
    }
  }

  private static func quote(_ answer: [UInt8]) -> String {
    answer.isEmpty ? "nothing" : "“\(String(decoding: answer.prefix(80), as: UTF8.self))”"
  }
}
