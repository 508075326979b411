public import EventLoop

/// Keeps a provider that doesn't answer from holding every job slot of a process, so that the others' orders go on.
@LoopActor
public final class Bulkhead {
  private let slotsMax: Int
  private var inUse: [Int64: Int] = [:]

  /// - Parameter slots: jobs that the process runs at once; one provider gets at most half of them.
  public nonisolated init(slots: Int) { slotsMax = max(slots / 2, 1) }

  /// Takes a slot, which must be given back with ``leave(_:)``; false when the provider has all it may have.
  public func enter(_ provider: Int64) -> Bool {
    guard inUse[provider, default: 0] < slotsMax else { return false }
    inUse[provider, default: 0] += 1
    return true
  }

  public func leave(_ provider: Int64) { inUse[provider, default: 0] -= 1 }
}
