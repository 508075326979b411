/// Decides when a provider is closed for sends, and when and how it is opened again. Pure.
///
/// closed (all go) → open (none goes; the balance is asked for now and then, which costs nothing) → ramp (few go, then
/// twice as many, and so on) → closed. An accepted or refused send shows that the provider answers; one that was not
/// sent or whose answer was lost shows the opposite.
///
/// What one shop posts must not close a provider for the others. So failures close it when the sends of several flows
/// fail; of one flow alone only while there is no other. Else a probe decides, which is a request of nobody's order: see
/// ``verdict(last:flows:error:)``. Answers that find fault with the request (``Exchange/isAboutRequest``) say nothing about the
/// provider until several flows meet them in a row.
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
  /// A flow whose last so many sends were answered as if the request were at fault is one of the several that must be.
  public static let oddInARowMin = 3
  /// A flow that was answered within this is one of those who use the provider.
  public static let flowMemory = Duration.seconds(600)

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

  /// A send that showed something about the provider.
  public struct Sign: Sendable {
    public let isAnswer: Bool
    public let age: Duration
    /// Whose it was, see ``Flow``.
    public let flow: String
    public init(isAnswer: Bool, age: Duration, flow: String) {
      self.isAnswer = isAnswer
      self.age = age
      self.flow = flow
    }
  }

  /// The orders of one shop at the provider; where only one shop has routes to it, those of one product.
  public struct Flow: Sendable {
    public let name: String
    /// Since one of its sends was answered, within ``flowMemory``.
    public let answeredAgo: Duration?
    /// Its last sends in a row that were answered as if the request were at fault, within ``flowMemory``.
    public let oddInARow: Int
    public init(name: String, answeredAgo: Duration?, oddInARow: Int) {
      self.name = name
      self.answeredAgo = answeredAgo
      self.oddInARow = oddInARow
    }
  }

  /// What the breaker becomes, and why.
  public struct Change: Sendable, Equatable {
    public var to: Breaker
    public var why: String
  }

  /// What the last sends say.
  public enum Verdict: Sendable, Equatable {
    case working
    case failing(String)
    /// The sends of one flow fail, and nothing is known of the others': a probe shows whether it is the provider.
    case doubtful(String)
  }

  /// - Parameters:
  ///   - last: since the breaker's last change, newest first; at most ``window``.
  ///   - flows: those that were answered, or met answers that find fault with the request.
  ///   - error: what went wrong last.
  public func verdict(last: [Sign], flows: [Flow], error: String? = nil) -> Verdict {
    let said = error.map { "; last: \($0)" } ?? ""
    var doubt: String?
    if let (sends, why) = failures(last) {
      if isShared(sends, flows) { return .failing(why + said) }
      doubt = why + " by one flow's orders" + said
    }
    if mode != .open {
      let odd = flows.filter { $0.oddInARow >= Self.oddInARowMin }
      let count = odd.reduce(0) { $0 + $1.oddInARow }
      if count >= Self.failuresInARowMax {
        let why = "\(count) sends were answered as if the request were at fault"
        if odd.count > 1 { return .failing("\(why), in a row in each of \(odd.count) flows" + said) }
        doubt = doubt ?? why + ", all of one flow" + said
      }
    }
    return doubt.map { .doubtful($0) } ?? .working
  }

  /// What follows from the last sends; nil when nothing does.
  ///
  /// - Parameters:
  ///   - answered: how many were answered since the last change.
  ///   - concurrencyMax: the provider's own limit, where the ramp ends.
  ///   - last: see ``verdict(last:flows:error:)``, as for the others.
  public func after(
    last: [Sign], flows: [Flow], answered: Int, error: String?, concurrencyMax: Int
  ) -> Change? {
    if mode == .open { return nil }
    if case .failing(let why) = verdict(last: last, flows: flows, error: error) { return opened(why) }
    guard mode == .ramp, answered >= limit else { return nil }
    guard limit < concurrencyMax / 2 else {
      return Change(to: Breaker(mode: .closed), why: "the provider answers again")
    }
    return Change(
      to: Breaker(mode: .ramp, pause: pause, limit: limit * 2), why: "sends are answered: \(limit * 2) at once")
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

  /// What follows from a probe that was made because of a doubt; nil when it dispels the doubt.
  public func afterProbe(_ outcome: ProbeOutcome, ofDoubt doubt: String) -> Change? {
    guard mode != .open, case .notWorking(let text) = outcome else { return nil }
    return opened("\(doubt); and a probe failed: \(text)")
  }

  // MARK: Counting

  /// The sends that are too many failures, and what they are; nil when they are not.
  private func failures(_ last: [Sign]) -> ([Sign], String)? {
    switch mode {
    case .open: return nil
    case .ramp:
      guard last.contains(where: { !$0.isAnswer }) else { return nil }
      return (last, "a send during the recovery was not answered")
    case .closed:
      let row = last.prefix { !$0.isAnswer }
      if row.count >= Self.failuresInARowMax { return (Array(row), "\(row.count) sends in a row were not answered") }
      let recent = last.prefix(Self.window).filter { $0.age <= Self.windowMax }
      let failures = recent.count { !$0.isAnswer }
      guard recent.count >= Self.window, failures * 2 >= recent.count else { return nil }
      return (recent, "\(failures) of the last \(recent.count) sends were not answered")
    }
  }

  /// Whether the failures are those of several flows, or of the only one that uses the provider.
  private func isShared(_ sends: [Sign], _ flows: [Flow]) -> Bool {
    var balance: [String: Int] = [:]
    for send in sends { balance[send.flow, default: 0] += send.isAnswer ? -1 : 1 }
    // A flow that is mostly answered does not fail.
    let failing = balance.filter { $0.value >= 0 }
    if failing.count > 1 { return true }
    let known = Set(sends.map(\.flow)).union(flows.filter { $0.answeredAgo != nil }.map(\.name))
    return known.count <= 1
  }

  private func opened(_ why: String) -> Change {
    let next = mode == .closed ? Self.pauseFirst : min(max(pause * 2, Self.pauseFirst), Self.pauseMax)
    return Change(to: Breaker(mode: .open, pause: next), why: why)
  }
}
