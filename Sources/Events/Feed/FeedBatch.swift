public import EventLoop

/// Events of one tenant that are passed on together, in the order of their positions. What is sent of them is made once for
/// all who get it: a thousand streams share one piece of memory, and each is written to once.
@LoopActor
public final class FeedBatch {
  /// Never empty.
  public let events: [FeedEvent]
  /// Whether one of them is for operators.
  public let hasNotices: Bool

  /// All of them as server-sent events.
  public private(set) lazy var serverSent: [UInt8] =
    events.count == 1 ? events[0].serverSent : events.flatMap { $0.serverSent }

  /// All of them as text frames of a WebSocket server.
  public private(set) lazy var frames: [UInt8] = events.count == 1 ? events[0].frame : events.flatMap { $0.frame }

  init(_ events: [FeedEvent]) {
    self.events = events
    hasNotices = events.contains(where: \.isForOperators)
  }

  public var first: Int64 { events[0].position }
  public var last: Int64 { events[events.count - 1].position }

  /// What of them follows a position; nil when nothing does.
  func following(_ position: Int64) -> FeedBatch? {
    if position < first { return self }
    return position < last ? FeedBatch(events.filter { $0.position > position }) : nil
  }
}
