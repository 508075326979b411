import Telemetry
import Process
import CrashPoints
import EventLoop
import Redis
import Store

/// Publishes the outbox to the streams `sevk:events` and `sevk:events:TENANT`: at least once, and each order's events in
/// order.
///
/// Only the holder of the relay lease publishes, and the script that appends checks that it still is the holder, so a
/// relay that was stopped and came back can't mix old events among newer ones. The lease is prolonged for as long as a
/// batch takes: PostgreSQL may need longer for a read than a lease is, and then nobody would ever publish.
@LoopActor
final class RelayService: ProcessService {
  private static let batchMax = 500
  private static let failurePause = Duration.milliseconds(500)
  /// Each stream keeps about so many events; who reads it falls back to the API for older ones.
  private static let streamLengthMax = 1_000_000
  /// In a full Redis new events take the place of the oldest while a stream has more than these; then they wait.
  nonisolated static let streamLengthWhenFull = 10_000

  /// How often the mark is moved on; see ``OutboxMark``.
  private static let markPause = Duration.seconds(1)
  /// How often the outbox is read from its beginning all the same, should anyone have taken back that an event is
  /// published.
  private static let fromBeginning = Duration.seconds(60)

  /// Looks for itself this often, in case a wake-up was lost with the process that took it.
  private static let sleepMax = Duration.seconds(10)
  /// Until the lease is asked for again while another scheduler holds it.
  private static let turnPause = Duration.milliseconds(50)

  private static let leaseKey = RedisArgument.string("{\(RelayBatch.streamOfAll)}:relay")
  /// Goes on in a full Redis: a lease takes no room to speak of. Publishing waits.
  private static let whenFull = Array("#!lua flags=allow-oom\n".utf8)
  static let claim = RedisScript(whenFull + PackageResources.claim_relay_lua)
  static let publish = RedisScript(Array("#!lua\n".utf8) + PackageResources.publish_events_lua)
  static let renew = RedisScript(whenFull + PackageResources.renew_relay_lua)
  /// Works in a full Redis too: only where it makes a stream shorter.
  static let replace = RedisScript(whenFull + PackageResources.publish_events_lua)
  static let release = RedisScript(whenFull + PackageResources.release_relay_lua)

  let name = "event relay"
  private let frame: ProcessFrame
  private let outbox: Outbox
  private let lease: Duration
  private var mark = OutboxMark()
  /// When the mark was last looked after.
  private var markedAt: ContinuousClock.Instant?
  /// When the outbox was last read from its beginning.
  private var beganAt = ContinuousClock.now
  private var task: Task<Void, Never>?

  private var terms = 0
  private var holderName: String { "\(frame.name)/\(terms)" }

  /// - Parameter lease: how long a relay that died keeps the others from publishing.
  init(frame: ProcessFrame, lease: Duration = .seconds(5)) {
    self.frame = frame
    self.lease = lease
    outbox = Outbox(pool: frame.store.pool)
    frame.metrics.describe("sevk_events_published_total", "counter", "Events that went to the stream")
    frame.metrics.add("sevk_events_published_total", by: 0)
  }

  func start() async throws {
    task = Task(executorPreference: EventLoop.shared) { await self.relay() }
  }

  func stop() async {
    task?.cancel()
    await task?.value
    await giveUpLease()
  }

  private func relay() async {
    var isFailing = false
    while !Task.isCancelled {
      do {
        try await publishAll()
        if isFailing { frame.log.info("publishing events again") }
        isFailing = false
        await giveUpLease()
        _ = try await frame.redis.blockingPop(key: ProcessFrame.eventBell, limit: Self.sleepMax)
      } catch is CancellationError {
        return
      } catch {
        // What was asked under the old name and is still on its way finds another holder.
        terms += 1
        if !isFailing { frame.log.error("cannot publish events, trying again", ["reason": "\(error)"]) }
        isFailing = true
        try? await EventLoop.sleep(for: Self.failurePause)
      }
    }
  }

  /// Publishes until nothing is left, batch by batch. A crash between the two steps of a batch publishes it again, in
  /// the same order.
  ///
  /// The lease is taken before the events are read, so that none is read here which another relay is just publishing.
  private func publishAll() async throws {
    let holder: [RedisArgument] = [.string(holderName), .integer(Int64(lease.wholeMilliseconds))]
    let keeper = Task(executorPreference: EventLoop.shared) { await self.keepLease(holder) }
    defer { keeper.cancel() }
    while !Task.isCancelled {
      guard try await frame.redis.run(Self.claim, keys: [Self.leaseKey], arguments: holder).integer == 1 else {
        try await EventLoop.sleep(for: Self.turnPause)
        continue
      }
      let events = try await read()
      guard !events.isEmpty else { return }
      CrashPoint.reach(.eventsRead)
      let batch = RelayBatch(events)
      let answer = try await Self.append(
        batch.entries, to: batch.streams, lease: Self.leaseKey, holder, frame.redis)
      guard answer.integer == Int64(events.count) else { continue }
      CrashPoint.reach(.eventsPublished)
      try await outbox.markPublished(events.map(\.id))
      frame.metrics.add("sevk_events_published_total", by: Double(events.count))
    }
  }

  /// Prolongs the lease, if it is held, until it is cancelled. What fails here shows when the events are published.
  private func keepLease(_ holder: [RedisArgument]) async {
    while !Task.isCancelled {
      try? await EventLoop.sleep(for: lease / 3)
      guard !Task.isCancelled else { return }
      _ = try? await frame.redis.run(Self.renew, keys: [Self.leaseKey], arguments: holder)
    }
  }

  private func read() async throws -> [OutboxEvent] {
    let now = ContinuousClock.now
    if now - beganAt >= Self.fromBeginning {
      (mark, beganAt) = (OutboxMark(), now)
    }
    guard markedAt.map({ now - $0 >= Self.markPause }) ?? true else {
      return try await outbox.unpublished(limit: Self.batchMax, after: mark.after)
    }
    let horizon = try await outbox.horizon()
    let events = try await outbox.unpublished(limit: Self.batchMax, after: mark.after)
    mark.note(horizon, first: events.first?.id)
    markedAt = now
    return events
  }

  /// Appends events to streams; in a full Redis in the place of old ones.
  ///
  /// Nothing else would trim the streams then, which may be what fills Redis: no job could be planned, for good. So the
  /// longest loses a tenth, and more entries than are added, and the others what they have above that: there is room for
  /// jobs again.
  ///
  /// - Parameters:
  ///   - entries: as the script takes them, two for each event.
  ///   - streams: the stream of all, then those of tenants.
  static func append(
    _ entries: [RedisArgument], to streams: [RedisArgument], lease: RedisArgument, _ holder: [RedisArgument],
    _ redis: RedisClient
  ) async throws(RedisError) -> RedisValue {
    func run(_ script: RedisScript, keeping length: Int) async throws(RedisError) -> RedisValue {
      try await redis.run(
        script, keys: [lease] + streams, arguments: holder + [.integer(Int64(length))] + entries)
    }
    do throws(RedisError) {
      return try await run(publish, keeping: streamLengthMax)
    } catch {
      guard error.code == .replyError(prefix: "OOM") else { throw error }
      var longest = 0
      for stream in streams { longest = max(longest, Int(try await redis.command("XLEN", stream).integer ?? 0)) }
      // Each event goes to two streams, so as many entries are added as there are words.
      let kept = max(streamLengthWhenFull, longest - max(longest / 10, 2 * entries.count))
      guard longest > kept + entries.count else { throw error }
      return try await run(replace, keeping: kept)
    }
  }

  /// If this fails, the lease runs out by itself.
  private func giveUpLease() async {
    _ = try? await frame.redis.run(Self.release, keys: [Self.leaseKey], arguments: [.string(holderName)])
  }
}
