/// What an order that is not sent yet waits for, where that is known. Kept with its send and counted in metrics: none ever changes
/// its meaning, and readers expect new ones.
public enum WaitCause: String, Sendable, CaseIterable {
  /// As many sends as the provider takes at once are under way.
  case slots
  /// The provider takes only so many a second.
  case rate
  /// A person paused the provider.
  case paused
  /// The provider did not answer.
  case down
  /// The provider refused the login, the address or a permission.
  case account
  /// The money there is not enough.
  case balance
  /// The stock has no code of it.
  case stock
  /// Every provider asks more than its route allows.
  case price
  /// A send failed, and the next try is not due.
  case again

  /// Whether its provider takes no such order at all, rather than this one later.
  public var isShut: Bool {
    switch self {
    case .paused, .down, .account, .balance, .stock: true
    case .slots, .rate, .price, .again: false
    }
  }
}
