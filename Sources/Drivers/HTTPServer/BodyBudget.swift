import EventLoop

/// The memory for the bodies of requests that a server has together, and of it what one caller may take.
@LoopActor
final class BodyBudget {
  private let bytesMax: Int
  private let shareBytesMax: Int
  private var bytes = 0
  /// What each caller has, by the name that its admission gave.
  private var shares: [String: Int] = [:]

  nonisolated init(bytesMax: Int, shareBytesMax: Int) {
    self.bytesMax = bytesMax
    self.shareBytesMax = shareBytesMax
  }

  /// - Parameter share: whose; nil where nobody said.
  /// - Returns: false when there is no room for so many more.
  func take(_ count: Int, of share: String?) -> Bool {
    guard bytes + count <= bytesMax else { return false }
    if let share {
      let taken = shares[share, default: 0] + count
      guard taken <= shareBytesMax else { return false }
      shares[share] = taken
    }
    bytes += count
    return true
  }

  func giveBack(_ count: Int, of share: String?) {
    guard count > 0 else { return }
    bytes -= count
    guard let share, let taken = shares[share] else { return }
    shares[share] = taken > count ? taken - count : nil
  }
}
