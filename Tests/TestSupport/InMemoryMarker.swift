/// A latched sign that wakes one waiter, the one that waits longest, as the markers in Redis do.
struct MemoryMarker {
  private var isSet = false
  private var waiters: [(turn: Int, continuation: CheckedContinuation<Bool, Never>)] = []
  private var turns = 0

  mutating func signal() {
    guard !waiters.isEmpty else {
      isSet = true
      return
    }
    waiters.removeFirst().continuation.resume(returning: true)
  }

  /// Takes the sign when it is set; otherwise returns the number to wait under.
  mutating func begin() -> Int? {
    if isSet {
      isSet = false
      return nil
    }
    turns += 1
    return turns
  }

  /// `continuation` gets true when the sign was given, false when the wait was given up.
  mutating func add(_ continuation: CheckedContinuation<Bool, Never>, _ turn: Int) {
    waiters.append((turn, continuation))
  }

  mutating func giveUp(_ turn: Int) {
    guard let index = waiters.firstIndex(where: { $0.turn == turn }) else { return }
    waiters.remove(at: index).continuation.resume(returning: false)
  }
}
