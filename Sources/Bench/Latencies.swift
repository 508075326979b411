/// How long something took, of all the times that it happened in one round.
struct Latencies {
  private let sorted: [Double]

  /// - Parameter milliseconds: every single one, measured from when it should have begun, so that a stall of the measured
  ///   system, or of who measures, is not left out.
  init(_ milliseconds: [Double]) { sorted = milliseconds.sorted() }

  var count: Int { sorted.count }
  var max: Double { sorted.last ?? 0 }

  /// The least latency that `share` of all don't exceed.
  func percentile(_ share: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    let rank = Int((share * Double(sorted.count)).rounded(.up)) - 1
    return sorted[Swift.min(Swift.max(rank, 0), sorted.count - 1)]
  }
}

/// The same over several rounds.
struct LatencyFigures: Encodable {
  /// In each round.
  let samples: Int
  let p50Ms: Figures?
  let p99Ms: Figures?
  let p999Ms: Figures?
  let maxMs: Figures?

  init(_ rounds: [Latencies]) {
    samples = rounds.map(\.count).min() ?? 0
    p50Ms = Figures(rounds.map { $0.percentile(0.5) })
    p99Ms = Figures(rounds.map { $0.percentile(0.99) })
    p999Ms = Figures(rounds.map { $0.percentile(0.999) })
    maxMs = Figures(rounds.map(\.max))
  }

  /// A row of a table: each figure as the median of the rounds, and the rounds' extremes of the 99th percentile.
  func row(_ name: String) -> [String] {
    [
      name, "\(samples)", p50Ms?.median.short ?? "–", p99Ms?.median.short ?? "–", p99Ms?.min.short ?? "–",
      p99Ms?.max.short ?? "–", p999Ms?.median.short ?? "–", maxMs?.max.short ?? "–",
    ]
  }

  static let header = ["ms", "samples", "p50", "p99", "p99 min", "p99 max", "p99.9", "max"]
}
