import Cipher
public import EventLoop
public import OrderWork
public import Orders
public import Store
public import Telemetry

/// Carries out runs over many orders in a process that lives on: the one way for the dashboard and the API.
@LoopActor
public final class RunKeeper {
  public let many: ManyOrders
  public let runs: OrderRuns
  private let store: Store
  private let log: Log
  /// Names this process among all that carry out runs.
  private let process = Hexadecimal.encode(RandomBytes.make(8))
  private var isStopping = false
  private var tasks: [Int64: Task<Void, Never>] = [:]

  /// - Parameter schedule: for providers that set none of their own.
  public init(_ sources: SupportSources, schedule: CheckSchedule, log: Log) {
    store = sources.store
    self.log = log
    many = ManyOrders(sources, schedule: schedule)
    runs = OrderRuns(store: sources.store)
  }

  /// Leaves what is under way to another process, and waits for the order that is being moved.
  public func stop() async {
    isStopping = true
    for task in tasks.values { await task.value }
  }

  /// Begins one that is drawn up.
  ///
  /// - Parameters:
  ///   - person: with whom a second person is compared, where that is not `who`.
  ///   - only: of its orders these; the others are left out of it. Nil: all.
  ///   - words: what is added to its filter then, for who reads it later.
  /// - Returns: false when it was begun or dropped before.
  public func start(
    _ run: OrderRun, who: String, person: String? = nil, note: String, only: [OrderID]? = nil, words: String = ""
  ) async throws -> Bool {
    guard
      try await runs.start(
        run.id, who: who, person: person, note: note, process: process, only: only, words: words)
    else { return false }
    try await store.note(.startRun, Self.title(run), who: who, note: note)
    begin(run.id)
    return true
  }

  /// Takes up one whose process is gone.
  ///
  /// - Returns: false when its process is still at it, or it has ended.
  public func takeUp(_ run: OrderRun, who: String) async throws -> Bool {
    guard try await runs.takeOver(run.id, process: process) else { return false }
    try await store.note(.continueRun, Self.title(run), who: who, note: "")
    begin(run.id)
    return true
  }

  /// Ends one for good; what was done stays done.
  ///
  /// - Returns: false when it has ended already.
  public func abort(_ run: OrderRun, who: String) async throws -> Bool {
    guard try await runs.abort(run.id) else { return false }
    try await store.note(.abortRun, Self.title(run), who: who, note: "")
    return true
  }

  /// As it stands in what people did.
  nonisolated static func title(_ run: OrderRun) -> String { "\(run.id): \(run.what)" }

  private func begin(_ id: Int64) {
    tasks[id] = Task(executorPreference: EventLoop.shared) { await self.carryOut(id) }
  }

  private func carryOut(_ id: Int64) async {
    do {
      _ = try await many.carryOut(id, process: process, isStopping: { self.isStopping })
    } catch {
      log.error("a run over many orders stopped; it can be taken up again", ["run": "\(id)", "reason": "\(error)"])
      try? await runs.leave(id, process: process)
    }
    tasks[id] = nil
  }
}
