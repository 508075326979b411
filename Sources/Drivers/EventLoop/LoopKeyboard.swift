internal import CUV
internal import Glibc

/// Reads keys from the terminal on the standard input as they are typed, unseen; signals such as Ctrl-C stay signals.
@LoopActor
public final class LoopKeyboard {
  private var saved: termios
  private var poll: LoopPoll?
  private let action: @LoopActor (UInt8) -> Void

  /// nil when the standard input is no terminal.
  public init?(_ action: @escaping @LoopActor (UInt8) -> Void) {
    saved = termios()
    self.action = action
    guard isatty(0) == 1, tcgetattr(0, &saved) == 0 else { return nil }
    poll = LoopPoll(descriptor: 0) { [weak self] _ in self?.read() }
    poll?.start(.readable)
    take()
  }

  /// Takes the terminal again after the process was stopped for a while.
  public func take() {
    // From the background this would stop the process.
    guard tcgetpgrp(0) == getpgrp() else { return }
    var settings = saved
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    tcsetattr(0, TCSANOW, &settings)
  }

  /// Gives the terminal back as it was, until it is taken again.
  public func giveBack() { tcsetattr(0, TCSANOW, &saved) }

  /// Gives the terminal back and reads no more.
  public func close() {
    poll?.stop()
    poll = nil
    giveBack()
  }

  private func read() {
    var keys = [UInt8](repeating: 0, count: 64)
    let count = Glibc.read(0, &keys, keys.count)
    // The end of the input, or an error: nobody can type any more.
    guard count > 0 else { return poll?.stop() ?? () }
    for key in keys.prefix(count) { action(key) }
  }
}
