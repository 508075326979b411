import Glibc

/// Where text goes that a command prints.
public struct TextOutput: Sendable {
  public var isTerminal: Bool
  /// Of the terminal now; nil when it is none or does not say.
  public var columns: Int?
  public var rows: Int?

  public init(isTerminal: Bool, columns: Int? = nil, rows: Int? = nil) {
    self.isTerminal = isTerminal
    self.columns = columns
    self.rows = rows
  }

  /// No terminal.
  public static let plain = TextOutput(isTerminal: false)

  /// The standard output as it is at this moment.
  public static var standard: TextOutput {
    guard isatty(1) == 1 else { return plain }
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return TextOutput(isTerminal: true) }
    return TextOutput(isTerminal: true, columns: Int(size.ws_col), rows: Int(size.ws_row))
  }
}
