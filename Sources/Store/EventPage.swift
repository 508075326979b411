/// Events of a tenant from a position on.
public struct EventPage: Sendable {
  public let events: [OutboxEvent]
  /// Where to go on.
  public let next: Int64
  /// Whether more follow that are there already.
  public let hasMore: Bool
  /// The last position that was given to any event, of whatever tenant, when this was read.
  public let last: Int64
  /// Who comes from a position before this one may have missed events that are kept no longer.
  public let keptAfter: Int64
}
