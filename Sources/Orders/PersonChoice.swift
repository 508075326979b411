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

  /// Why the order is then where it is.
  public var reason: Reason { Reason(.decidedByPerson, "a person decided: \(words)") }

  /// What a choice leads to.
  public enum Verdict: Sendable, Equatable {
    /// Move the order; `attempt` is what is then known of its current send.
    case move(to: Status, sendState: SendState?)
    /// It waits for a later send: make that now.
    case sendNow
    /// No, and why, and what to do instead.
    case refused(String)
  }

  /// - Parameters:
  ///   - sends: what became of every send of the order, oldest first.
  ///   - isRefundClaimed: its shop claimed the refund, so nobody sends it again.
  public func decide(_ status: Status, sends: [SendState], isRefundClaimed: Bool = false) -> Verdict {
    let verdict = decide(status, sends)
    guard isRefundClaimed, case .move(.pending, let sendState) = verdict else { return verdict }
    return self == .retry
      ? .refused("its shop claimed the refund, so it is never sent again; it can be cancelled")
      : .move(to: .cancelled, sendState: sendState)
  }

  private func decide(_ status: Status, _ sends: [SendState]) -> Verdict {
    switch status {
    case .pending: ofPending(sends)
    case .sending: .refused("it is being sent right now; ask again in a minute")
    case .sent: ofSent(sends)
    case .unresolved: ofUnresolved(sends)
    case .held: ofHeld(sends)
    case .completed: .refused(Self.final(status) + "nothing is left to decide")
    case .failed, .cancelled: .refused(Self.final(status) + "to try again, post a new order under a new key")
    case .contested: ofContested(sends)
    }
  }

  private func ofPending(_ sends: [SendState]) -> Verdict {
    switch self {
    case .retry: .sendNow
    case .cancel: withoutSend(sends, to: .cancelled)
    case .received, .notReceived, .completed, .failed:
      .refused("it is waiting to be sent, so there is nothing to resolve; it can be cancelled or retried")
    }
  }

  private func ofSent(_ sends: [SendState]) -> Verdict {
    switch self {
    case .retry, .cancel: .refused("the provider has it and is working on it")
    case .received: .refused("it is known already that the provider has it")
    case .notReceived: .refused("the provider accepted it; if it then dropped it, that is --failed, and a new order")
    case .completed: Self.delivered(sends)
    case .failed: .move(to: .failed, sendState: nil)
    }
  }

  private func ofUnresolved(_ sends: [SendState]) -> Verdict {
    switch self {
    case .retry, .cancel: .refused("the answer to its send was lost: the provider may have it")
    case .received: Self.found(sends, .move(to: .sent, sendState: .accepted))
    case .notReceived: Self.found(sends, .move(to: .pending, sendState: .notReceived))
    case .completed: Self.delivered(sends)
    case .failed: .move(to: .failed, sendState: nil)
    }
  }

  private func ofHeld(_ sends: [SendState]) -> Verdict {
    switch self {
    case .retry: withoutSend(sends, to: .pending)
    case .cancel: withoutSend(sends, to: .cancelled)
    case .received: Self.found(sends, .move(to: .sent, sendState: .accepted))
    case .notReceived: Self.found(sends, .move(to: .pending, sendState: .notReceived))
    case .completed: Self.delivered(sends)
    case .failed: .move(to: .failed, sendState: nil)
    }
  }

  /// It had ended: the question is only how.
  private func ofContested(_ sends: [SendState]) -> Verdict {
    switch self {
    case .completed: Self.delivered(sends)
    case .failed: .move(to: .failed, sendState: nil)
    case .retry, .cancel, .received, .notReceived:
      .refused("it had ended, and only how is in question: say --completed or --failed")
    }
  }

  private static func final(_ status: Status) -> String {
    "the order is \(status.rawValue) (\(status.meaning)), which is final; "
  }

  /// A move that claims nothing, so Sevk itself must have the proof that no provider has the order.
  private func withoutSend(_ sends: [SendState], to status: Status) -> Verdict {
    sends.allSatisfy(\.provesNothingThere)
      ? .move(to: status, sendState: nil) : .refused("the provider may have it: the outcome of a send is not known")
  }

  /// What a person found out about a send, if there was one.
  private static func found(_ sends: [SendState], _ verdict: Verdict) -> Verdict {
    sends.isEmpty ? .refused("it was never sent; to send it: worker order retry") : verdict
  }

  private static func delivered(_ sends: [SendState]) -> Verdict {
    .move(to: .completed, sendState: sends.isEmpty ? nil : .accepted)
  }
}

extension SendState {
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
