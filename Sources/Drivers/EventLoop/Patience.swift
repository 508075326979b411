/// Waits for something only so long.
@LoopActor
public enum Patience {
  @LoopActor
  private final class Outcome<Value: Sendable> {
    var result: Result<Value, any Error>?
    let done = LoopEvent()

    func follow(_ work: @LoopActor @Sendable () async throws -> Value) async {
      do { result = .success(try await work()) } catch { result = .failure(error) }
      done.signal()
    }
  }

  /// What `work` comes to; nil when it takes longer than `limit`. It goes on then, and nobody learns what becomes of it.
  ///
  /// - Throws: what `work` throws.
  public static func wait<Value: Sendable>(
    for limit: Duration, _ work: @escaping @LoopActor @Sendable () async throws -> Value
  ) async throws -> Value? {
    let outcome = Outcome<Value>()
    Task(executorPreference: EventLoop.shared) { await outcome.follow(work) }
    _ = await outcome.done.wait(for: limit)
    return try outcome.result?.get()
  }
}
