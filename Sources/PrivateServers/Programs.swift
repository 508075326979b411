public import EventLoop
import FoundationEssentials
import Glibc

/// The programs of Sevk as one run starts them.
@LoopActor
public struct Programs {
  private static let commandLimit = Duration.seconds(60)

  /// The folder that the programs are in.
  public let binaries: String
  /// All of the environment of each.
  public let environment: [String: String]
  /// The folder for what they write.
  public let logs: String

  public nonisolated init(binaries: String, environment: [String: String], logs: String) {
    (self.binaries, self.environment, self.logs) = (binaries, environment, logs)
  }

  /// Runs a command to its end; its output.
  ///
  /// - Throws: ``ChildProgram/Failure`` with its output when it does not succeed.
  @discardableResult
  public func command(_ program: String, _ arguments: [String]) async throws -> String {
    let (code, output) = try await outcome(program, arguments)
    guard code == 0 else { throw ChildProgram.Failure("\(program) \(arguments.first ?? "") failed: \(output)") }
    return output
  }

  /// Runs a command to its end, however that is.
  ///
  /// - Parameter isQuiet: without what it says of errors.
  /// - Returns: its output, that of errors included, and its exit code; nil when it was killed.
  public func outcome(_ program: String, _ arguments: [String], isQuiet: Bool = false) async throws -> (
    code: Int32?, output: String
  ) {
    let log = "\(logs)/command-\(UInt32.random(in: 0...UInt32.max))"
    defer { unlink(log) }
    let path = "\(binaries)/\(program)"
    let process =
      isQuiet
      ? try ChildProgram(
        "/bin/sh", ["-c", "exec \"$0\" \"$@\" 2>/dev/null", path] + arguments, environment: environment, log: log)
      : try ChildProgram(path, arguments, environment: environment, log: log)
    guard case .exited(let code) = try await process.ended(within: Self.commandLimit) else {
      return (nil, process.output)
    }
    return (code, process.output)
  }

  /// Adds a tenant and makes a token for it, which may do all that a shop does.
  public func addTenant(_ name: String) async throws -> String {
    try await command("dispatcher", SetUp.tenant(name))
    let printed = try await command("dispatcher", SetUp.token(name))
    return printed.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
  }

  /// Starts one and returns at once.
  ///
  /// - Parameters:
  ///   - log: its file in ``logs``.
  ///   - more: beside ``environment``.
  ///   - host: nil for the network of this process.
  public func start(
    _ program: String, _ arguments: [String], log: String, _ more: [String: String] = [:], host: NetworkHost? = nil
  ) throws -> ChildProgram {
    try ChildProgram(
      "\(binaries)/\(program)", arguments, environment: environment.merging(more) { $1 }, log: "\(logs)/\(log)",
      host: host)
  }
}

extension ChildProgram {
  /// Whether a process of Sevk says that it runs.
  public var hasStarted: Bool { output.contains(SetUp.startedMark) }

  /// Waits until it says that it runs.
  ///
  /// - Throws: ``Failure`` with its output when it ends instead, or when `limit` passed.
  public func started(_ program: String, within limit: Duration) async throws {
    try await Waiting.until("\(program) started", within: limit) {
      if let end = self.poll() { throw Failure("\(program) ended at once with \(end.words): \(self.output)") }
      return self.hasStarted
    }
  }
}
