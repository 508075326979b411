import EventLoop

/// The memory for the bodies of requests that a server has together.
@LoopActor
final class BodyBudget {
  private let bytesMax: Int
  private var bytes = 0

  nonisolated init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// - Returns: false when there is no room for so many more.
  func take(_ count: Int) -> Bool {
    guard bytes + count <= bytesMax else { return false }
    bytes += count
    return true
  }

  func giveBack(_ count: Int) { bytes -= count }
}
