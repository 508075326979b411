import EventLoop

/// Slows down who tries tokens: an address that failed too often must wait.
@LoopActor
final class LoginLimit {
  static let failuresMax = 10
  static let window = Duration.seconds(60)
  /// Above this, the failures of all addresses count together.
  private static let addressesMax = 1000

  private var failures: [String: [ContinuousClock.Instant]] = [:]

  func isOver(_ address: String) -> Bool { recent(address).count >= Self.failuresMax }

  func noteFailure(_ address: String) {
    let since = ContinuousClock.now - Self.window
    failures = failures.filter { $0.value.contains { $0 > since } }
    failures[slot(address), default: []] = recent(address) + [.now]
  }

  private func recent(_ address: String) -> [ContinuousClock.Instant] {
    let since = ContinuousClock.now - Self.window
    return failures[slot(address), default: []].filter { $0 > since }
  }

  private func slot(_ address: String) -> String {
    failures[address] == nil && failures.count >= Self.addressesMax ? "" : address
  }
}
