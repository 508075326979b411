/// Which transactions were over at a moment, and how far events went.
public struct OutboxHorizon: Sendable, Equatable {
  /// The oldest transaction that still writes: all before it are over.
  public let oldestWriting: Int64
  /// The first transaction that has not begun.
  public let firstToCome: Int64
  /// The last event that can be seen.
  public let lastEvent: Int64

  public init(oldestWriting: Int64, firstToCome: Int64, lastEvent: Int64) {
    self.oldestWriting = oldestWriting
    self.firstToCome = firstToCome
    self.lastEvent = lastEvent
  }
}
