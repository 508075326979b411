/// Finds drops of a provider's balance that our orders don't explain, such as an order debited twice. Pure.
///
/// Each accepted send says what it cost and what was left. The balance expected is the last one known for sure, less
/// the costs since. Sends that are under way, and those whose answer was lost or refused them, may have been debited
/// already: each lowers what can be explained by the highest cost seen. Only a balance below that is a drop nobody explains. Money
/// that comes back or is paid in raises the balance and may hide a drop: no alarm is no proof.
///
/// Answers come in another order than the debits, so a balance may be an old one and higher than expected. Only when
/// more in a row are higher than sends were ever under way at once has money come in.
///
/// Unknown sends are forgotten where a balance surely tells of them: one that was asked for after they were noted, while
/// nothing else was under way. A balance that was on its way when they were noted may be older than their debits.
///
/// A send booked twice is worth one cost more; until it is seen, as many may hide as sends were under way or unknown at
/// once. What the balance fell beyond that no booking explains: somebody took money out, or corrected the account.
public struct BalanceWatch: Sendable, Equatable {
  /// A drop that the orders don't explain.
  public struct Drop: Sendable, Equatable {
    /// By how much the balance lies below the lowest that the orders explain.
    public let amount: Money
    /// Whether it is small enough for sends that were booked twice; else the money went another way.
    public let mayBeBookedTwice: Bool
    public init(amount: Money, mayBeBookedTwice: Bool) {
      self.amount = amount
      self.mayBeBookedTwice = mayBeBookedTwice
    }
  }

  /// The balance from which costs are counted; nil before the first that is sure.
  public private(set) var anchor: Money?
  /// Accepted costs since then.
  private var spent = Money(tenThousandths: 0)
  /// Sends since then whose answer was lost or refused them.
  private var unknown = 0
  /// Most other sends under way at once since then.
  private var busiest = 0
  /// The highest cost ever seen.
  private var costMax = Money(tenThousandths: 0)
  /// Balances in a row that were higher than expected, and the lowest anchor that would explain them.
  private var higherInARow = 0
  private var higherAnchor = Money(tenThousandths: 0)
  /// Balances in a row that were lower than orders booked twice would make them, and the highest anchor that would explain
  /// them.
  private var lowerInARow = 0
  private var lowerAnchor = Money(tenThousandths: 0)

  public init() {}

  /// More sends than this are never counted: no provider has as many under way.
  private static let countMax = 1_000_000

  /// Reads ``text``; starts afresh when it can't be read.
  public init(_ text: String) {
    let parts = text.split(separator: " ").map { Int64($0) }
    let numbers = parts.dropFirst().compactMap(\.self)
    let counts = [1, 2, 4, 6].compactMap { $0 < numbers.count ? Int(numbers[$0]) : nil }
    guard parts.count == 9, numbers.count == 8, counts.allSatisfy({ (0...Self.countMax).contains($0) }) else { return }
    anchor = parts[0].map { Money(tenThousandths: $0) }
    spent = Money(tenThousandths: numbers[0])
    (unknown, busiest, higherInARow, lowerInARow) = (counts[0], counts[1], counts[2], counts[3])
    costMax = Money(tenThousandths: numbers[3])
    higherAnchor = Money(tenThousandths: numbers[5])
    lowerAnchor = Money(tenThousandths: numbers[7])
  }

  /// For keeping it elsewhere.
  public var text: String {
    let anchor = anchor.map { "\($0.tenThousandths)" } ?? "-"
    return "\(anchor) \(spent.tenThousandths) \(unknown) \(busiest) \(costMax.tenThousandths)"
      + " \(higherInARow) \(higherAnchor.tenThousandths) \(lowerInARow) \(lowerAnchor.tenThousandths)"
  }

  /// A send that may have been booked: its answer was lost, or refused what the provider may have all the same.
  public mutating func noteUnknown() { unknown = min(unknown + 1, Self.countMax) }

  /// An accepted send.
  ///
  /// - Parameters:
  ///   - cost: nil when the provider did not say; it then counts as an unknown one.
  ///   - balance: what was left, if it said so.
  ///   - othersUnderWay: other sends that were under way when its answer was noted.
  ///   - notedMeanwhile: sends that were noted from its beginning until then, whatever became of them: its balance may be
  ///     older than their debits.
  /// - Returns: the drop when the balance lies below the lowest that the orders explain.
  public mutating func note(cost: Money?, balance: Money?, othersUnderWay: Int, notedMeanwhile: Int = 0) -> Drop? {
    let othersUnderWay = min(max(othersUnderWay, 0), Self.countMax)
    let notedMeanwhile = min(max(notedMeanwhile, 0), Self.countMax)
    if let cost {
      spent = spent + cost
      costMax = max(costMax, cost)
    } else {
      noteUnknown()
    }
    busiest = max(busiest, othersUnderWay)
    guard let balance else { return nil }
    guard let anchor else {
      // With others under way it is not known whose costs this balance holds already; wait for a quiet moment.
      if othersUnderWay == 0 { restart(at: balance, unknown: notedMeanwhile) }
      return nil
    }
    let expected = anchor - spent
    let lowest = expected - costMax * (othersUnderWay + unknown)
    if balance < lowest {
      let amount = lowest - balance
      let mayBeBookedTwice = amount <= costMax * (busiest + unknown + 1)
      guard mayBeBookedTwice || othersUnderWay == 0 else { return noteLower(balance, from: anchor) }
      // Raised once: what follows is measured from below it.
      self.anchor = anchor - amount
      (higherInARow, lowerInARow) = (0, 0)
      return Drop(amount: amount, mayBeBookedTwice: mayBeBookedTwice)
    }
    lowerInARow = 0
    if balance > expected {
      noteHigher(balance)
    } else {
      higherInARow = 0
      // It holds what was noted before it was asked for. What was noted since is as good as unknown, so that this is worth
      // nothing unless it leaves fewer of those.
      if othersUnderWay == 0, notedMeanwhile == 0 || notedMeanwhile < unknown {
        restart(at: balance, unknown: notedMeanwhile)
      }
    }
    return nil
  }

  private mutating func noteHigher(_ balance: Money) {
    let explaining = balance + spent
    higherAnchor = higherInARow == 0 ? explaining : min(higherAnchor, explaining)
    higherInARow = min(higherInARow + 1, Self.countMax)
    guard higherInARow > busiest + 1 else { return }
    anchor = higherAnchor
    higherInARow = 0
  }

  /// An answer from before money was paid in may come late, and looks as if it were gone again: only more in a row than
  /// could be such are believed.
  private mutating func noteLower(_ balance: Money, from anchor: Money) -> Drop? {
    let explaining = balance + spent
    lowerAnchor = lowerInARow == 0 ? explaining : max(lowerAnchor, explaining)
    lowerInARow = min(lowerInARow + 1, Self.countMax)
    guard lowerInARow > busiest + 1 else { return nil }
    self.anchor = lowerAnchor
    (higherInARow, lowerInARow) = (0, 0)
    return Drop(amount: anchor - lowerAnchor, mayBeBookedTwice: false)
  }

  private mutating func restart(at balance: Money, unknown noted: Int) {
    anchor = balance
    spent = Money(tenThousandths: 0)
    unknown = noted
    busiest = 0
    (higherInARow, lowerInARow) = (0, 0)
  }
}
