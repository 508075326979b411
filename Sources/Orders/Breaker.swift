/// Decides when a provider is closed for sends, and when and how it is opened again. Pure.
///
/// closed (all go) → open (none goes; the balance is asked for now and then, which costs nothing) → ramp (few go, then
/// twice as many, and so on) → closed. An accepted or refused send shows that the provider answers; one that was not
/// sent or whose answer was lost shows the opposite.
public struct Breaker: Sendable, Equatable {
  public enum Mode: String, Sendable { case closed, open, ramp }

  /// So many sends in a row without an answer open it.
  public static let failuresInARowMax = 10
  /// It also opens when of the last so many sends, all within ``windowMax``, half had no answer.
  public static let window = 20
  public static let windowMax = Duration.seconds(60)
  /// From opening to the first probe; doubles with each that fails.
  public static let pauseFirst = Duration.seconds(1)
  public static let pauseMax = Duration.seconds(60)

  public var mode: Mode
  /// The last pause.
  public var pause: Duration
  /// Most sends at once while it ramps.
  public var limit: Int

  public init(mode: Mode = .closed, pause: Duration = .zero, limit: Int = 0) {
    self.mode = mode
    self.pause = pause
    self.limit = limit
  }

  /// What the breaker becomes, and why.
  public struct Change: Sendable, Equatable {
    public var to: Breaker
    public var why: String
  }

  /// What follows from the last sends; nil when nothing does.
  ///
  /// - Parameters:
  ///   - last: since the breaker's last change, newest first; at most ``window``.
  ///   - answered: how many were answered since the last change.
  ///   - error: what went wrong last.
  ///   - concurrencyMax: the provider's own limit, where the ramp ends.
  public func after(
    last: [(isAnswer: Bool, age: Duration)], answered: Int, error: String?, concurrencyMax: Int
  ) -> Change? {
    let said = error.map { "; last: \($0)" } ?? ""
    switch mode {
    case .open:
      return nil
    case .ramp:
      if last.contains(where: { !$0.isAnswer }) {
        return opened("a send during the recovery was not answered\(said)")
      }
      guard answered >= limit else { return nil }
      guard limit < concurrencyMax / 2 else {
        return Change(to: Breaker(mode: .closed), why: "the provider answers again")
      }
      return Change(
        to: Breaker(mode: .ramp, pause: pause, limit: limit * 2), why: "sends are answered: \(limit * 2) at once")
    case .closed:
      let inARow = last.prefix { !$0.isAnswer }.count
      if inARow >= Self.failuresInARowMax { return opened("\(inARow) sends in a row were not answered\(said)") }
      let recent = last.prefix(Self.window).filter { $0.age <= Self.windowMax }
      let failures = recent.count { !$0.isAnswer }
      guard recent.count >= Self.window, failures * 2 >= recent.count else { return nil }
      return opened("\(failures) of the last \(recent.count) sends were not answered\(said)")
    }
  }

  /// What follows from a probe while it is open.
  public func afterProbe(_ outcome: ProbeOutcome) -> Change {
    switch outcome {
    case .working:
      Change(to: Breaker(mode: .ramp, pause: pause, limit: 1), why: "a probe was answered: 1 send at once")
    case .notWorking(let text):
      opened("a probe failed: \(text)")
    }
  }

  private func opened(_ why: String) -> Change {
    let next = mode == .closed ? Self.pauseFirst : min(max(pause * 2, Self.pauseFirst), Self.pauseMax)
    return Change(to: Breaker(mode: .open, pause: next), why: why)
  }
}
