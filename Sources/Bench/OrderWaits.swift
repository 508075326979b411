/// What an order waits for between the post and the answer of its provider, one after the other, in milliseconds.
struct OrderWaits: Encodable {
  struct Wait: Encodable {
    let name: String
    let figures: LatencyFigures
    /// The share of orders that waited so long, by the upper bound in milliseconds; what is longer than the last is left.
    let shares: [Double]
  }

  /// Upper bounds of the histogram, in milliseconds.
  static let boundsMs = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64]

  let boundsMs: [Double]
  let waits: [Wait]

  /// - Parameter samples: by what was waited for, in the order of an order's way.
  init(_ samples: [(name: String, milliseconds: [Double])]) {
    boundsMs = Self.boundsMs
    waits = samples.map { name, milliseconds in
      var counts = [Int](repeating: 0, count: Self.boundsMs.count)
      for wait in milliseconds {
        if let bucket = Self.boundsMs.firstIndex(where: { wait <= $0 }) { counts[bucket] += 1 }
      }
      return Wait(
        name: name, figures: LatencyFigures([Latencies(milliseconds)]),
        shares: counts.map { Double($0) / Double(max(milliseconds.count, 1)) })
    }
  }

  /// One order's waits, by its spans; nil when one is missing.
  ///
  /// - Parameters:
  ///   - posted: when its post was to begin, and `atPanel`: when the panel had the send; milliseconds of Unix time.
  static func of(_ spans: [SpanReader.Span], posted: Double, atPanel: Double) -> [(name: String, milliseconds: Double)]?
  {
    guard let intake = spans.first(where: { $0.kind == 2 }), let call = spans.first(where: { $0.kind == 3 }),
      let job = spans.first(where: { $0.kind == 5 && $0.number("sevk.job.intended_us") != nil }),
      let read = job.number("sevk.job.read_us"), let allowed = job.number("sevk.job.allowed_us"),
      let intended = job.number("sevk.job.intended_us")
    else { return nil }
    return [
      ("post → dispatcher", intake.begun - posted), ("its batch and commit", intake.ended - intake.begun),
      ("committed → claimed", job.begun - intake.ended), ("order read", read / 1000),
      ("gate's permit", (allowed - read) / 1000), ("the intent's batch and commit", (intended - allowed) / 1000),
      ("connect, send → provider", atPanel - job.begun - intended / 1000), ("provider → answer", call.ended - atPanel),
      ("answer noted", job.ended - call.ended),
    ].map { ($0.0, max($0.1, 0)) }
  }

  func show() {
    guard !waits.isEmpty else { return }
    Output.line(
      "what an order waits for, measured by its spans in a round of its own; share of the orders up to so many ms:")
    Output.table(
      [["", "p50", "p99", "max"] + boundsMs.map { "≤ \($0.short)" } + ["more"]]
        + waits.map { wait in
          [
            wait.name, wait.figures.p50Ms?.median.short ?? "–", wait.figures.p99Ms?.median.short ?? "–",
            wait.figures.maxMs?.median.short ?? "–",
          ] + (wait.shares + [max(1 - wait.shares.reduce(0, +), 0)]).map { $0 < 0.0005 ? "·" : ($0 * 100).short }
        })
  }
}
