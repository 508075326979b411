/// What several rounds measured of one thing.
struct Figures: Encodable, Sendable {
  let median: Double
  let min: Double
  let max: Double

  /// nil without a round.
  init?(_ rounds: [Double]) {
    let sorted = rounds.map(\.fourDigits).sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let middle = sorted.count / 2
    median =
      sorted.count.isMultiple(of: 2) ? ((sorted[middle - 1] + sorted[middle]) / 2).fourDigits : sorted[middle]
    min = first
    max = last
  }

  /// From the least to the greatest, as a share of the median: how far the rounds disagree.
  var spread: Double { median > 0 ? (max - min) / median : 0 }
}
