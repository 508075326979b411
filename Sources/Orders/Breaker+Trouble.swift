/// What trouble of the account does to sends: login, address or permission refused, or no money.
extension Breaker {
  public enum Trouble: String, Sendable {
    case access, balance

    /// Of the account at the provider.
    public var words: String {
      switch self {
      case .access: "the provider refuses the account: login, address or permission"
      case .balance: "the provider says that the balance is too low"
      }
    }
  }

  /// Trouble that comes again so soon is the same one, whatever a probe showed in between: the pauses go on growing.
  public static let relapseMax = Duration.seconds(600)

  /// What follows from one send that was answered with trouble of the account: no other order would fare better. nil when
  /// sends are stopped already.
  ///
  /// - Parameter last: the pause with which such trouble last opened it, and how long ago that was.
  public func afterTrouble(_ trouble: Trouble, _ text: String, last: (pause: Duration, age: Duration)?) -> Change? {
    guard mode != .open else { return nil }
    let before = max(
      mode == .ramp ? pause : .zero, last.map { $0.age <= Self.relapseMax + $0.pause ? $0.pause : .zero } ?? .zero)
    let next = min(max(before * 2, Self.pauseFirst), Self.pauseMax)
    return Change(to: Breaker(mode: .open, pause: next), why: "\(trouble.words); it said: \(text)")
  }
}
