import Seeded
import Telemetry
import Testing

@Suite struct MetricsTests {
  @Test func countersAndGauges() {
    let metrics = Metrics()
    metrics.describe("jobs_total", "counter", "Jobs")
    metrics.add("jobs_total", ["queue": "check"])
    metrics.add("jobs_total", ["queue": "check"], by: 2)
    metrics.add("jobs_total", ["queue": "a\"b\\c\nd"], by: 0.5)
    metrics.set("depth", to: 7)
    metrics.set("depth", to: 3)
    let text = metrics.render()
    #expect(
      text == """
        depth 3
        # HELP jobs_total Jobs
        # TYPE jobs_total counter
        jobs_total{queue="a\\"b\\\\c d"} 0.5
        jobs_total{queue="check"} 3

        """)
    #expect(metrics.total("jobs_total") == 3.5)
    #expect(metrics.total("nothing") == 0)
  }

  @Test func aKeptSeriesIsTheSameAsOneThatIsNamed() {
    let metrics = Metrics()
    metrics.describe("sends_total", "counter", "Sends")
    let sample = metrics.sample("sends_total", ["to": "panel"])
    #expect(metrics.render().contains("sends_total{to=\"panel\"} 0\n"), "shown before the first")
    sample.add()
    metrics.add("sends_total", ["to": "panel"], by: 2)
    #expect(sample.value == 3 && metrics.total("sends_total") == 3)
    metrics.set("depth", ["of": "line\r\nbreak"], to: 1)
    #expect(metrics.render().contains("depth{of=\"line  break\"} 1\n"))
    metrics.removeAll(of: "depth")
    #expect(!metrics.render().contains("depth"))
    metrics.set("depth", to: 2)
    #expect(metrics.render().contains("depth 2\n"))
  }

  @Test func aHistogramHasBoundsOfItsOwn() {
    let metrics = Metrics()
    let took = metrics.histogram("took_seconds", bounds: MetricHistogram.orderBounds)
    for seconds in [0.05, 0.06, 3600, 86_400, 90_000] { took.observe(.seconds(seconds)) }
    let text = metrics.render()
    for (bound, count) in [("0.05", 1), ("0.1", 2), ("1800.0", 2), ("3600.0", 3), ("86400.0", 4), ("+Inf", 5)] {
      #expect(text.contains("took_seconds_bucket{le=\"\(bound)\"} \(count)\n"), "\(bound): \(text)")
    }
    // Whoever asks for the series again gets it, whatever bounds it names.
    metrics.observe("took_seconds", [:], .zero)
    #expect(metrics.render().contains("took_seconds_count 6\n"))
  }

  @Test func histogramsAreCumulative() throws {
    let metrics = Metrics()
    metrics.describe("took_seconds", "histogram", "How long")
    for duration in [Duration.zero, .milliseconds(1), .microseconds(1001), .seconds(1), .seconds(3600)] {
      metrics.observe("took_seconds", ["kind": "x"], duration)
    }
    let lines = metrics.render().split(separator: "\n").map(String.init)
    let buckets = lines.filter { $0.hasPrefix("took_seconds_bucket") }
    func count(_ bound: String) throws -> Int {
      let line = try #require(buckets.first { $0.contains("{kind=\"x\",le=\"\(bound)\"}") }, "\(bound)")
      return try #require(Int(line.split(separator: " ").last ?? ""))
    }
    #expect(try count("0.0001") == 1)
    #expect(try count("0.001") == 2, "a bound is part of its bucket")
    #expect(try count("0.0025") == 3)
    #expect(try count("1.0") == 4)
    #expect(try count("60.0") == 4)
    #expect(try count("+Inf") == 5)
    let counts = buckets.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
    #expect(counts == counts.sorted() && counts.count == buckets.count)
    #expect(buckets.last?.contains("+Inf") == true)
    #expect(lines.contains("took_seconds_count{kind=\"x\"} 5"))
    #expect(lines.contains { $0.hasPrefix("took_seconds_sum{kind=\"x\"} 3601.00") })
    #expect(lines.filter { $0.hasPrefix("# TYPE took_seconds ") } == ["# TYPE took_seconds histogram"])
  }

  /// Every line is what Prometheus reads: a comment, or a name, labels and a number.
  @Test func everyLineParses() throws {
    let metrics = Metrics()
    var random = SeededGenerator(seed: 3)
    let alphabet = Array("ab\"\\\n{},= ğ")
    for _ in 0..<500 {
      let label = String((0..<6).map { _ in alphabet.randomElement(using: &random) ?? "a" })
      metrics.add("c_total", ["l": label, "m": ""], by: Double.random(in: 0...1e20, using: &random))
      metrics.set("g", ["l": label], to: Double.random(in: -1e-9...1e-9, using: &random))
      metrics.observe("h_seconds", ["l": label], .microseconds(Int.random(in: 0...100_000_000, using: &random)))
    }
    let text = metrics.render()
    #expect(text.hasSuffix("\n") && !text.contains("\n\n"))
    for line in text.split(separator: "\n") {
      #expect(try Self.sample.wholeMatch(in: String(line)) != nil, "\(line)")
    }
  }

  nonisolated(unsafe) private static let sample =
    /[a-z_]+(\{([a-z]+="([^"\\\n]|\\\\|\\"|\\n)*",?)*\})? -?[0-9.]+(e[+-]?[0-9]+)?/
}
