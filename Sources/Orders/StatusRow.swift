/// What holds of every order in one status: a row of the table in `Status.swift`.
public struct StatusRow: Sendable {
  /// What the next step waits for.
  public enum Wait: Sendable, Equatable {
    /// A job: the order is open, and due at some time.
    case job(Status.Work)
    /// A person's decision: it has no job and a reason.
    case person
    /// Nothing: it is final.
    case nothing
  }

  /// What a person may do about it.
  public enum Person: Sendable {
    /// Has it sent now or withdraws it; what a provider did with it is not theirs to say.
    case sendsOrWithdraws
    /// Says what the provider's panel shows. That takes it up first: its story has a step `held` in between.
    case takesUp
    /// Whatever the facts allow.
    case decides
    /// Nothing: it is final, or will leave the status in a moment.
    case waits
  }

  public let waitsFor: Wait
  /// Where Sevk may move it without a person.
  public let leadsTo: [Status]
  public let person: Person
  /// Whether the provider may have received it by a send that is not settled, so that it is never sent again blindly.
  public let mayBeAtProvider: Bool
  /// Whether nobody knows what became of it: people see it as a warning, and the doctor may ask the provider.
  public let isDoubtful: Bool
  /// Whether it is proved that nothing was delivered and nothing will be.
  public let refundSafe: RefundSafety.Answer
  /// The type of the change event for reaching it; nil when that is kept for the timeline only.
  public let event: String?
  /// What support says to a customer, in one sentence.
  public let meaning: String
  /// Of ``leadsTo``, where only what people do in our own books leads (``AfterPartner``): what a provider outside accepted is
  /// never sent again.
  public var fromDeskAlone: [Status] = []
}
