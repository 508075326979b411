import EventLoop
import Glibc

/// A terminal that a command draws on, on its second screen, and gives back as it was.
@LoopActor
final class TerminalScreen {
  /// Whether `q` was typed or the process was asked to end.
  private(set) var isEnding = false
  /// Signalled when that happens, the size changes, or the process was stopped and goes on.
  let redraw = LoopEvent()

  private var keyboard: LoopKeyboard?
  private var signals: [LoopSignal] = []

  private static let controlD: UInt8 = 4
  private static let take = "\u{1B}[?1049h\u{1B}[?25l"
  private static let giveBack = "\u{1B}[?25h\u{1B}[?1049l"

  init() {
    signals =
      [SIGINT, SIGTERM, SIGHUP].map { number in LoopSignal(number) { [weak self] in self?.end() } }
      + [SIGWINCH, SIGCONT].map { number in LoopSignal(number) { [weak self] in self?.takeAgain() } }
      + [LoopSignal(SIGTSTP) { [weak self] in self?.stop() }]
    keyboard = LoopKeyboard { [weak self] key in
      if [UInt8(ascii: "q"), UInt8(ascii: "Q"), Self.controlD].contains(key) { self?.end() }
    }
    Self.write(Self.take)
  }

  private func end() {
    isEnding = true
    redraw.signal()
  }

  /// Ctrl-Z: the shell gets its terminal as it was.
  private func stop() {
    keyboard?.giveBack()
    Self.write(Self.giveBack)
    kill(getpid(), SIGSTOP)
  }

  private func takeAgain() {
    keyboard?.take()
    Self.write(Self.take)
    redraw.signal()
  }

  /// Draws the lines from the top, and nothing else.
  func draw(_ lines: [String]) {
    let body = lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
    Self.write("\u{1B}[H" + body + "\u{1B}[J")
  }

  /// Gives the terminal back.
  func close() {
    keyboard?.close()
    signals = []
    Self.write(Self.giveBack)
  }

  private static func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(1, rest.baseAddress, rest.count)
        guard count > 0 else { return }
        rest = .init(rebasing: rest.dropFirst(count))
      }
    }
  }
}
