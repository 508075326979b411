/// What to do with an order, decided from its state and an answer. Pure: the caller carries it out.
public enum Decision: Sendable, Equatable {
  /// Move the order to a status.
  case move(to: Status, Reason)
  /// Deliver: move to `completed` with what was received.
  case complete(Pin?, note: String)
  /// Nothing is settled: ask the provider again after the pause.
  case askAgain(after: Duration, Reason)
  /// The provider refused the order in these words, and has nothing of it: `failed`, or another route where there is one.
  case refused(String)
  /// Nothing was sent: try to send again after the pause, unless there is a reason to ask a person.
  case sendAgain(after: Duration, reason: String)
}

extension Decision {
  /// Whether it settles nothing.
  public var asksAgain: Bool { if case .askAgain = self { true } else { false } }

  /// The same for an order whose refund was claimed: what proves that no provider has it ends it, and it is never sent
  /// again. A refusal ends it as any other, without another route.
  public var afterClaim: Decision {
    guard case .sendAgain(_, let reason) = self else { return self }
    return .move(to: .cancelled, Reason(.refundClaimed, "the shop claimed its refund, and it is \(reason)"))
  }
}
