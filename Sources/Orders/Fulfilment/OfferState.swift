/// What became of an order's offer to one partner.
public enum OfferState: String, Sendable, CaseIterable {
  /// They are asked.
  case offered
  /// They would do it, for a price and with a note; the customer or the shop chooses.
  case responded
  /// They have it, or had it when it ended.
  case accepted
  /// They said no, or gave it up.
  case declined
  /// Somebody else has it, or nobody needs it any more.
  case withdrawn
  /// They said nothing in time.
  case expired

  /// Whether the partner may still take it.
  public var isOpen: Bool { self == .offered || self == .responded }

  /// Where it may go. An offer of which nothing is expected any more opens again when the order is offered anew.
  public var leadsTo: [OfferState] {
    switch self {
    case .offered: [.responded, .accepted, .declined, .withdrawn, .expired]
    case .responded: [.accepted, .declined, .withdrawn, .expired]
    case .accepted: [.declined, .withdrawn]
    // `withdrawn` again: in a new round they may be asked later.
    case .declined, .expired: [.offered, .responded, .withdrawn]
    case .withdrawn: [.offered, .responded]
    }
  }
}

/// Whom an order is offered to.
public enum OfferRule: String, Sendable, CaseIterable {
  /// To all at once: who accepts first has it.
  case all
  /// To one after the other, in the order in which the desk names them.
  case first
  /// To all at once: they respond, and the customer or the shop chooses one.
  case choose
}

/// What becomes of an order that nobody takes in time. Nothing of it was done, so each is safe.
public enum WhenNobody: String, Sendable, CaseIterable {
  /// The next route, as after a refusal; `failed` where there is none.
  case next
  case failed
  /// A person decides.
  case held
}
