/// Turns many single requests into few large ones.
///
/// Callers ask for one thing and get one answer. Underneath, all that was asked for in a tick goes out as one batch,
/// and while `concurrencyMax` batches are under way the rest gathers for the next: small batches when idle (for
/// latency), large ones under load (for throughput), without a timer.
@LoopActor
public final class Batcher<Input: Sendable, Output: Sendable> {
  /// Performs one batch; must return as many results as it got inputs, in the same order.
  public typealias Perform = @LoopActor ([Input]) async throws -> [Result<Output, any Error>]

  private struct Entry: Sendable {
    let input: Input
    let continuation: LoopContinuation<Output, any Error>
  }

  private let batchMax: Int
  private let concurrencyMax: Int
  private let gathered: Int
  private let perform: Perform
  private var waiting: [Entry] = []
  private var underWay = 0
  private var isHooked = false

  /// - Parameters:
  ///   - batchMax: most inputs in one batch.
  ///   - concurrencyMax: most batches under way at once.
  ///   - gathered: inputs that a batch waits for while another is under way.
  public nonisolated init(
    batchMax: Int, concurrencyMax: Int = 1, gathered: Int = 1, _ perform: @escaping Perform
  ) {
    self.batchMax = batchMax
    self.concurrencyMax = concurrencyMax
    self.gathered = gathered
    self.perform = perform
  }

  /// Inputs that wait for a batch.
  public var waitingCount: Int { waiting.count }

  /// Adds `input` to the next batch and returns its own result.
  ///
  /// Not cancellable: once asked for, an effect may have happened, so the caller must learn its outcome.
  public func submit(_ input: Input) async throws -> Output {
    try await withLoopContinuation { continuation in
      waiting.append(Entry(input: input, continuation: continuation))
      hook()
    }
  }

  private func hook() {
    guard !isHooked, mayStart else { return }
    isHooked = true
    EventLoop.shared.atEndOfTick { [self] in
      isHooked = false
      while mayStart { startBatch() }
    }
  }

  private var mayStart: Bool {
    !waiting.isEmpty && underWay < concurrencyMax && (underWay == 0 || waiting.count >= gathered)
  }

  private func startBatch() {
    let batch = Array(waiting.prefix(batchMax))
    waiting.removeFirst(batch.count)
    underWay += 1
    Task(executorPreference: EventLoop.shared) { await self.run(batch) }
  }

  private func run(_ batch: [Entry]) async {
    do {
      let results = try await perform(batch.map(\.input))
      precondition(results.count == batch.count, "a batch must answer each of its inputs")
      for (entry, result) in zip(batch, results) { entry.continuation.resume(with: result) }
    } catch {
      for entry in batch { entry.continuation.resume(throwing: error) }
    }
    underWay -= 1
    if !waiting.isEmpty { hook() }
  }
}
