import EventLoop
import Events
import Store
import Telemetry

/// All streams of a process: how many there are, their beats, and whether their tokens still work.
@LoopActor
final class StreamHub {
  struct Limits: Sendable {
    /// Streams at once.
    var streamsMax = 20_000
    /// Of one token, which may be that of all browsers of a shop.
    var streamsOfTokenMax = 10_000
    var streamsOfTenantMax = 10_000
    /// What may wait for all subscribers together.
    var bytesWaitingMax = 256 * 1024 * 1024
    /// Between two beats of a stream.
    var beat = Duration.seconds(15)
    /// A subscriber by WebSocket that was not heard of for so long is gone.
    var silenceMax = Duration.seconds(45)
  }

  /// Streams beat in turns, so that not all of them do at once.
  private static let turns = 60
  private static let tokensCheckedEvery = Duration.seconds(5)
  private static let stopMax = Duration.seconds(2)

  let limits: Limits
  private let feed: EventFeed
  private let outbox: Outbox
  private let directory: Directory
  private let metrics: Metrics
  private var turns: [[ObjectIdentifier: StreamSession]]
  private var turnOf: [ObjectIdentifier: (turn: Int, kind: String)] = [:]
  private var counts: [String: Int] = [:]
  private var ofEach: StreamCounts
  private let memory: StreamMemory
  private var nextTurn = 0
  private var beating = 0
  private var timer: LoopTimer?
  private var tokenCheck: Task<Void, Never>?
  private var isStopped = false
  private let emptied = LoopEvent()

  init(
    _ limits: Limits = .init(), feed: EventFeed, outbox: Outbox, directory: Directory, _ instruments: Instruments
  ) {
    self.limits = limits
    self.feed = feed
    self.outbox = outbox
    self.directory = directory
    metrics = instruments.metrics
    ofEach = StreamCounts(ofTokenMax: limits.streamsOfTokenMax, ofTenantMax: limits.streamsOfTenantMax)
    memory = StreamMemory(bytesMax: limits.bytesWaitingMax)
    turns = Array(repeating: [:], count: Self.turns)
    metrics.describe("sevk_gateway_connections", "gauge", "Streams that are open, by kind")
    metrics.describe("sevk_gateway_streams_ended_total", "counter", "Streams that ended, by why")
    metrics.describe(
      "sevk_gateway_waiting_bytes", "gauge", "What waits in memory for subscribers that take it slowly")
    metrics.set("sevk_gateway_waiting_bytes", to: 0)
    for kind in ["sse", "websocket"] { metrics.set("sevk_gateway_connections", ["kind": kind], to: 0) }
  }

  var count: Int { turnOf.count }
  var isFull: Bool { isStopped || count >= limits.streamsMax }

  /// Why a token may open no further stream; nil when it may.
  func refusal(_ grant: TokenGrant, tokenHash: [UInt8]) -> String? {
    ofEach.refusal(tokenHash: tokenHash, tenantID: grant.tenantID)
  }

  func start() {
    let timer = LoopTimer { [weak self] in self?.beat() }
    timer.start(after: limits.beat / Self.turns, every: limits.beat / Self.turns)
    self.timer = timer
    tokenCheck = Task(executorPreference: EventLoop.shared) { await self.checkTokens() }
  }

  /// Ends all streams in order.
  func stop() async {
    isStopped = true
    timer?.stop()
    tokenCheck?.cancel()
    for session in turns.flatMap(\.values) { session.stop(.goingAway) }
    if count > 0 { _ = await emptied.wait(for: Self.stopMax) }
  }

  /// Opens a stream on a channel.
  func open(_ request: StreamRequest, _ channel: any EventChannel, kind: String) {
    let session = StreamSession(request, channel, feed: feed, outbox: outbox, memory: memory) { [weak self] in
      self?.ended($0, $1)
    }
    guard !isFull else { return session.stop(isStopped ? .goingAway : .tooMany) }
    guard refusal(request.grant, tokenHash: request.tokenHash) == nil else { return session.stop(.tooMany) }
    let id = ObjectIdentifier(session)
    turnOf[id] = (nextTurn, kind)
    turns[nextTurn][id] = session
    nextTurn = (nextTurn + 1) % Self.turns
    note(kind, 1)
    ofEach.note(session, 1)
    session.start()
  }

  private func ended(_ session: StreamSession, _ reason: StreamEnd?) {
    metrics.add("sevk_gateway_streams_ended_total", ["reason": reason?.rawValue ?? "client_left"])
    let id = ObjectIdentifier(session)
    guard let (turn, kind) = turnOf.removeValue(forKey: id) else { return }
    turns[turn][id] = nil
    note(kind, -1)
    ofEach.note(session, -1)
    if count == 0 { emptied.signal() }
  }

  private func note(_ kind: String, _ change: Int) {
    counts[kind, default: 0] += change
    metrics.set("sevk_gateway_connections", ["kind": kind], to: Double(counts[kind] ?? 0))
  }

  private func beat() {
    for session in turns[beating].values { session.beat(silenceMax: limits.silenceMax) }
    beating = (beating + 1) % Self.turns
    metrics.set("sevk_gateway_waiting_bytes", to: Double(memory.bytes))
  }

  /// Ends the streams of tokens that were revoked or have expired. While the database is away, nothing is known of them.
  private func checkTokens() async {
    while !Task.isCancelled {
      try? await EventLoop.sleep(for: Self.tokensCheckedEvery)
      for hash in ofEach.tokenHashes {
        do {
          if try await directory.grant(tokenHash: hash, mayBeNew: false) != nil { continue }
        } catch { break }
        for session in turns.flatMap(\.values) where session.tokenHash == hash { session.stop(.tokenGone) }
      }
    }
  }
}
