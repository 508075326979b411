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
  private var isStopping = false
  private static let probePause = Duration.milliseconds(500)

  init(_ store: Store, _ log: Log) {
    self.store = store
    self.log = log
    store.pool.onTrouble = { [weak self] in self?.note($0) }
  }

  /// Whether it was said that the database fails, and not yet that it works again.
  public var isTold: Bool { since != nil }

  public func start() async throws {
    // What can't be read now is told of by whoever asks.
    guard let why = try? await store.readOnlyReason() else { return }
    begin("PostgreSQL is read-only: \(why); no order is taken and nothing goes on until it takes writes")
  }

  public func stop() async {
    isStopping = true
    probing?.cancel()
    await probing?.value
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
