/// How this version compares with another one that was measured by turns with it.
struct VersionRatio: Encodable {
  /// Of what.
  let name: String
  /// This version's figure divided by the other's, of each pair of rounds.
  let ratio: Figures

  /// - Parameters:
  ///   - own, other: in the order of the rounds.
  /// - Returns: nil where there is nothing to divide by.
  init?(_ name: String, _ own: [Double], _ other: [Double]) {
    let ratios = zip(own, other).compactMap { $1 > 0 ? $0 / $1 : nil }
    guard let ratio = Figures(ratios), ratios.contains(where: { $0 > 0 }) else { return nil }
    self.name = name
    self.ratio = ratio
  }

  static func show(_ ratios: [VersionRatio]) {
    guard !ratios.isEmpty else { return }
    Output.table(
      [["this version / the other", "median", "min", "max"]]
        + ratios.map { [$0.name, $0.ratio.median.short, $0.ratio.min.short, $0.ratio.max.short] })
  }
}
