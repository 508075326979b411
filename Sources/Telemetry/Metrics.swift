import Synchronization

/// Counters, gauges and histograms in Prometheus' text format.
///
/// Labels are few and known beforehand: never an order, a job, or a text that somebody outside chose.
public final class Metrics: Sendable {
  fileprivate enum Series {
    case number(MetricSample)
    case histogram(MetricHistogram)
  }
  private struct Family {
    var type = "untyped"
    /// nil until it is described.
    var help: String?
    /// By labels, as they are printed.
    var series: [String: Series] = [:]
  }

  private let families = Mutex<[String: Family]>([:])

  public init() {}

  /// Says what a metric means; shown as its HELP line. `ops/METRICS.md` has a row for each.
  public func describe(_ name: String, _ type: String, _ text: String) {
    families.withLock { families in
      families[name, default: Family()].type = type
      families[name, default: Family()].help = text
    }
  }

  // MARK: Series

  /// One series of a counter or gauge; it is 0 until something is added, and shown from now on.
  public func sample(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> MetricSample {
    let labels = Self.text(labels)
    return families.withLock { families in
      if case .number(let known)? = families[name]?.series[labels] { return known }
      let new = MetricSample()
      families[name, default: Family()].series[labels] = .number(new)
      return new
    }
  }

  /// One series of a histogram.
  ///
  /// - Parameter bounds: of its buckets, in seconds; those of a series that is there already stay.
  public func histogram(
    _ name: String, _ labels: KeyValuePairs<String, String> = [:], bounds: [Double] = MetricHistogram.callBounds
  ) -> MetricHistogram {
    let labels = Self.text(labels)
    return families.withLock { families in
      if case .histogram(let known)? = families[name]?.series[labels] { return known }
      let new = MetricHistogram(bounds: bounds)
      families[name, default: Family()].series[labels] = .histogram(new)
      return new
    }
  }

  /// Adds to a counter.
  public func add(_ name: String, _ labels: KeyValuePairs<String, String> = [:], by amount: Double = 1) {
    sample(name, labels).add(amount)
  }

  /// Sets a gauge.
  public func set(_ name: String, _ labels: KeyValuePairs<String, String> = [:], to value: Double) {
    sample(name, labels).set(to: value)
  }

  /// Adds to a histogram of seconds.
  public func observe(_ name: String, _ labels: KeyValuePairs<String, String> = [:], _ duration: Duration) {
    histogram(name, labels).observe(duration)
  }

  /// Forgets every series of a metric: better none than one that is no longer true.
  public func removeAll(of name: String) {
    families.withLock { $0[name]?.series = [:] }
  }

  /// The sum of a counter over all its labels; for `inspect stats`.
  public func total(_ name: String) -> Double {
    families.withLock { families in
      (families[name]?.series.values).map { $0.reduce(0) { $0 + $1.number } } ?? 0
    }
  }

  // MARK: Text

  /// The text that Prometheus scrapes.
  public func render() -> String {
    let families = families.withLock { $0 }
    var lines: [String] = []
    for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
      if let help = family.help { lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(family.type)"] }
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
        switch series {
        case .number(let sample): lines.append("\(name)\(Self.braces(labels)) \(Self.number(sample.value))")
        case .histogram(let histogram): lines += Self.lines(name, labels, histogram)
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ name: String, _ labels: String, _ histogram: MetricHistogram) -> [String] {
    let counts = histogram.counts
    var lines: [String] = []
    var total = 0
    let comma = labels.isEmpty ? "" : ","
    for (bound, count) in zip(histogram.bounds.map { "\($0)" } + ["+Inf"], counts.buckets) {
      total += count
      lines.append("\(name)_bucket{\(labels)\(comma)le=\"\(bound)\"} \(total)")
    }
    lines.append("\(name)_sum\(braces(labels)) \(counts.sum)")
    lines.append("\(name)_count\(braces(labels)) \(total)")
    return lines
  }

  private static func text(_ labels: KeyValuePairs<String, String>) -> String {
    guard !labels.isEmpty else { return "" }
    // Bytes: this is looked up for each request and each call.
    var text: [UInt8] = []
    text.reserveCapacity(96)
    for (name, value) in labels {
      if !text.isEmpty { text.append(UInt8(ascii: ",")) }
      text.append(contentsOf: name.utf8)
      text.append(UInt8(ascii: "="))
      text.append(UInt8(ascii: "\""))
      if value.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 < 32 }) {
        text.append(contentsOf: escaped(value).utf8)
      } else {
        text.append(contentsOf: value.utf8)
      }
      text.append(UInt8(ascii: "\""))
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// By scalars, since a carriage return and a line feed are one `Character`.
  private static func escaped(_ value: String) -> String {
    var text = String.UnicodeScalarView()
    for scalar in value.unicodeScalars {
      if scalar == "\\" || scalar == "\"" { text.append("\\") }
      text.append(scalar.value < 32 ? " " : scalar)
    }
    return String(text)
  }

  private static func braces(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }
  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }
}

extension Metrics.Series {
  fileprivate var number: Double { if case .number(let sample) = self { sample.value } else { 0 } }
}
