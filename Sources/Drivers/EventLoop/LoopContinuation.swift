/// Who waits for an answer of a driver. Debug builds check that each is resumed once, and say where one was forgotten; a
/// release build leaves that out: it costs an allocation and several look-ups of types for each of an order's hundred waits.
#if DEBUG
  public typealias LoopContinuation = CheckedContinuation
#else
  public typealias LoopContinuation = UnsafeContinuation
#endif

/// Suspends the task until `body`'s continuation is resumed, which must happen exactly once.
@LoopActor @inlinable @inline(__always)
public func withLoopContinuation<T: Sendable>(
  _ body: (LoopContinuation<T, any Error>) -> Void
) async throws -> T {
  #if DEBUG
    try await withCheckedThrowingContinuation(body)
  #else
    try await withUnsafeThrowingContinuation(body)
  #endif
}
