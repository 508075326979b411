/// What a partner may say of an order: `to` of the partner API, with what goes with it.
public struct PartnerWord: Sendable, Equatable {
  public enum Target: String, Sendable, CaseIterable {
    /// They take it; where somebody chooses, they respond.
    case accepted
    /// They don't take it; of one that they have and that is to be cancelled: they refuse that.
    case declined
    case preparing, ready, delivering, started
    case completed
    /// They give it up; of one that is to be cancelled: they agree.
    case cancelled

    /// The stage that it stands for.
    public var stage: Stage? { self == .accepted ? nil : Stage(rawValue: rawValue) }
  }

  /// The hand-over code that came with `completed`.
  public enum Code: Sendable, Equatable { case missing, right, wrong }

  public var to: Target
  public var note: String
  public var price: Money?
  public var code: Code

  public init(_ target: Target, note: String = "", price: Money? = nil, code: Code = .missing) {
    to = target
    self.note = note
    self.price = price
    self.code = code
  }
}

/// What is said about an order at a desk, and by whom.
public enum FulfilmentWord: Sendable, Equatable {
  case partner(Int64, PartnerWord)
  /// The customer or the shop takes one of those who responded.
  case chosen(Int64, by: CancelRequest.Asker)
  case cancelWanted(CancelRequest)
  /// Nobody said anything: it may be too late now.
  case clock
}
