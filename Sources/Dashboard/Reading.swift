import EventLoop

/// Something that is read again and again from a server that may be away: one reading at a time, however long it takes,
/// and nobody waits for it longer than they want to.
@LoopActor
final class Reading<Value: Sendable> {
  enum Answer: Sendable {
    case value(Value)
    /// Why it failed, in one line.
    case failure(String)
    /// It did not end in time and goes on.
    case silence
  }

  private let body: @LoopActor @Sendable () async throws -> Value
  private var isRunning = false
  private var answer: Answer?
  private let ended = LoopEvent()

  init(_ body: @escaping @LoopActor @Sendable () async throws -> Value) { self.body = body }

  func read(patience: Duration) async -> Answer {
    if !isRunning {
      isRunning = true
      answer = nil
      Task(executorPreference: EventLoop.shared) { await self.run() }
    }
    let deadline = ContinuousClock.now + patience
    while answer == nil, ContinuousClock.now < deadline { _ = await ended.wait(for: deadline - .now) }
    return answer ?? .silence
  }

  private func run() async {
    do { answer = .value(try await body()) } catch { answer = .failure("\(error)") }
    isRunning = false
    ended.signal()
  }
}
