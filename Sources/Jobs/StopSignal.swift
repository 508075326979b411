import Synchronization

/// A flag that is set once and can be awaited by many.
final class StopSignal: Sendable {
  private struct State {
    var isSet = false
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextID = 0
  }
  private let state = Mutex(State())

  var isSet: Bool { state.withLock { $0.isSet } }

  func set() {
    let waiters = state.withLock { state in
      state.isSet = true
      defer { state.waiters.removeAll() }
      return state.waiters
    }
    for waiter in waiters.values { waiter.resume() }
  }

  /// Returns when the flag is set or the task is cancelled.
  func wait() async {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDone = state.withLock { state in
          if state.isSet || Task.isCancelled { return true }
          state.waiters[id] = continuation
          return false
        }
        if isDone { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
    }
  }

  /// Wakes whoever waits; remembered once when nobody does.
  final class Pulse: Sendable {
    private struct State {
      var isPending = false
      var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
      var nextID = 0
    }
    private let state = Mutex(State())

    func fire() {
      let waiters: [Int: CheckedContinuation<Void, Never>] = state.withLock { state in
        state.isPending = state.waiters.isEmpty
        // Mostly nobody waits, and this is called for every job.
        if state.isPending { return [:] }
        defer { state.waiters.removeAll() }
        return state.waiters
      }
      for waiter in waiters.values { waiter.resume() }
    }

    /// Returns after the next ``fire()``, or when the task is cancelled.
    func wait() async {
      let id = state.withLock { state in
        state.nextID += 1
        return state.nextID
      }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isDone = state.withLock { state in
            if state.isPending || Task.isCancelled {
              state.isPending = false
              return true
            }
            state.waiters[id] = continuation
            return false
          }
          if isDone { continuation.resume() }
        }
      } onCancel: {
        state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
      }
    }

    /// Returns after the next ``fire()`` or once `stop` is set.
    func wait(orUntil stop: StopSignal) async {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await self.wait() }
        group.addTask { await stop.wait() }
        await group.next()
        group.cancelAll()
      }
    }
  }
}
