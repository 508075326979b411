import Synchronization

/// Durations under one set of labels, counted by how long they are.
public final class MetricHistogram: Sendable {
  struct Counts {
    /// One for each of ``bounds``, and one for what is longer than all.
    var buckets = [Int](repeating: 0, count: MetricHistogram.bounds.count + 1)
    /// Seconds.
    var sum = 0.0
  }

  /// Upper bounds in seconds: from a tenth of a millisecond to a minute.
  static let bounds: [Double] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]

  private let state = Mutex(Counts())

  init() {}

  var counts: Counts { state.withLock { $0 } }

  public func observe(_ duration: Duration) {
    let (whole, attoseconds) = duration.components
    let seconds = Double(whole) + Double(attoseconds) / 1e18
    var bucket = 0
    while bucket < Self.bounds.count, seconds > Self.bounds[bucket] { bucket += 1 }
    state.withLock { counts in
      counts.buckets[bucket] += 1
      counts.sum += seconds
    }
  }
}
