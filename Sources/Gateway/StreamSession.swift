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
  private let memory: StreamMemory
  private let onEnd: @LoopActor (StreamSession, StreamEnd?) -> Void
  /// Up to which position the subscriber was sent everything.
  private(set) var position: Int64
  private var subscription: FeedSubscription?
  private var task: Task<Void, Never>?
  private let drained = LoopEvent()
  private var hasEnded = false
  private var end: StreamEnd?
  /// What waits, as far as ``memory`` knows.
  private var waiting = 0
  /// What waited at the last beat, if nothing left since.
  private var waitedAtBeat = 0

  init(
    _ request: StreamRequest, _ channel: any EventChannel, feed: EventFeed, outbox: Outbox, memory: StreamMemory,
    onEnd: @escaping @LoopActor (StreamSession, StreamEnd?) -> Void
  ) {
    (grant, tokenHash, query, position) = (request.grant, request.tokenHash, request.query, request.after)
    reach = request.reach
    self.channel = channel
    self.feed = feed
    self.outbox = outbox
    self.memory = memory
    self.onEnd = onEnd
    channel.onEnd = { [self] in self.ended() }
    channel.onDrained = { [self] in
      waitedAtBeat = 0
      noteWaiting()
      drained.signal()
    }
  }

  func start() {
    guard !hasEnded, !join() else { return }
    task = Task(executorPreference: EventLoop.shared) { await self.catchUp() }
  }

  /// Every few seconds: shows that this side is there, and ends a subscriber who takes nothing.
  func beat(silenceMax silence: Duration) {
    noteWaiting()
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
    // It is left at the end, whoever ends it. A weak reference would make each use of this object dearer.
    subscription = feed.join(tenant: grant.tenant, after: position) { [self] in take($0) }
    guard subscription != nil else { return false }
    // What the feed had at hand may have been too much for it.
    if end != nil || hasEnded { leave() }
    return true
  }

  /// Until what was missed is sent and the feed goes on from there.
  private func catchUp() async {
    while !hasEnded, end == nil {
      let begun = position
      do {
        let page = try await outbox.list(
          tenant: grant.tenantID, after: position, types: query.types, of: reach, limit: Self.pageEvents)
        guard !hasEnded, end == nil else { return }
        for event in page.events { channel.send(FeedEvent(event)) }
        position = page.hasMore ? page.next : max(position, page.last)
        guard isBearable() else { return }
        guard page.hasMore else {
          if join() { return }
          let isReading = await feed.isReading(within: Self.failurePause)
          if join() { return }
          // The feed is far ahead of what the database has, as after a restore: nothing comes by asking at once again.
          if isReading, position == begun { try? await EventLoop.sleep(for: Self.failurePause) }
          continue
        }
        while channel.bytesWaiting > Self.bytesWaitingBetweenPages {
          guard await drained.wait(for: Self.drainMax) || channel.bytesWaiting == 0 else { return stop(.tooSlow) }
          if hasEnded { return }
          noteWaiting()
        }
      } catch {
        // The feed says in the log that the database is away.
        try? await EventLoop.sleep(for: Self.failurePause)
      }
    }
  }

  private func take(_ batch: FeedBatch) {
    position = batch.last
    if query.types.isEmpty, batch.hasNotices ? reach == .all : reach.hasOrders {
      channel.send(batch)
    } else {
      for event in batch.events where query.wants(event.type) && reach.has(event) { channel.send(event) }
    }
    if channel.bytesWaiting > Self.bytesWaitingMax { return stop(.tooSlow) }
    _ = isBearable()
  }

  /// Ends it where too much waits for all together and this one has no small part in that.
  private func isBearable() -> Bool {
    noteWaiting()
    guard memory.isTooMuch(waiting), end == nil, !hasEnded else { return end == nil && !hasEnded }
    end = .overloaded
    leave()
    channel.cut()
    return false
  }

  private func noteWaiting() {
    let now = hasEnded ? 0 : channel.bytesWaiting
    guard now != waiting else { return }
    memory.note(now, before: waiting)
    waiting = now
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
    noteWaiting()
    // They keep each other else.
    (channel.onEnd, channel.onDrained) = (nil, nil)
    leave()
    onEnd(self, end)
  }
}

extension EventReach {
  /// Whether an event is among them.
  @LoopActor
  fileprivate func has(_ event: FeedEvent) -> Bool { event.isForOperators ? hasNotices : hasOrders }
}
