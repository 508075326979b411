public import EventLoop

/// Someone who gets events from ``EventFeed`` as they come, until ``EventFeed/leave(_:)``.
@LoopActor
public final class FeedSubscription {
  /// Whose events; nil: those that ``order`` has.
  let tenant: String?
  let order: String?
  /// Up to this position it has everything.
  var position: Int64
  let take: @LoopActor (FeedEvent) -> Void

  init(tenant: String?, order: String?, after position: Int64, _ take: @escaping @LoopActor (FeedEvent) -> Void) {
    (self.tenant, self.order, self.position, self.take) = (tenant, order, position, take)
  }

  func give(_ event: FeedEvent) {
    guard event.position > position else { return }
    position = event.position
    take(event)
  }
}
