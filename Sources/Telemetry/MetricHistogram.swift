import Synchronization

/// Durations under one set of labels, counted by how long they are.
public final class MetricHistogram: Sendable {
  struct Counts {
    /// One for each of ``MetricHistogram/bounds``, and one for what is longer than all.
    var buckets: [Int]
    /// Seconds.
    var sum = 0.0
  }

  /// Upper bounds in seconds, of what one call or job takes: from a tenth of a millisecond to a minute.
  public static let callBounds: [Double] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]

  /// Upper bounds in seconds, of what an order takes: from 50 ms to a day.
  public static let orderBounds: [Double] = [
    0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400,
  ]

  let bounds: [Double]
  private let state: Mutex<Counts>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(Counts(buckets: [Int](repeating: 0, count: bounds.count + 1)))
  }

  var counts: Counts { state.withLock { $0 } }

  public func observe(_ duration: Duration) {
    let (whole, attoseconds) = duration.components
    let seconds = Double(whole) + Double(attoseconds) / 1e18
    var bucket = 0
    while bucket < bounds.count, seconds > bounds[bucket] { bucket += 1 }
    state.withLock { counts in
      counts.buckets[bucket] += 1
      counts.sum += seconds
    }
  }
}
