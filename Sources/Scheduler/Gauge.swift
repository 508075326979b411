/// One value of something that all processes share, as it was a moment ago.
struct Gauge: Sendable {
  let name: String
  let labels: KeyValuePairs<String, String>
  let value: Double

  init(_ name: String, _ labels: KeyValuePairs<String, String>, _ value: Double) {
    self.name = name
    self.labels = labels
    self.value = value
  }

  init(_ name: String, _ labels: KeyValuePairs<String, String>, _ value: Int) {
    self.init(name, labels, Double(value))
  }

  /// In seconds; 0 for nil.
  init(_ name: String, _ labels: KeyValuePairs<String, String>, _ duration: Duration?) {
    let (seconds, attoseconds) = (duration ?? .zero).components
    self.init(name, labels, max(0, Double(seconds) + Double(attoseconds) / 1e18))
  }
}
