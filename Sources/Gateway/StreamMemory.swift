import EventLoop

/// What waits in memory for the subscribers of a process, all together: slow readers by the thousand must not take what
/// everybody needs.
@LoopActor
final class StreamMemory {
  let bytesMax: Int
  private(set) var bytes = 0
  /// Subscribers that something waits for.
  private var readers = 0

  nonisolated init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// Notes that so much waits for a subscriber now.
  func note(_ now: Int, before: Int) {
    bytes += now - before
    readers += (now > 0 ? 1 : 0) - (before > 0 ? 1 : 0)
  }

  /// Whether too much waits, and for this one as much as for others or more.
  func isTooMuch(_ waiting: Int) -> Bool { bytes > bytesMax && waiting > 0 && waiting >= bytes / max(1, readers) }
}
