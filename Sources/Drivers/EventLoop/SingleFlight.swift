/// One piece of work at a time, which all who ask for it meanwhile wait for and share: a "single flight".
@LoopActor
public final class SingleFlight<Value: Sendable, Failure: Error> {
  private var running: Task<Result<Value, Failure>, Never>?

  public nonisolated init() {}

  /// Joins what is running, or begins `work` where nothing is.
  ///
  /// - Throws: what the work threw that was joined or begun. A caller's cancellation does not end the work.
  public func run(_ work: @escaping @LoopActor () async throws(Failure) -> Value) async throws(Failure) -> Value {
    if let running { return try await running.value.get() }
    let task = Task(executorPreference: EventLoop.shared) { await self.land(work) }
    running = task
    return try await task.value.get()
  }

  private func land(_ work: @LoopActor () async throws(Failure) -> Value) async -> Result<Value, Failure> {
    // The work itself ends the flight, not who began it: waiting for a task that has ended suspends nobody, so
    // another caller that asks in a loop would join the ended one for ever and never let who began it go on.
    defer { running = nil }
    do throws(Failure) { return .success(try await work()) } catch { return .failure(error) }
  }
}
