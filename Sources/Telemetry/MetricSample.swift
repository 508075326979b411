import Synchronization

/// The value of a counter or gauge under one set of labels. Whoever counts often keeps it, since finding it by name and
/// labels costs many times what adding does.
public final class MetricSample: Sendable {
  /// The bits of a `Double`.
  private let bits = Atomic<UInt64>(0)

  init() {}

  public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  public func set(to value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

  public func add(_ amount: Double = 1) {
    var seen = bits.load(ordering: .relaxed)
    while true {
      let sum = (Double(bitPattern: seen) + amount).bitPattern
      let (done, now) = bits.compareExchange(expected: seen, desired: sum, ordering: .relaxed)
      if done { return }
      seen = now
    }
  }
}
