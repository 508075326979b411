public import EventLoop
public import Redis
public import Store
public import Telemetry

/// The tail of all events for a whole process: one reader of the Redis stream, woken by it, and PostgreSQL where the stream
/// has a gap. Reads while somebody subscribes, and goes on for a while after.
///
/// Each event is passed on once, in the order of positions, whatever becomes of Redis: the reader knows the last position that
/// it passed on, and what the stream does not follow up with is read from PostgreSQL.
@LoopActor
public final class EventFeed {
  /// Longest wait of one read for events.
  private static let blockMilliseconds: Int64 = 5_000
  private static let batchMax = 500
  private static let failurePause = Duration.milliseconds(250)
  /// The newest events that are kept at hand, at least: who is no further behind joins without a look at the database.
  private static let recentMax = 500
  /// How long it goes on reading for nobody, so that who comes and goes does not begin anew each time.
  private static let lingerMax = Duration.seconds(30)

  private let redis: RedisClient
  private let outbox: Outbox
  private let log: Log
  private let metrics: Metrics
  private var byTenant: [String: [ObjectIdentifier: FeedSubscription]] = [:]
  private var byOrder: [String: [ObjectIdentifier: FeedSubscription]] = [:]
  private var subscribers = 0
  private var task: Task<Void, Never>?
  private var isStopped = false
  private var unusedSince = ContinuousClock.now
  /// Up to which position everything was passed on; nil before it is known.
  public private(set) var position: Int64?
  /// The newest events, in order, and behind which position they are all of them.
  private var recent: [FeedEvent] = []
  private var recentAfter: Int64 = 0
  /// Passed on to those who wait for an order, and not yet to those who wait for all of a tenant.
  private var pending: [String: [FeedEvent]] = [:]
  /// Signalled when ``position`` is known.
  private let ready = LoopEvent()

  /// - Parameter redis: the feed has a connection of its own, since its reads block.
  public init(redis: RedisURL, outbox: Outbox, _ instruments: Instruments) {
    self.redis = RedisClient(redis)
    self.outbox = outbox
    (log, metrics) = (instruments.log, instruments.metrics)
    metrics.describe("sevk_feed_events_total", "counter", "Events that this process read, by where from")
    for source in ["stream", "database"] { metrics.add("sevk_feed_events_total", ["from": source], by: 0) }
  }

  /// Ends the reading; nobody gets anything any more.
  public func stop() async {
    isStopped = true
    redis.close()
    ready.signal()
    task?.cancel()
    await task?.value
  }

  // MARK: Who gets events

  /// Passes on a tenant's events that follow a position.
  ///
  /// What of them is at hand is passed on before this returns.
  ///
  /// - Returns: nil when that position is too far behind ``position``, or that is not known yet: read what is missing first,
  ///   from ``Outbox/list(tenant:after:types:order:of:limit:)``.
  public func join(
    tenant: String, after position: Int64, _ take: @escaping @LoopActor (FeedBatch) -> Void
  ) -> FeedSubscription? {
    guard let reached = self.position, position >= min(recentAfter, reached) else {
      begin()
      return nil
    }
    let subscription = FeedSubscription(.tenant(tenant, take), after: position)
    byTenant[tenant, default: [:]][ObjectIdentifier(subscription)] = subscription
    entered()
    if position < reached {
      let missed = recent.filter { $0.position > position && $0.tenant == tenant }
      if !missed.isEmpty { subscription.give(FeedBatch(missed)) }
    }
    return subscription
  }

  /// Passes on what happens to an order from now on.
  public func watch(order: String, _ take: @escaping @LoopActor (FeedEvent) -> Void) -> FeedSubscription {
    let subscription = FeedSubscription(.order(order, take), after: 0)
    byOrder[order, default: [:]][ObjectIdentifier(subscription)] = subscription
    entered()
    return subscription
  }

  /// Nothing more is passed on to it.
  public func leave(_ subscription: FeedSubscription) {
    let id = ObjectIdentifier(subscription)
    var wasThere = false
    switch subscription.wish {
    case .tenant(let tenant, _):
      wasThere = byTenant[tenant]?.removeValue(forKey: id) != nil
      if byTenant[tenant]?.isEmpty ?? false { byTenant[tenant] = nil }
    case .order(let order, _):
      wasThere = byOrder[order]?.removeValue(forKey: id) != nil
      if byOrder[order]?.isEmpty ?? false { byOrder[order] = nil }
    }
    guard wasThere else { return }
    subscribers -= 1
    unusedSince = .now
  }

  /// Waits until the feed reads.
  ///
  /// - Returns: false when it does not within `limit`.
  public func isReading(within limit: Duration) async -> Bool {
    begin()
    let end = ContinuousClock.now + limit
    while position == nil, !isStopped {
      let rest = end - .now
      guard rest > .zero else { return false }
      _ = await ready.wait(for: rest)
    }
    return !isStopped
  }

  private func entered() {
    subscribers += 1
    begin()
  }

  private func begin() {
    unusedSince = .now
    guard task == nil, !isStopped else { return }
    task = Task(executorPreference: EventLoop.shared) { await self.run() }
  }

  // MARK: Reading

  private var isWanted: Bool {
    !isStopped && (subscribers > 0 || ContinuousClock.now - unusedSince < Self.lingerMax)
  }

  private func run() async {
    var isFailing = false
    while isWanted {
      do {
        try await follow {
          if isFailing { log.info("reading events again") }
          isFailing = false
        }
      } catch {
        guard isWanted else { break }
        if !isFailing { log.warning("cannot read events, trying again", ["reason": "\(error)"]) }
        isFailing = true
        try? await EventLoop.sleep(for: Self.failurePause)
      }
    }
    // What comes meanwhile is read by nobody.
    position = nil
    (recent, pending) = ([], [:])
    task = nil
  }

  /// Reads the stream from its end on, once everything before that was read from PostgreSQL: what is there is never in the
  /// stream alone. Returns when the stream is another than before, which has to be begun anew.
  private func follow(_ isReading: () -> Void) async throws {
    var place = try await end()
    let connection = redis.connectionsMade
    if position == nil {
      let last = try await outbox.last()
      (position, recentAfter) = (last, last)
    } else {
      try await catchUp()
    }
    ready.signal()
    isReading()
    while isWanted {
      let reply = try await redis.command(
        "XREAD", "COUNT", .integer(Int64(Self.batchMax)), "BLOCK", .integer(Self.blockMilliseconds), "STREAMS",
        .string(EventStream.all), .string(place))
      guard redis.connectionsMade == connection else { return }
      let entries = reply.array?.first?.array?.last?.array ?? []
      for entry in entries {
        if let id = entry.array?.first?.text { place = id }
        try await take(entry.array?.last?.array ?? [])
      }
      deliver()
      // After a silence: the stream may have been emptied, and begun anew with smaller ids.
      if entries.isEmpty, try await end() != place { return }
    }
  }

  /// The id of the newest entry.
  private func end() async throws -> String {
    let newest = try await redis.command("XREVRANGE", .string(EventStream.all), "+", "-", "COUNT", 1)
    return newest.array?.first?.array?.first?.text ?? "0-0"
  }

  private func take(_ fields: [RedisValue]) async throws {
    var (place, json): (Int64?, [UInt8]) = (nil, [])
    for index in stride(from: 0, to: fields.count - 1, by: 2) {
      switch fields[index].text {
      case "position": place = fields[index + 1].integer
      case "event": json = fields[index + 1].bytes ?? []
      default: break
      }
    }
    // Of a scheduler that says no positions: PostgreSQL knows them.
    guard let place, let event = FeedEvent(position: place, json: json) else { return try await catchUp() }
    guard place > position ?? 0 else { return }
    if place > (position ?? 0) + 1 { try await catchUp() }
    if place > position ?? 0 { pass(event, from: "stream") }
  }

  /// Reads what follows from PostgreSQL.
  private func catchUp() async throws {
    while true {
      deliver()
      let events = try await outbox.read(after: position ?? 0, limit: Self.batchMax)
      for event in events { pass(FeedEvent(event), from: "database") }
      if events.isEmpty { return }
    }
  }

  private func pass(_ event: FeedEvent, from source: String) {
    position = event.position
    recent.append(event)
    if recent.count > 2 * Self.recentMax {
      recentAfter = recent[recent.count - Self.recentMax - 1].position
      recent.removeFirst(recent.count - Self.recentMax)
    }
    metrics.add("sevk_feed_events_total", ["from": source])
    if byTenant[event.tenant] != nil { pending[event.tenant, default: []].append(event) }
    if let subscribed = byOrder[event.orderID] { for one in subscribed.values { one.give(event) } }
  }

  /// Passes on what came together, so that each who gets it is written to once.
  private func deliver() {
    guard !pending.isEmpty else { return }
    let batches = pending
    pending = [:]
    for (tenant, events) in batches {
      guard let subscribed = byTenant[tenant] else { continue }
      let batch = FeedBatch(events)
      for one in subscribed.values { one.give(batch) }
    }
  }
}
