import API
import EventLoop
import Events
import Store

/// One subscriber's stream: first what was missed, page by page from PostgreSQL, then what comes.
@LoopActor
final class StreamSession {
  /// What may wait for a subscriber; one who reads more slowly than that is cut off.
  static let bytesWaitingMax = 1024 * 1024
  /// Further pages of what was missed are read when no more than this waits.
  private static let bytesWaitingBetweenPages = 64 * 1024
  private static let pageEvents = 200
  private static let failurePause = Duration.milliseconds(500)
  /// Longest wait for a subscriber to take a page.
  private static let drainMax = Duration.seconds(30)

  let grant: TokenGrant
  let tokenHash: [UInt8]
  private let query: EventQuery
  private let reach: EventReach
  private let channel: any EventChannel
  private let feed: EventFeed
  private let outbox: Outbox
  private let onEnd: @LoopActor (StreamSession, StreamEnd?) -> Void
  /// Up to which position the subscriber was sent everything.
  private(set) var position: Int64
  private var subscription: FeedSubscription?
  private var task: Task<Void, Never>?
  private let drained = LoopEvent()
  private var hasEnded = false
  private var end: StreamEnd?
  /// What waited at the last beat, if nothing left since.
  private var waitedAtBeat = 0

  init(
    _ request: StreamRequest, _ channel: any EventChannel, feed: EventFeed, outbox: Outbox,
    onEnd: @escaping @LoopActor (StreamSession, StreamEnd?) -> Void
  ) {
    (grant, tokenHash, query, position) = (request.grant, request.tokenHash, request.query, request.after)
    reach = request.reach
    self.channel = channel
    self.feed = feed
    self.outbox = outbox
    self.onEnd = onEnd
    channel.onEnd = { [self] in self.ended() }
    channel.onDrained = { [weak self] in
      self?.waitedAtBeat = 0
      self?.drained.signal()
    }
  }

  func start() {
    guard !hasEnded, !join() else { return }
    task = Task(executorPreference: EventLoop.shared) { await self.catchUp() }
  }

  /// Every few seconds: shows that this side is there, and ends a subscriber who takes nothing.
  func beat(silenceMax silence: Duration) {
    let waiting = channel.bytesWaiting
    if waitedAtBeat > 0, waiting >= waitedAtBeat { return stop(.tooSlow) }
    waitedAtBeat = waiting
    channel.beat(silenceMax: silence)
  }

  func stop(_ reason: StreamEnd) {
    guard !hasEnded, end == nil else { return }
    end = reason
    leave()
    channel.end(reason, after: position)
  }

  private func join() -> Bool {
    guard end == nil else { return true }
    subscription = feed.join(tenant: grant.tenant, after: position) { [weak self] in self?.take($0) }
    return subscription != nil
  }

  /// Until what was missed is sent and the feed goes on from there.
  private func catchUp() async {
    while !hasEnded, end == nil {
      do {
        let page = try await outbox.list(
          tenant: grant.tenantID, after: position, types: query.types, of: reach, limit: Self.pageEvents)
        guard !hasEnded, end == nil else { return }
        for event in page.events { channel.send(FeedEvent(event)) }
        position = page.hasMore ? page.next : max(position, page.last)
        guard page.hasMore else {
          if join() { return }
          _ = await feed.isReading(within: Self.failurePause)
          if join() { return }
          continue
        }
        while channel.bytesWaiting > Self.bytesWaitingBetweenPages {
          guard await drained.wait(for: Self.drainMax) || channel.bytesWaiting == 0 else { return stop(.tooSlow) }
          if hasEnded { return }
        }
      } catch {
        // The feed says in the log that the database is away.
        try? await EventLoop.sleep(for: Self.failurePause)
      }
    }
  }

  private func take(_ event: FeedEvent) {
    position = event.position
    guard event.isForOperators ? reach.hasNotices : reach.hasOrders, query.wants(event.type) else { return }
    channel.send(event)
    if channel.bytesWaiting > Self.bytesWaitingMax { stop(.tooSlow) }
  }

  private func leave() {
    if let subscription { feed.leave(subscription) }
    subscription = nil
    task?.cancel()
    drained.signal()
  }

  private func ended() {
    guard !hasEnded else { return }
    hasEnded = true
    // They keep each other else.
    (channel.onEnd, channel.onDrained) = (nil, nil)
    leave()
    onEnd(self, end)
  }
}
