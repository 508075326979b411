import EventLoop

/// What puts work into a system while somebody else watches what comes out.
@LoopActor
final class Load {
  private var failure: (any Error)?
  private var task: Task<Void, Never>?

  init(_ work: @escaping @LoopActor @Sendable () async throws -> Void) {
    task = Task(executorPreference: EventLoop.shared) { await self.run(work) }
  }

  private func run(_ work: @LoopActor @Sendable () async throws -> Void) async {
    do { try await work() } catch { failure = error }
  }

  /// Throws what the work failed with.
  func check() throws { if let failure { throw failure } }

  func cancel() { task?.cancel() }
}
