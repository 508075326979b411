public import Orders

/// Counts the moves of orders that this process wrote.
public final class OrderMoves {
  private struct Move: Hashable {
    /// nil when the order was just recorded.
    let from: Status?
    let to: Status
  }

  private let metrics: Metrics
  /// Most moves are never made.
  private var samples: [Move: MetricSample] = [:]

  public init(_ metrics: Metrics) {
    self.metrics = metrics
    metrics.describe(
      "sevk_order_transitions_total", "counter",
      "Moves of orders that this process wrote; from none when recorded; without those by worker order")
  }

  /// - Parameter from: nil when the order was just recorded.
  public func count(from: Status?, to: Status) {
    let move = Move(from: from, to: to)
    if let sample = samples[move] { return sample.add() }
    let sample = metrics.sample(
      "sevk_order_transitions_total", ["from": from?.rawValue ?? "none", "to": to.rawValue])
    samples[move] = sample
    sample.add()
  }
}
