/// Where an order is in its life. The database repeats this table in a CHECK constraint.
public enum Status: String, Sendable, CaseIterable, Codable {
  /// Recorded, not yet sent. Leaves to `sending`, `failed` (no route, refused by validation), `cancelled`, `held`.
  case pending
  /// The intent is committed; bytes may have gone out. Leaves to `sent`, `completed`, `failed` (the provider refused),
  /// `pending` (proved not sent), `unresolved`, `held`.
  case sending
  /// The provider has it. Leaves to `completed`, `failed`, `held` (deadline).
  case sent
  /// The answer to a send was lost and is being found out. Leaves to `sent`, `completed`, `failed`,
  /// `pending` (proved not received), `held`.
  case unresolved
  /// Needs a person; the reason says why. Only a person moves it: to `pending`, `sent`, `completed`, `failed` or
  /// `cancelled`.
  case held
  /// Delivered; the PIN is stored if there is one. Final.
  case completed
  /// Proved not delivered; a refund is safe. Final.
  case failed
  /// Withdrawn before sending. Final.
  case cancelled

  /// Whether nothing more will happen to the order by itself or by a person.
  public var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }

  /// Whether the provider may have received the order, so that it must never be sent again blindly.
  public var mayBeAtProvider: Bool { self == .sending || self == .sent || self == .unresolved }

  /// Whether Sevk may move an order from this status to `next` without a person.
  public func canBecome(_ next: Status) -> Bool {
    switch self {
    case .pending: [.sending, .failed, .cancelled, .held].contains(next)
    case .sending: [.sent, .completed, .failed, .pending, .unresolved, .held].contains(next)
    case .sent: [.completed, .failed, .held].contains(next)
    case .unresolved: [.sent, .completed, .failed, .pending, .held].contains(next)
    case .held, .completed, .failed, .cancelled: false
    }
  }

  /// What support says to a customer, in one sentence.
  public var meaning: String {
    switch self {
    case .pending: "recorded and waiting to be sent to a provider"
    case .sending: "being handed to the provider right now"
    case .sent: "the provider has the order and is working on it"
    case .unresolved: "the provider's answer was lost; we are finding out whether it has the order"
    case .held: "stopped for a person to decide"
    case .completed: "delivered"
    case .failed: "not delivered, and proved so; a refund is safe"
    case .cancelled: "withdrawn before it was sent"
    }
  }
}
