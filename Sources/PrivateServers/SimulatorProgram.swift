public import EventLoop

/// The program `simulator`: a provider's panel on a port of its own choice.
@LoopActor
public final class SimulatorProgram {
  private static let startLimit = Duration.seconds(30)
  private static let mark = "listening on "

  public let process: ChildProgram
  /// `HOST:PORT`.
  public private(set) var address = ""

  /// Starts it.
  ///
  /// - Parameters:
  ///   - binaries: the folder where it is.
  ///   - arguments: all but `--address`.
  ///   - host: where it listens; nil for 127.0.0.1.
  public init(binaries: String, _ arguments: [String], log: String, host: NetworkHost? = nil) async throws {
    let process = try ChildProgram(
      "\(binaries)/simulator", ["--address", "\(host?.address ?? "127.0.0.1"):0"] + arguments, log: log, host: host)
    self.process = process
    try await Waiting.until("the simulator listened", within: Self.startLimit) {
      if let end = process.poll() {
        throw ChildProgram.Failure("the simulator ended at once with \(end.words): \(process.output)")
      }
      return process.output.contains(Self.mark) && process.output.hasSuffix("\n")
    }
    address = String(process.output.split(separator: Self.mark).last?.prefix { $0 != "\n" } ?? "")
  }
}
