public import CommandLine
import Glibc
import Orders
import Synchronization

/// How much a log line matters.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
  case debug, info, warning, error
  public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }
  fileprivate var rank: Int {
    switch self {
    case .debug: 0
    case .info: 1
    case .warning: 2
    case .error: 3
    }
  }
}

/// One line an event to standard error: JSON for machines, or readable text. Values are the caller's responsibility:
/// never a credential, a token or a PIN (those types print as dots).
public struct Log: Sendable {
  public enum Format: String, Sendable { case text, json }

  /// The rank of the least level that is written; of all logs of the process, as is its switch.
  private static let threshold = Atomic<Int>(LogLevel.info.rank)
  private static let configured = Mutex(LogLevel.info)
  private let format: Format
  private let program: String

  public init(program: String, format: Format, level: LogLevel) {
    self.program = program
    self.format = format
    Self.configured.withLock { $0 = level }
    Self.threshold.store(level.rank, ordering: .relaxed)
    StandardError.shared.describeLoss { [self] in
      line(.warning, "log lines were dropped, since nobody read them in time", ["lines": "\($0)"])
    }
  }

  /// Lines of this process that were dropped because nobody read them.
  public static var droppedTotal: Int { StandardError.shared.droppedTotal }

  /// Waits until what was logged is written, at most so long: for a process that ends.
  public static func flush(within limit: Duration) { StandardError.shared.flush(within: limit) }

  /// Reads the log settings.
  public init(program: String, _ settings: Settings) throws(UsageError) {
    let levelText = try settings.string(.logLevel)
    guard let level = LogLevel(rawValue: levelText) else {
      throw settings.wrong(.logLevel, levelText, "debug, info, warning or error")
    }
    let formatText = try settings.string(.logFormat)
    let automatic: Format = isatty(2) != 0 ? .text : .json
    guard let format = formatText == "auto" ? automatic : Format(rawValue: formatText) else {
      throw settings.wrong(.logFormat, formatText, "text, json or auto")
    }
    self.init(program: program, format: format, level: level)
  }

  /// Whether debug lines are written: to be asked first where one would cost too much to make.
  public static var isDebugging: Bool { threshold.load(ordering: .relaxed) == LogLevel.debug.rank }

  /// Writes errors only, in a command that tells what it does itself; debug lines stay where they were asked for.
  public static func quieten() {
    guard !isDebugging else { return }
    threshold.store(LogLevel.error.rank, ordering: .relaxed)
  }

  /// Switches to debug (to info where the settings say debug), or back to the level of the settings, and says so
  /// whatever the level is.
  public func toggleDebug() {
    let configured = Self.configured.withLock { $0 }
    let other: LogLevel = configured == .debug ? .info : .debug
    let isSwitched = Self.threshold.load(ordering: .relaxed) == other.rank
    let level = isSwitched ? configured : other
    Self.threshold.store(level.rank, ordering: .relaxed)
    print(.info, "log level changed", ["to": level.rawValue, "by": "SIGUSR1", "configured": configured.rawValue])
  }

  public func debug(_ message: String, _ fields: KeyValuePairs<String, String?> = [:]) {
    write(.debug, message, fields)
  }
  public func info(_ message: String, _ fields: KeyValuePairs<String, String?> = [:]) { write(.info, message, fields) }
  public func warning(_ message: String, _ fields: KeyValuePairs<String, String?> = [:]) {
    write(.warning, message, fields)
  }
  public func error(_ message: String, _ fields: KeyValuePairs<String, String?> = [:]) {
    write(.error, message, fields)
  }

  private func write(_ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, String?>) {
    guard level.rank >= Self.threshold.load(ordering: .relaxed) else { return }
    print(level, message, fields)
  }

  /// One write a line, so that lines of several processes don't mix. It never waits for who reads them.
  private func print(_ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, String?>) {
    StandardError.shared.write(line(level, message, fields))
  }

  private static let lineBytesUsual = 384

  private func line(_ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, String?>) -> String {
    var line: String
    switch format {
    case .json:
      var bytes: [UInt8] = []
      bytes.reserveCapacity(Self.lineBytesUsual)
      bytes.append(
        contentsOf:
          "{\"time\":\"\(Self.now())\",\"level\":\"\(level.rawValue)\",\"program\":\"\(program)\",\"message\":".utf8)
      bytes.append(jsonQuoted: message)
      for (key, value) in fields {
        guard let value else { continue }
        bytes.append(contentsOf: ",\"".utf8)
        bytes.append(contentsOf: key.utf8)
        bytes.append(contentsOf: "\":".utf8)
        bytes.append(jsonQuoted: value)
      }
      bytes.append(contentsOf: "}\n".utf8)
      line = String(decoding: bytes, as: UTF8.self)
    case .text:
      line = "\(Self.now().dropFirst(11).dropLast()) \(level.rawValue.uppercased()) \(message)"
      for (key, value) in fields where value != nil { line += " \(key)=\(value ?? "")" }
      // What came from outside must not be able to begin a line of its own.
      let printable = line.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "·" : $0 }
      line = String(String.UnicodeScalarView(printable))
      line += "\n"
    }
    return line
  }

  private static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp.rfc3339(Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
