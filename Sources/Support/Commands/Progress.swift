import EventLoop
import Glibc

/// Tells on the standard error how far something is that takes long: on a terminal in one line that changes, else in a
/// line now and then.
@LoopActor
final class Progress {
  private let what: String
  private let isTerminal = isatty(2) == 1
  private var shownAt = ContinuousClock.now
  private var hasLine = false
  private static let terminalPause = Duration.milliseconds(300)
  private static let filePause = Duration.seconds(5)

  /// - Parameter what: such as `removed`.
  init(_ what: String) { self.what = what }

  /// - Parameter all: nil where nobody knows.
  func show(_ done: Int, of all: Int? = nil) {
    let now = ContinuousClock.now
    guard now - shownAt >= (isTerminal ? Self.terminalPause : Self.filePause) else { return }
    shownAt = now
    hasLine = isTerminal
    write("\(isTerminal ? "\r" : "")\(what) \(done)\(all.map { " of \($0)" } ?? "")\(isTerminal ? "\u{1B}[K" : "\n")")
  }

  /// Leaves nothing behind on a terminal.
  func end() {
    if hasLine { write("\r\u{1B}[K") }
    hasLine = false
  }

  private func write(_ text: String) {
    var text = text
    _ = text.withUTF8 { Glibc.write(2, $0.baseAddress, $0.count) }
  }
}
