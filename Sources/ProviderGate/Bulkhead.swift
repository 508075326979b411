public import EventLoop

/// Keeps providers that don't answer from holding every job slot of a process, so that the others' orders go on: any
/// number of them.
///
/// Nobody knows beforehand who will not answer. So each provider may hold as many slots as it leaves free, and the last
/// ones are for those that can be trusted to give them back:
///
/// - alone it gets half of them, two get a third each, and so on: there is always room for one more;
/// - of the last quarter, a provider gets a slot only if it holds none yet, or if its last call was answered;
/// - of the last sixteenth, only the latter;
/// - one whose last calls had no answer gets a sixteenth, and all such together half.
@LoopActor
public final class Bulkhead {
  /// So many calls in a row without any answer, and a provider is silent until the next one.
  nonisolated static let silentAfter = 3

  private struct Use {
    var held = 0
    /// Calls in a row without an answer; nil before the first call came back.
    var unanswered: Int?
    var isSilent: Bool { unanswered ?? 0 >= Bulkhead.silentAfter }
  }

  private let slots: Int
  private var uses: [Int64: Use] = [:]
  /// Jobs that wait in memory for a slot of a provider, oldest first.
  private var waiting: [Int64: [LoopEvent]] = [:]
  var waitingCount: Int { waiting.values.reduce(0) { $0 + $1.count } }

  /// - Parameter slots: jobs that the process runs at once.
  public nonisolated init(slots: Int) { self.slots = max(slots, 1) }

  /// Takes a slot, which must be given back with ``leave(_:answered:)``; false when the provider has all it may have.
  public func enter(_ provider: Int64) -> Bool {
    let use = uses[provider] ?? Use()
    guard isAllowed(use) else { return false }
    uses[provider, default: Use()].held += 1
    return true
  }

  /// Takes a slot as ``enter(_:)`` does, and waits for one where the provider answers: then one is given back soon.
  public func enter(_ provider: Int64, within limit: Duration) async -> Bool {
    let end = ContinuousClock.now + limit
    while !enter(provider) {
      let left = end - ContinuousClock.now
      guard uses[provider]?.unanswered == 0, left > .zero else { return false }
      let event = LoopEvent()
      waiting[provider, default: []].append(event)
      guard await event.wait(for: left) else {
        waiting[provider]?.removeAll { $0 === event }
        return enter(provider)
      }
    }
    return true
  }

  /// - Parameter answered: whether the provider answered the call, be it with an error; nil when none was made.
  public func leave(_ provider: Int64, answered: Bool? = nil) {
    var use = uses[provider] ?? Use()
    use.held -= 1
    if let answered { use.unanswered = answered ? 0 : (use.unanswered ?? 0) + 1 }
    uses[provider] = use
    if let first = waiting[provider]?.first {
      waiting[provider]?.removeFirst()
      first.signal()
    }
  }

  private func isAllowed(_ use: Use) -> Bool {
    let free = slots - uses.values.reduce(0) { $0 + $1.held }
    if use.isSilent {
      let silent = uses.values.reduce(0) { $0 + ($1.isSilent ? $1.held : 0) }
      return use.held < max(slots / 16, 1) && silent < max(slots / 2, 1) && free > 0
    }
    guard use.held < free else { return false }
    if use.unanswered == 0 { return true }
    if free > slots / 4 { return true }
    // Rounded up: of eight slots too, one is kept back.
    return use.held == 0 && free > (slots >= 8 ? (slots + 15) / 16 : 0)
  }
}
