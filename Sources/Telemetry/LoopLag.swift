public import EventLoop

/// Measures how late the event loop is: while it is busy or the process is stopped, everything in it waits so long.
@LoopActor
public final class LoopLag {
  private static let interval = Duration.milliseconds(500)

  private let histogram: MetricHistogram
  private var expected = ContinuousClock.now
  private lazy var timer = LoopTimer { [weak self] in self?.fired() }

  public init(_ metrics: Metrics) {
    metrics.describe(
      "sevk_event_loop_lag_seconds", "histogram",
      "How late a timer of the event loop was, looked at every 500 ms; up to 2 ms is the timer's own precision")
    histogram = metrics.histogram("sevk_event_loop_lag_seconds")
  }

  public func start() {
    expected = ContinuousClock.now + Self.interval
    timer.start(after: Self.interval)
  }

  public func stop() { timer.stop() }

  private func fired() {
    histogram.observe(max(ContinuousClock.now - expected, .zero))
    start()
  }
}
