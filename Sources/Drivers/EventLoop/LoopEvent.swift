/// A latched signal: ``signal()`` wakes every waiter, or the next one when nobody waits yet.
@LoopActor
public final class LoopEvent {
  private var isSet = false
  private var waiters: [UInt64: (continuation: CheckedContinuation<Bool, Never>, timer: LoopTimer?)] = [:]
  private var nextID: UInt64 = 0

  public nonisolated init() {}

  /// Wakes who waits. A signal that nobody waits for is kept for the next waiter, once.
  public func signal() {
    guard !waiters.isEmpty else {
      isSet = true
      return
    }
    let woken = waiters
    waiters.removeAll()
    for waiter in woken.values { waiter.continuation.resume(returning: true) }
  }

  /// Waits for a signal, at most `limit` long.
  ///
  /// - Returns: true when signalled, false when the limit passed or the task was cancelled.
  public func wait(for limit: Duration? = nil) async -> Bool {
    let id = nextID
    nextID += 1
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // Looked at here and not before: an await lies between, and a signal may come in it.
        if isSet || Task.isCancelled {
          continuation.resume(returning: isSet)
          isSet = false
          return
        }
        var timer: LoopTimer?
        if let limit {
          timer = LoopTimer { [weak self] in self?.giveUp(id) }
          timer?.start(after: limit)
        }
        waiters[id] = (continuation, timer)
      }
    } onCancel: {
      Task { @LoopActor in self.giveUp(id) }
    }
  }

  private func giveUp(_ id: UInt64) {
    waiters.removeValue(forKey: id)?.continuation.resume(returning: false)
  }
}
