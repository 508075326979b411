public import EventLoop

/// Someone who gets events from ``EventFeed`` as they come, until ``EventFeed/leave(_:)``.
@LoopActor
public final class FeedSubscription {
  /// Whose events and to whom they go, or those of which order.
  enum Wish {
    case tenant(String, @LoopActor (FeedBatch) -> Void)
    case order(String, @LoopActor (FeedEvent) -> Void)
  }

  let wish: Wish
  /// Up to this position it has everything.
  private var position: Int64

  init(_ wish: Wish, after position: Int64) { (self.wish, self.position) = (wish, position) }

  func give(_ batch: FeedBatch) {
    guard case .tenant(_, let take) = wish, let following = batch.following(position) else { return }
    position = following.last
    take(following)
  }

  func give(_ event: FeedEvent) {
    guard case .order(_, let take) = wish, event.position > position else { return }
    position = event.position
    take(event)
  }
}
