/// What kind of work people do for an order, and so which stages it goes through: the table of outside.md, section 4.
///
/// It only goes forward, but for one thing: when its partner gives it up, it is ``Stage/offered`` again.
public enum Flow: String, Sendable, CaseIterable, Codable {
  /// The customer fetches it.
  case pickup
  /// It is brought.
  case delivery
  /// Somebody comes and does it.
  case work

  /// A stage on the way, and whether it may be left out.
  public struct Step: Sendable, Equatable {
    public let stage: Stage
    public let isOptional: Bool
  }

  /// The table: what comes after ``Stage/offered``, in order. After the last it is completed.
  public var steps: [Step] {
    func must(_ stage: Stage) -> Step { Step(stage: stage, isOptional: false) }
    func may(_ stage: Stage) -> Step { Step(stage: stage, isOptional: true) }
    return switch self {
    case .pickup: [must(.accepted), may(.preparing), may(.ready)]
    case .delivery: [must(.accepted), may(.preparing), may(.ready), may(.delivering)]
    case .work: [must(.accepted), must(.started)]
    }
  }

  /// Every stage it has, in order.
  public var stages: [Stage] { [.offered] + steps.map(\.stage) }

  /// Where a partner may bring it from a stage, nearest first; empty for a stage that it has not.
  public func next(after stage: Stage) -> [Stage] {
    var next: [Stage] = []
    for step in following(stage) ?? [] {
      next.append(step.stage)
      if !step.isOptional { break }
    }
    return next
  }

  /// Whether it may be completed from a stage: nothing that must come is left, and somebody has it.
  public func canComplete(at stage: Stage) -> Bool {
    stage != .offered && following(stage)?.allSatisfy(\.isOptional) ?? false
  }

  /// Whether one stage may follow another in the books: a partner's step, or back to the offers when it was given up.
  public func canGo(from stage: Stage, to next: Stage) -> Bool {
    next == .offered ? stage != .offered && stages.contains(stage) : self.next(after: stage).contains(next)
  }

  private func following(_ stage: Stage) -> ArraySlice<Step>? {
    guard stage != .offered else { return steps[...] }
    guard let index = steps.firstIndex(where: { $0.stage == stage }) else { return nil }
    return steps[(index + 1)...]
  }
}
