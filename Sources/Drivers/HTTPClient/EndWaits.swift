import EventLoop

/// Requests whose whole answer is there and whose server has not closed the connection: one timer for all.
@LoopActor
final class EndWaits {
  /// How long a whole answer waits for the server to close the connection.
  private static let waitMax: UInt64 = 1000
  /// Between two looks.
  private static let pause: UInt64 = 50

  private struct Entry {
    let at: UInt64
    let request: UInt64
    let easy: UnsafeMutableRawPointer
  }

  /// In the order in which their waits end.
  private var entries: [Entry] = []
  private var isStarted = false
  private let end: @LoopActor (_ easy: UnsafeMutableRawPointer, _ request: UInt64) -> Void
  private lazy var timer = LoopTimer { [weak self] in self?.look() }

  /// - Parameter end: told of each whose wait is over, also where the request has ended meanwhile.
  init(_ end: @escaping @LoopActor (_ easy: UnsafeMutableRawPointer, _ request: UInt64) -> Void) { self.end = end }

  /// - Parameter request: its number, since handles are used again.
  func add(_ easy: UnsafeMutableRawPointer, _ request: UInt64) {
    entries.append(Entry(at: EventLoop.shared.nowMilliseconds + Self.waitMax, request: request, easy: easy))
    guard !isStarted else { return }
    isStarted = true
    timer.start(after: .milliseconds(Self.waitMax))
  }

  private func look() {
    isStarted = false
    let now = EventLoop.shared.nowMilliseconds
    let over = entries.prefix { $0.at <= now }
    entries.removeFirst(over.count)
    if let first = entries.first {
      isStarted = true
      timer.start(after: .milliseconds(max(first.at - now, Self.pause)))
    }
    for entry in over { end(entry.easy, entry.request) }
  }

  func close() {
    entries = []
    if isStarted { timer.stop() }
    isStarted = false
  }
}
