public import Orders

/// Counts the moves of orders that this process wrote.
public final class OrderMoves {
  private let metrics: Metrics
  /// By the number of the move; most are never made.
  private var samples: [MetricSample?]

  public init(_ metrics: Metrics) {
    self.metrics = metrics
    samples = Array(repeating: nil, count: (Status.allCases.count + 1) * Status.allCases.count)
    metrics.describe(
      "sevk_order_transitions_total", "counter",
      "Moves of orders that this process wrote; from none when recorded; without those by worker order")
  }

  /// - Parameter from: nil when the order was just recorded.
  public func count(from: Status?, to: Status) {
    let index = (from.map { $0.number + 1 } ?? 0) * Status.allCases.count + to.number
    if let sample = samples[index] { return sample.add() }
    let sample = metrics.sample(
      "sevk_order_transitions_total", ["from": from?.rawValue ?? "none", "to": to.rawValue])
    samples[index] = sample
    sample.add()
  }
}

extension Status {
  fileprivate var number: Int {
    switch self {
    case .pending: 0
    case .sending: 1
    case .sent: 2
    case .unresolved: 3
    case .held: 4
    case .completed: 5
    case .failed: 6
    case .cancelled: 7
    }
  }
}
