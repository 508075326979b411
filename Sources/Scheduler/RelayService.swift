import CrashPoints
import EventLoop
import Events
import Process
import Redis
import Store
import Telemetry

/// Gives committed events their positions, and brings them to each sink: at least once, in the order of positions, which
/// is the order of each order's changes.
///
/// Only the holder of the relay lease publishes; what a sink needs to tell a relay that was stopped and came back is the
/// ``RelayTerm``. The lease is prolonged for as long as a batch takes: PostgreSQL may need longer for a read than a lease
/// is, and then nobody would ever publish.
@LoopActor
final class RelayService: ProcessService {
  private static let batchMax = 500
  private static let failurePause = Duration.milliseconds(500)
  /// Between two looks for events: what comes meanwhile goes out together. An event that comes alone waits for nothing.
  private static let gatherPause = Duration.milliseconds(20)

  /// Looks for itself this often, in case a wake-up was lost with the process that took it.
  private static let sleepMax = Duration.seconds(10)
  /// Until the lease is asked for again while another scheduler holds it.
  private static let turnPause = Duration.milliseconds(50)

  /// Goes on in a full Redis: a lease takes no room to speak of. The streams wait.
  private static let whenFull = Array("#!lua flags=allow-oom\n".utf8)
  static let claim = RedisScript(whenFull + PackageResources.claim_relay_lua)
  static let renew = RedisScript(whenFull + PackageResources.renew_relay_lua)
  static let release = RedisScript(whenFull + PackageResources.release_relay_lua)

  let name = "event relay"
  private let process: String
  private let redis: RedisClient
  private let log: Log
  private let metrics: Metrics
  private let outbox: Outbox
  private let sinks: [any EventSink]
  private let lease: Duration
  /// When events were looked for last.
  private var lookedAt = ContinuousClock.now - .seconds(1)
  private var task: Task<Void, Never>?
  /// On which connection to Redis the sinks were last made sure of.
  private var connectionMended = 0

  private var terms = 0
  private var holderName: String { "\(process)/\(terms)" }

  /// - Parameters:
  ///   - process: whose name the lease bears.
  ///   - sinks: whom events go to.
  ///   - lease: how long a relay that died keeps the others from publishing.
  init(
    process: String, redis: RedisClient, outbox: Outbox, sinks: [any EventSink], lease: Duration = .seconds(5),
    _ instruments: Instruments
  ) {
    self.process = process
    self.redis = redis
    self.outbox = outbox
    (log, metrics) = (instruments.log, instruments.metrics)
    self.sinks = sinks
    self.lease = lease
    metrics.describe("sevk_events_published_total", "counter", "Events that went to the stream")
    metrics.add("sevk_events_published_total", by: 0)
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
        if isFailing { log.info("publishing events again") }
        isFailing = false
        await giveUpLease()
        if try await !redis.blockingPop(key: WakeSignal.key, limit: Self.sleepMax) { try await makeRoom() }
      } catch is CancellationError {
        return
      } catch {
        // What was asked under the old name and is still on its way finds another holder.
        terms += 1
        if !isFailing {
          let sink = (error as? SinkRounds.Failure)?.sink
          log.error("cannot publish events, trying again", ["reason": "\(error)", "sink": sink])
        }
        isFailing = true
        try? await EventLoop.sleep(for: Self.failurePause)
      }
    }
  }

  /// Publishes until nothing is left, batch by batch. A crash between the steps of a batch publishes it again, in the
  /// same order.
  ///
  /// The lease is taken before the events are read, so that none is read here which another relay is just publishing.
  private func publishAll() async throws {
    let holder: [RedisArgument] = [.string(holderName), .integer(Int64(lease.wholeMilliseconds))]
    let keeper = Task(executorPreference: EventLoop.shared) { await self.keepLease(holder) }
    defer { keeper.cancel() }
    var rounds = SinkRounds(sinks: sinks, outbox: outbox, batchMax: Self.batchMax)
    do { try await deliverAll(&rounds, holder) } catch {
      // Else they got it for nothing, and get it again.
      try? await rounds.noteDelivered()
      throw error
    }
    try await rounds.noteDelivered()
    if let failure = rounds.failure { throw failure }
  }

  private func deliverAll(_ rounds: inout SinkRounds, _ holder: [RedisArgument]) async throws {
    var isFull = false
    while !Task.isCancelled {
      guard try await redis.run(Self.claim, keys: [RelayTerm.key], arguments: holder).integer == 1 else {
        try await EventLoop.sleep(for: Self.turnPause)
        continue
      }
      let connection = redis.connectionsMade
      if !isFull { try await gather() }
      let turn = try await outbox.place(limit: Self.batchMax, delivered: rounds.takeDelivered())
      lookedAt = .now
      isFull = turn.events.count >= Self.batchMax
      if connectionMended != connection {
        let mended = try await rounds.mend(turn, in: RelayTerm(holder: holder))
        if mended > 0 { log.warning("Redis had lost events, and has them again", ["events": "\(mended)"]) }
        connectionMended = connection
      }
      guard rounds.isOwed(turn) else { break }
      CrashPoint.reach(.eventsRead)
      if case .moved(let counts) = try await rounds.deliver(turn, in: RelayTerm(holder: holder)) {
        metrics.add("sevk_events_published_total", by: Double(counts[StreamSink.name] ?? 0))
      }
    }
  }

  /// Whoever trims, trims what is old: no lease is needed, and another relay that does the same only gives more room.
  private func makeRoom() async throws {
    for sink in sinks where try await sink.makeRoom() {
      log.warning("Redis is full: old events gave way", ["sink": sink.name])
    }
  }

  /// Prolongs the lease, if it is held, until it is cancelled. What fails here shows when the events are published.
  private func keepLease(_ holder: [RedisArgument]) async {
    while !Task.isCancelled {
      try? await EventLoop.sleep(for: lease / 3)
      guard !Task.isCancelled else { return }
      _ = try? await redis.run(Self.renew, keys: [RelayTerm.key], arguments: holder)
    }
  }

  private func gather() async throws {
    let pause = Self.gatherPause - (ContinuousClock.now - lookedAt)
    if pause > .zero { try await EventLoop.sleep(for: pause) }
  }

  /// If this fails, the lease runs out by itself.
  private func giveUpLease() async {
    _ = try? await redis.run(Self.release, keys: [RelayTerm.key], arguments: [.string(holderName)])
  }
}
