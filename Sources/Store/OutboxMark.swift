/// How far events surely have their positions, so that a read does not begin at its beginning.
///
/// What got one leaves a dead entry in the index of what did not. PostgreSQL can't remove those while an old
/// snapshot is in use, as in a backup of some hours, and a read from the beginning walks them all each time. But an event
/// with a smaller number may come after one with a greater: who drew the number commits later. So the mark follows behind:
///
/// 1. At some moment note the last event that can be seen, and the first transaction that has not begun. Whoever drew a
///    number up to that event's is an older transaction: an order's row is written before its event in each statement.
/// 2. When all those transactions are over, whatever they wrote can be seen. Read what has no position then: the mark goes
///    up to the event that was noted, or to just before the first of those.
public struct OutboxMark: Sendable {
  /// All events up to this id have a position, or are not to be published.
  public private(set) var after: Int64 = 0
  private var noted: OutboxHorizon?

  public init() {}

  /// Takes notice of how things stood before a read beyond ``after``, and of what that found first.
  ///
  /// - Parameters:
  ///   - horizon: as of a moment before the read.
  ///   - first: the first event beyond ``after`` that had no position before the read; nil when there was none.
  public mutating func note(_ horizon: OutboxHorizon, first: Int64?) {
    guard let noted else {
      self.noted = horizon
      return
    }
    guard horizon.oldestWriting >= noted.firstToCome else { return }
    after = max(after, min(noted.lastEvent, first.map { $0 - 1 } ?? noted.lastEvent))
    self.noted = horizon
  }
}
