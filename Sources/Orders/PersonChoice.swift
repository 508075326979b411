/// What a person decides about an order that machines can't settle, and what of it the facts allow.
///
/// `received`, `notReceived`, `completed` and `failed` are the person's own knowledge, from the provider's panel: Sevk
/// takes their word. `retry` and `cancel` claim nothing, so they are allowed only where Sevk itself has the proof.
public enum PersonChoice: String, Sendable, CaseIterable {
  case received
  case notReceived = "not_received"
  case completed, failed, retry, cancel

  /// What the person decided, as the shop may read it: notes are for staff.
  public var words: String {
    switch self {
    case .received: "the provider has the order"
    case .notReceived: "the provider does not have the order"
    case .completed: "it was delivered"
    case .failed: "it was not delivered"
    case .retry: "send it now"
    case .cancel: "withdraw it"
    }
  }

  /// What a choice leads to.
  public enum Verdict: Sendable, Equatable {
    /// Move the order; `attempt` is what is then known of its current send.
    case move(to: Status, attempt: AttemptState?)
    /// It waits for a later send: make that now.
    case sendNow
    /// No, and why, and what to do instead.
    case refused(String)
  }

  /// - Parameters:
  ///   - attempts: what became of every send of the order, oldest first.
  public func decide(_ status: Status, attempts: [AttemptState]) -> Verdict {
    if status.isFinal {
      return .refused(
        "the order is \(status.rawValue) (\(status.meaning)), which is final; "
          + (status == .completed ? "nothing is left to decide" : "to try again, post a new order under a new key"))
    }
    let mayBeThere = attempts.contains { !$0.provesNothingThere }
    switch (self, status) {
    case (.retry, .pending): return .sendNow
    case (.retry, .held), (.cancel, .held):
      guard !mayBeThere else { return .refused("the provider may have it: the outcome of a send is not known") }
      return .move(to: self == .retry ? .pending : .cancelled, attempt: nil)
    case (.cancel, .pending):
      guard !mayBeThere else { return .refused("the provider may have it: the outcome of a send is not known") }
      return .move(to: .cancelled, attempt: nil)
    case (.retry, .unresolved), (.cancel, .unresolved):
      return .refused("the answer to its send was lost: the provider may have it")
    case (.retry, .sent), (.cancel, .sent): return .refused("the provider has it and is working on it")
    case (_, .sending): return .refused("it is being sent right now; ask again in a minute")
    case (_, .pending):
      return .refused("it is waiting to be sent, so there is nothing to resolve; it can be cancelled or retried")
    case (.received, .sent): return .refused("it is known already that the provider has it")
    case (.notReceived, .sent):
      return .refused("the provider accepted it; if it then dropped it, that is --failed, and a new order")
    case (.received, _), (.notReceived, _):
      guard !attempts.isEmpty else { return .refused("it was never sent; to send it: worker order retry") }
      return self == .received
        ? .move(to: .sent, attempt: .accepted) : .move(to: .pending, attempt: .notReceived)
    case (.completed, _): return .move(to: .completed, attempt: attempts.isEmpty ? nil : .accepted)
    case (.failed, _): return .move(to: .failed, attempt: nil)
    case (.retry, _), (.cancel, _): return .refused("the order is \(status.rawValue)")
    }
  }
}

extension AttemptState {
  /// Whether the provider surely has no order from this send.
  public var provesNothingThere: Bool {
    switch self {
    case .notSent, .refused, .notReceived: true
    case .sending, .accepted, .unknown: false
    }
  }

  /// For people.
  public var words: String {
    switch self {
    case .sending: "was begun, its outcome is not known"
    case .accepted: "was accepted"
    case .refused: "was refused"
    case .notSent: "never left"
    case .unknown: "got no answer, its outcome is not known"
    case .notReceived: "was not received"
    }
  }
}
