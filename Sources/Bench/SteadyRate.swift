/// How many orders a second a system fulfils while it has all its work at once.
///
/// An order takes some seconds in which nothing is done for it: until it is asked about, and until it is asked again. So at the
/// beginning of a run no questions are due, and at its end no orders come, and a run that is divided by all of its time
/// says less of a system the longer its pauses are. What the first order took is left out at both ends; of what is left, the
/// lesser of what came in and what was fulfilled counts.
enum SteadyRate {
  /// - Parameters:
  ///   - fulfilled: when each order was, in milliseconds since the first was posted.
  ///   - posted: when each post was answered; nil where nobody knows.
  /// - Returns: nil when the run was too short to tell: less than what the first order took is left.
  static func perSecond(fulfilled: [Int64], posted: [Int64]?) -> Double? {
    guard let first = fulfilled.min(), let last = fulfilled.max(), first > 0, last - 3 * first > 0 else { return nil }
    let window = first...(last - first)
    func rate(_ times: [Int64]) -> Double {
      Double(times.count { window.contains($0) }) / Double(window.upperBound - window.lowerBound) * 1000
    }
    return min(rate(fulfilled), posted.map(rate) ?? .infinity)
  }
}
