import Synchronization

/// Counters, gauges and histograms in Prometheus' text format.
public final class Metrics: Sendable {
  private struct Series: Hashable {
    let name: String
    let labels: String
  }
  private struct Histogram {
    var buckets: [Int]
    var count = 0
    var sum = 0.0
  }
  private struct State {
    var help: [String: (type: String, text: String)] = [:]
    var values: [Series: Double] = [:]
    var histograms: [Series: Histogram] = [:]
  }

  /// Upper bounds in seconds: from a tenth of a millisecond to a minute.
  static let bounds: [Double] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]

  private let state = Mutex(State())

  public init() {}

  /// Says what a metric means; shown as its HELP line.
  public func describe(_ name: String, _ type: String, _ text: String) {
    state.withLock { $0.help[name] = (type, text) }
  }

  /// Adds to a counter.
  public func add(_ name: String, _ labels: KeyValuePairs<String, String> = [:], by amount: Double = 1) {
    let series = Series(name: name, labels: Self.text(labels))
    state.withLock { $0.values[series, default: 0] += amount }
  }

  /// Sets a gauge.
  public func set(_ name: String, _ labels: KeyValuePairs<String, String> = [:], to value: Double) {
    let series = Series(name: name, labels: Self.text(labels))
    state.withLock { $0.values[series] = value }
  }

  /// Adds to a histogram of seconds.
  public func observe(_ name: String, _ labels: KeyValuePairs<String, String> = [:], _ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let value = Double(seconds) + Double(attoseconds) / 1e18
    let series = Series(name: name, labels: Self.text(labels))
    let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
    state.withLock { state in
      var histogram =
        state.histograms[series] ?? Histogram(buckets: [Int](repeating: 0, count: Self.bounds.count + 1))
      histogram.buckets[bucket] += 1
      histogram.count += 1
      histogram.sum += value
      state.histograms[series] = histogram
    }
  }

  /// The text that Prometheus scrapes.
  public func render() -> String {
    let state = state.withLock { $0 }
    var lines: [String] = []
    let names = Set(state.values.keys.map(\.name)).union(state.histograms.keys.map(\.name)).sorted()
    for name in names {
      if let (type, text) = state.help[name] { lines += ["# HELP \(name) \(text)", "# TYPE \(name) \(type)"] }
      for (series, value) in state.values.filter({ $0.key.name == name }).sorted(by: { $0.key.labels < $1.key.labels })
      {
        lines.append("\(name)\(Self.braces(series.labels)) \(Self.number(value))")
      }
      for (series, histogram) in state.histograms.filter({ $0.key.name == name })
        .sorted(by: { $0.key.labels < $1.key.labels })
      {
        var total = 0
        let comma = series.labels.isEmpty ? "" : ","
        for (bound, count) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], histogram.buckets) {
          total += count
          lines.append("\(name)_bucket{\(series.labels)\(comma)le=\"\(bound)\"} \(total)")
        }
        lines.append("\(name)_sum\(Self.braces(series.labels)) \(histogram.sum)")
        lines.append("\(name)_count\(Self.braces(series.labels)) \(histogram.count)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The sum of a counter over all its labels; for `inspect stats`.
  public func total(_ name: String) -> Double {
    state.withLock { $0.values.reduce(0) { $1.key.name == name ? $0 + $1.value : $0 } }
  }

  /// Made for each count, several times a job, so without a search for what is hardly ever there.
  private static func text(_ labels: KeyValuePairs<String, String>) -> String {
    var text = ""
    text.reserveCapacity(64)
    for (name, value) in labels {
      if !text.isEmpty { text += "," }
      text += name
      text += "=\""
      if value.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == 10 }) {
        text += value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: " ")
      } else {
        text += value
      }
      text += "\""
    }
    return text
  }

  private static func braces(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }
  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }
}
