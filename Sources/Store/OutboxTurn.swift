/// What one look at the outbox found.
public struct OutboxTurn: Sendable {
  /// Those that got their position by it, in that order.
  public let events: [OutboxEvent]
  /// The last position that was ever given.
  public let last: Int64
  /// Up to which position each sink has everything, by its name.
  public let cursors: [String: Int64]
}
