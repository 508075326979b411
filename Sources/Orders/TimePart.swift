/// A part of the time that an order took: on what it was spent, and at whom.
public struct TimePart: Sendable, Equatable {
  /// The label `on` of `sevk_order_spent_seconds_total` and `part` in JSON; none ever changes its meaning.
  public enum Kind: String, Sendable, CaseIterable {
    /// It could have been sent, but for its turn: other jobs came first, a queue was paused, no dispatcher ran, Redis was away; or
    /// what it waited for was not kept.
    case turn
    // As WaitCause has it.
    case slots, rate, paused, down, account, balance, stock, price, again
    /// The send.
    case call
    /// The provider had it and worked on it.
    case provider
    /// A question was under way.
    case question
    /// The provider had it, a question about it was due, and no worker asked.
    case unasked
    /// The answer to the send was lost, and what became of it was being found out.
    case lost
    /// A person had to decide.
    case person

    public init(_ cause: WaitCause) {
      self =
        switch cause {
        case .slots: .slots
        case .rate: .rate
        case .paused: .paused
        case .down: .down
        case .account: .account
        case .balance: .balance
        case .stock: .stock
        case .price: .price
        case .again: .again
        }
    }
  }

  public let kind: Kind
  /// The provider's id, where it is about one.
  public let providerID: Int64?
  public var milliseconds: Int64

  public init(_ kind: Kind, at providerID: Int64?, milliseconds: Int64) {
    (self.kind, self.providerID, self.milliseconds) = (kind, providerID, milliseconds)
  }

  /// What an order spent the time on in which it waited to be sent: what is known of it, and the rest as its turn. Never more
  /// than there was.
  public static func split(
    _ milliseconds: Int64, _ waits: [OrderWaits.Part]
  ) -> [(kind: Kind, provider: Int64?, milliseconds: Int64)] {
    var left = max(0, milliseconds)
    var parts: [(Kind, Int64?, Int64)] = []
    for part in waits where left > 0 && part.milliseconds > 0 {
      let spent = min(left, part.milliseconds)
      parts.append((Kind(part.wait.cause), part.wait.providerID, spent))
      left -= spent
    }
    if left > 0 { parts.append((.turn, nil, left)) }
    return parts
  }
}
