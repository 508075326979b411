import CommandLine
public import EventLoop
public import Postgres
import Store
public import Telemetry

/// Says once that PostgreSQL does not do what it is asked for, and once that it does again: not a line for each request.
@LoopActor
public final class DatabaseWatch: ProcessService {
  public let name = "database watch"
  private let store: Store
  private let log: Log
  private var since: ContinuousClock.Instant?
  private var failed = 0
  private var probing: Task<Void, Never>?
  private var listening: Task<Void, Never>?
  private var isStopping = false
  private static let probePause = Duration.milliseconds(500)
  /// Longer than a statement takes; a commit waits for a standby that is away for as long as it is away.
  private static let silenceMax = Duration.seconds(10)

  init(_ store: Store, _ log: Log) {
    self.store = store
    self.log = log
    store.pool.onTrouble = { [weak self] in self?.note($0) }
  }

  /// Whether it was said that the database fails, and not yet that it works again.
  public var isTold: Bool { since != nil }

  /// That nothing was answered for so long, and what that may be.
  static func silence(_ time: Duration) -> String {
    "PostgreSQL has not answered for \(time.inRoughWords): it may be hanging, or a commit waits for a standby that is away"
      + " (worker doctor says which)"
  }

  public func start() async throws {
    listening = Task(executorPreference: EventLoop.shared) { await self.listen() }
    // What can't be read now is told of by whoever asks.
    guard let why = try? await store.readOnlyReason() else { return }
    begin("PostgreSQL is read-only: \(why); no order is taken and nothing goes on until it takes writes")
  }

  public func stop() async {
    isStopping = true
    listening?.cancel()
    await listening?.value
    probing?.cancel()
    await probing?.value
  }

  /// Who is not answered fails only after a while (``PostgresPool``), and is silent until then.
  private func listen() async {
    var isSilent = false
    while !Task.isCancelled {
      try? await EventLoop.sleep(for: .seconds(1))
      let silence = store.pool.silence
      if !isSilent, silence > Self.silenceMax, since == nil { log.warning(Self.silence(silence)) }
      if isSilent, silence < Self.silenceMax, since == nil { log.info("PostgreSQL answers again") }
      isSilent = silence > Self.silenceMax
    }
  }

  private func note(_ error: PostgresError) {
    guard error.isOutage, !isStopping else { return }
    failed += 1
    begin(
      error.isReadOnly ? "PostgreSQL is read-only; no order is taken until it takes writes" : "PostgreSQL fails", error)
  }

  private func begin(_ text: String, _ error: PostgresError? = nil) {
    guard since == nil, !isStopping else { return }
    since = .now
    log.error(text, ["reason": error.map { "\($0)" }])
    probing = Task(executorPreference: EventLoop.shared) { await self.probe() }
  }

  private func probe() async {
    while !Task.isCancelled {
      try? await EventLoop.sleep(for: Self.probePause)
      guard !Task.isCancelled else { return }
      do {
        guard try await store.readOnlyReason() == nil else { continue }
        break
      } catch {
        // A probe is no request.
        failed = max(0, failed - 1)
      }
    }
    let took = since.map { ContinuousClock.now - $0 } ?? .zero
    log.info("PostgreSQL works again", ["after": took.inRoughWords, "failed": "\(failed)"])
    (since, failed) = (nil, 0)
  }
}
