import CommandLine

extension PageModel {
  /// Figures over time, as bars that stand on each other.
  struct Chart: Sendable {
    struct Series: Sendable {
      var name: String
      var tone: Tone
      /// One for each step.
      var values: [Int]
    }

    var id: String
    var caption: String
    /// RFC 3339: where the first step begins, and where the last one ends.
    var from: String
    var to: String
    /// Such as `jobs a minute`.
    var unit: String
    /// From the ground up.
    var series: [Series]

    var steps: Int { series.map(\.values.count).max() ?? 0 }
    var total: Int { series.reduce(0) { $0 + $1.values.reduce(0, +) } }
    /// The highest bar.
    var most: Int {
      (0..<steps).map { step in series.reduce(0) { $0 + ($1.values.indices.contains(step) ? $1.values[step] : 0) } }
        .max() ?? 0
    }
  }
}

extension HTML {
  private static let (width, height) = (600, 120)

  static func charts(_ charts: [PageModel.Chart]) -> String {
    charts.isEmpty ? "" : "<div class=\"charts\">\n\(charts.map(chart).joined())</div>\n"
  }

  /// Server-rendered: it needs no script, and the sums stand beside it as text for who sees no picture.
  private static func chart(_ chart: PageModel.Chart) -> String {
    let most = max(1, chart.most)
    let steps = max(1, chart.steps)
    let step = Double(width) / Double(steps)
    var bars = ""
    for index in 0..<steps {
      var ground = 0
      for series in chart.series {
        let value = series.values.indices.contains(index) ? series.values[index] : 0
        guard value > 0 else { continue }
        let (low, high) = (scaled(ground, most), scaled(ground + value, most))
        bars +=
          #"<rect x="\#(short(Double(index) * step))" y="\#(short(Double(height) - high))" width="\#(short(max(1, step - 1)))" height="\#(short(max(1, high - low)))" class="\#(series.tone.rawValue)"/>"#
        ground += value
      }
    }
    let sums = chart.series.map {
      #"<li><span class="key \#($0.tone.rawValue)" aria-hidden="true"></span>\#(escape($0.name)): \#($0.values.reduce(0, +))</li>"#
    }.joined()
    let told =
      "\(chart.caption): \(chart.series.map { "\($0.values.reduce(0, +)) \($0.name)" }.joined(separator: ", "))"
    return """
      <figure class="card chart" id="\(escape(chart.id))"><figcaption><h2>\(escape(chart.caption))</h2>
      <p class="note">\(time(chart.from, isInText: true)) – \(time(chart.to, isInText: true)), at most \(chart.most) \(escape(chart.unit))</p></figcaption>
      <svg viewBox="0 0 \(width) \(height)" preserveAspectRatio="none" role="img" aria-label="\(escape(told))">\
      <line x1="0" y1="\(height)" x2="\(width)" y2="\(height)"/>\(bars)</svg>
      <ul class="keys">\(sums)</ul></figure>

      """
  }

  private static func scaled(_ value: Int, _ most: Int) -> Double { Double(value) * Double(height) / Double(most) }

  /// One decimal.
  private static func short(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
