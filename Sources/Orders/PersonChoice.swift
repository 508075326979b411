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
    switch status {
    case .pending: ofPending(attempts)
    case .sending: .refused("it is being sent right now; ask again in a minute")
    case .sent: ofSent(attempts)
    case .unresolved: ofUnresolved(attempts)
    case .held: ofHeld(attempts)
    case .completed: .refused(Self.final(status) + "nothing is left to decide")
    case .failed, .cancelled: .refused(Self.final(status) + "to try again, post a new order under a new key")
    }
  }

  private func ofPending(_ attempts: [AttemptState]) -> Verdict {
    switch self {
    case .retry: .sendNow
    case .cancel: withoutSend(attempts, to: .cancelled)
    case .received, .notReceived, .completed, .failed:
      .refused("it is waiting to be sent, so there is nothing to resolve; it can be cancelled or retried")
    }
  }

  private func ofSent(_ attempts: [AttemptState]) -> Verdict {
    switch self {
    case .retry, .cancel: .refused("the provider has it and is working on it")
    case .received: .refused("it is known already that the provider has it")
    case .notReceived: .refused("the provider accepted it; if it then dropped it, that is --failed, and a new order")
    case .completed: Self.delivered(attempts)
    case .failed: .move(to: .failed, attempt: nil)
    }
  }

  private func ofUnresolved(_ attempts: [AttemptState]) -> Verdict {
    switch self {
    case .retry, .cancel: .refused("the answer to its send was lost: the provider may have it")
    case .received: Self.found(attempts, .move(to: .sent, attempt: .accepted))
    case .notReceived: Self.found(attempts, .move(to: .pending, attempt: .notReceived))
    case .completed: Self.delivered(attempts)
    case .failed: .move(to: .failed, attempt: nil)
    }
  }

  private func ofHeld(_ attempts: [AttemptState]) -> Verdict {
    switch self {
    case .retry: withoutSend(attempts, to: .pending)
    case .cancel: withoutSend(attempts, to: .cancelled)
    case .received: Self.found(attempts, .move(to: .sent, attempt: .accepted))
    case .notReceived: Self.found(attempts, .move(to: .pending, attempt: .notReceived))
    case .completed: Self.delivered(attempts)
    case .failed: .move(to: .failed, attempt: nil)
    }
  }

  private static func final(_ status: Status) -> String {
    "the order is \(status.rawValue) (\(status.meaning)), which is final; "
  }

  /// A move that claims nothing, so Sevk itself must have the proof that no provider has the order.
  private func withoutSend(_ attempts: [AttemptState], to status: Status) -> Verdict {
    attempts.allSatisfy(\.provesNothingThere)
      ? .move(to: status, attempt: nil) : .refused("the provider may have it: the outcome of a send is not known")
  }

  /// What a person found out about a send, if there was one.
  private static func found(_ attempts: [AttemptState], _ verdict: Verdict) -> Verdict {
    attempts.isEmpty ? .refused("it was never sent; to send it: worker order retry") : verdict
  }

  private static func delivered(_ attempts: [AttemptState]) -> Verdict {
    .move(to: .completed, attempt: attempts.isEmpty ? nil : .accepted)
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
