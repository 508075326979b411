/// Whether the customer's money may be given back, and what proves it. Every order and event says so, so that no shop has to
/// guess from a status.
public struct RefundSafety: Sendable, Equatable {
  public enum Answer: String, Sendable, CaseIterable {
    /// Nothing was delivered and nothing will be.
    case yes
    /// It was delivered, or may yet be.
    case no
    /// Nobody knows whether the provider has it.
    case unknown
  }

  /// The kind of step that the answer follows from.
  public enum Proof: String, Sendable, CaseIterable {
    // No.
    /// It waits to be sent; a claim ends that.
    case mayBeSent = "may_be_sent"
    case beingSent = "being_sent"
    case atProvider = "at_provider"
    case delivered
    /// It had ended, and the provider says otherwise since.
    case contested
    // Unknown.
    case answerLost = "answer_lost"
    case waitsForPerson = "waits_for_person"
    /// A newer version of Sevk wrote it.
    case unfamiliar
    // Yes.
    /// No provider was ever sent it.
    case neverSent = "never_sent"
    /// It was sent, and is proved to be at no provider.
    case notReceived = "not_received"
    /// The provider refused it, and a question bore that out.
    case providerRefused = "provider_refused"
    /// The provider cancelled it, and said so twice.
    case providerCancelled = "provider_cancelled"
    /// A person saw it.
    case person

    /// For people.
    public var words: String {
      switch self {
      case .mayBeSent: "it is waiting to be sent; a refund claim ends that"
      case .beingSent: "it is being handed to the provider right now"
      case .atProvider: "the provider has it and is working on it"
      case .delivered: "it was delivered"
      case .contested: "it had ended, and the provider says otherwise since"
      case .answerLost: "the provider's answer was lost, and it is being found out whether it has the order"
      case .waitsForPerson: "it waits for a person, who finds out what became of it"
      case .unfamiliar: "it is in a status that this version does not know"
      case .neverSent: "no provider was ever sent it"
      case .notReceived: "it is proved that no provider has it"
      case .providerRefused: "the provider refused it, and a later question bore that out"
      case .providerCancelled: "the provider cancelled it, and said so twice"
      case .person: "a person looked at the provider and said so"
      }
    }
  }

  public let answer: Answer
  public let proof: Proof

  /// - Parameters:
  ///   - code: why it is in the status; nil where that is not known.
  ///   - hasBeenSent: whether a send was ever begun; nil where that is not known.
  public init(_ status: Status, _ code: ReasonCode?, hasBeenSent: Bool? = nil) {
    self.init(answer: status.row.refundSafe, proof: Self.proof(status, code, hasBeenSent: hasBeenSent))
  }

  /// Of a status as it is stored, which may be a newer version's.
  public init(status: String, code: String?) {
    if let known = Status(rawValue: status) {
      self.init(known, code.map { ReasonCode(rawValue: $0) ?? .other })
    } else {
      self.init(answer: .unknown, proof: .unfamiliar)
    }
  }

  private init(answer: Answer, proof: Proof) {
    self.answer = answer
    self.proof = proof
  }

  private static func proof(_ status: Status, _ code: ReasonCode?, hasBeenSent: Bool?) -> Proof {
    switch status {
    case .pending: .mayBeSent
    case .sending: .beingSent
    case .sent: .atProvider
    case .unresolved: .answerLost
    case .held: .waitsForPerson
    case .completed: .delivered
    case .contested: .contested
    case .failed:
      switch code {
      case .refused: .providerRefused
      case .providerCancelled: .providerCancelled
      case .decidedByPerson: .person
      default: hasBeenSent == false ? .neverSent : .notReceived
      }
    case .cancelled:
      switch code {
      case .decidedByPerson: .person
      default: hasBeenSent == false ? .neverSent : .notReceived
      }
    }
  }
}
