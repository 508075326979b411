import CommandLine

/// Figures as people read them.
enum Words {
  static func ago(_ duration: Duration?) -> String { duration.map { ", \($0.inRoughWords) ago" } ?? "" }

  /// One decimal below ten.
  static func rate(_ perSecond: Double) -> String {
    perSecond >= 10 || perSecond < 0.05 ? "\(Int(perSecond.rounded()))" : "\((perSecond * 10).rounded() / 10)"
  }
}
