import EventLoop
import Events
import HTTPServer
import Redis

/// Reads the overview for all who look at it together, and sends it to them as it changes.
///
/// Nothing is read while nobody looks. It is read again when an event of an order was published and every two seconds at
/// the latest, never twice at once, and PostgreSQL on a connection of its own, so that viewers and a slow
/// database can't add up. The pages of single orders, sessions and Redis share the dispatcher's connections.
@LoopActor
final class OverviewFeed {
  static let viewersMax = 32
  private static let pauseMax = Duration.seconds(2)
  private static let pauseMin = Duration.milliseconds(250)

  private final class Viewer {
    let session: Session
    let stream: AsyncStream<[UInt8]>.Continuation
    init(_ session: Session, _ stream: AsyncStream<[UInt8]>.Continuation) {
      self.session = session
      self.stream = stream
    }
  }

  private let sessions: Sessions
  private let reader: OverviewPage
  /// Events are waited for on a connection of its own, since a wait blocks it.
  private let redis: RedisClient
  private var viewers: [UInt64: Viewer] = [:]
  private var nextViewer: UInt64 = 0
  private let reading = SingleFlight<PageModel, Never>()
  private var last: (page: PageModel, at: ContinuousClock.Instant)?
  private let changed = LoopEvent()
  private var isFeeding = false
  private var isWatching = false
  private var isStopped = false

  init(sessions: Sessions, _ reader: OverviewPage, redis: RedisURL) {
    self.sessions = sessions
    self.reader = reader
    self.redis = RedisClient(redis)
  }

  /// The page as it was less than two seconds ago; read now when nobody else did.
  func latest() async -> PageModel {
    if let last, ContinuousClock.now - last.at < Self.pauseMax { return last.page }
    return await read()
  }

  /// The overview from now on, as server-sent events. It ends when the session does.
  ///
  /// Each event is the whole page, so a viewer who is slow misses some and no memory is lost on it.
  ///
  /// - Returns: nil when ``viewersMax`` look already.
  func join(_ session: Session) -> AsyncStream<[UInt8]>? {
    guard viewers.count < Self.viewersMax, !isStopped else { return nil }
    let (events, stream) = AsyncStream<[UInt8]>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let id = nextViewer
    nextViewer += 1
    viewers[id] = Viewer(session, stream)
    stream.onTermination = { _ in Task { @LoopActor in self.viewers[id] = nil } }
    if isFeeding {
      // A new viewer need not wait for the next change.
      changed.signal()
    } else {
      isFeeding = true
      Task(executorPreference: EventLoop.shared) { await self.run() }
    }
    if !isWatching {
      isWatching = true
      Task(executorPreference: EventLoop.shared) { await self.watch() }
    }
    return events
  }

  /// Ends every stream.
  func stop() {
    isStopped = true
    for viewer in viewers.values { viewer.stream.finish() }
    viewers = [:]
    changed.signal()
    redis.close()
  }

  /// Lets go of PostgreSQL, once no page is asked for any more.
  func close() async { await reader.close() }

  private func read() async -> PageModel {
    let page = await reading.run { await self.reader.page() }
    last = (page, .now)
    return page
  }

  private func run() async {
    while !viewers.isEmpty {
      let begun = ContinuousClock.now
      let page = await read()
      await send(page)
      let pause = max(Self.pauseMin, (ContinuousClock.now - begun) * 9)
      try? await EventLoop.sleep(for: min(pause, Self.pauseMax))
      if pause < Self.pauseMax { _ = await changed.wait(for: Self.pauseMax - pause) }
    }
    isFeeding = false
  }

  private func send(_ page: PageModel) async {
    let event = Array("retry: 3000\ndata: \(page.json)\n\n".utf8)
    for (id, viewer) in viewers {
      // Without PostgreSQL nobody new gets in, but who looks already may see that it is away.
      if (try? await sessions.isValid(viewer.session)) == false {
        viewer.stream.finish()
        viewers[id] = nil
      } else {
        viewer.stream.yield(event)
      }
    }
  }

  /// Signals that orders have moved, until nobody looks.
  private func watch() async {
    while !viewers.isEmpty {
      do {
        let newest = try await redis.command("XREVRANGE", .string(EventStream.all), "+", "-", "COUNT", 1)
        let id = newest.array?.first?.array?.first?.text ?? "0"
        let event = try await redis.command(
          "XREAD", "COUNT", 1, "BLOCK", 1000, "STREAMS", .string(EventStream.all), .string(id))
        if event != .null {
          changed.signal()
          try await EventLoop.sleep(for: Self.pauseMin)
        }
      } catch {
        try? await EventLoop.sleep(for: Self.pauseMax)
      }
    }
    isWatching = false
  }
}
