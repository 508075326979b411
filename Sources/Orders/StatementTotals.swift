/// What two books come to, in money.
public struct StatementTotals: Sendable, Equatable {
  public struct Sum: Sendable, Equatable {
    public var count = 0
    public var ours = Money(tenThousandths: 0)
    public var theirs = Money(tenThousandths: 0)
    /// Of those whose amount only one side knows, or none.
    public var unknown = 0
  }

  public private(set) var byKind: [StatementRule.Kind: Sum] = [:]

  public init() {}

  /// - Parameters:
  ///   - ours: what it cost here; nil where that is not known, or nothing is owed.
  ///   - theirs: what the statement asks for it.
  ///   - isAmountDue: whether an amount belongs there: of what was cancelled none does.
  public mutating func add(_ kind: StatementRule.Kind, ours: Money?, theirs: Money?, isAmountDue: Bool = true) {
    var sum = byKind[kind] ?? Sum()
    sum.count += 1
    if isAmountDue {
      sum.ours = sum.ours + (ours ?? Money(tenThousandths: 0))
      sum.theirs = sum.theirs + (theirs?.magnitude ?? Money(tenThousandths: 0))
      // What is missing on one side has no amount there by rights.
      let isOneSided = kind == .missingHere || kind == .missingThere || kind == .edge
      if isOneSided ? ours == nil && theirs == nil : ours == nil || theirs == nil { sum.unknown += 1 }
    }
    byKind[kind] = sum
  }

  public var all: Sum {
    byKind.values.reduce(into: Sum()) { all, sum in
      all.count += sum.count
      all.ours = all.ours + sum.ours
      all.theirs = all.theirs + sum.theirs
      all.unknown += sum.unknown
    }
  }

  /// Whether nothing needs anybody.
  public var isEqual: Bool { byKind.keys.allSatisfy(\.isFine) }
}
