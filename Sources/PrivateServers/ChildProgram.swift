public import EventLoop
import FoundationEssentials
public import Glibc

/// A program that this process started. It ends with this process, however that ends.
@LoopActor
public final class ChildProgram {
  /// Why a program could not be run, or what it did wrong.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
  }

  /// How a program ended.
  public enum End: Equatable, Sendable {
    case exited(Int32)
    case signalled(Int32)
    public var words: String {
      switch self {
      case .exited(let code): "exit \(code)"
      case .signalled(let number): "signal \(number)"
      }
    }
  }

  /// What it and its own children need of the environment of this process.
  public nonisolated static let environment = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"]

  public nonisolated let id: pid_t
  /// The file with its output and errors.
  public nonisolated let log: String
  private var end: End?

  /// Starts `program` with its output at the end of `log`.
  ///
  /// - Parameters:
  ///   - environment: all of it; nothing is inherited.
  ///   - user: runs it as another user, which only root can.
  /// - Throws: ``Failure`` when it cannot be started at all. One that is missing ends with code 127.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String] = environment, log: String,
    user: String? = nil
  ) throws {
    var words = ["/usr/bin/setpriv", "--pdeathsig", "KILL"]
    if let user { words += ["--reuid=\(user)", "--regid=\(user)", "--clear-groups"] }
    self.log = log
    // A group of its own, so that Ctrl-C does not reach it before the run is over.
    id = try Spawn.start(
      words + ["--", program] + arguments, environment: environment, output: .file(log, mode: 0o644), hasOwnGroup: true)
  }

  /// What it wrote so far.
  public var output: String { String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self) }

  /// Sends it a signal, unless it ended.
  public func signal(_ number: Int32) { if poll() == nil { kill(id, number) } }

  /// How it ended; nil while it runs.
  public func poll() -> End? {
    if let end { return end }
    var status: Int32 = 0
    guard waitpid(id, &status, WNOHANG) == id else { return nil }
    end = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
    return end
  }

  /// Waits until it ended.
  ///
  /// - Throws: ``Failure`` when `limit` passed.
  public func ended(within limit: Duration) async throws -> End {
    var end: End?
    try await Waiting.until("a program ended (\(log))", within: limit) {
      end = self.poll()
      return end != nil
    }
    return end ?? .exited(-1)
  }

  /// Asks it to stop, and ends it when it does not within `grace`.
  public func stop(_ signal: Int32 = SIGTERM, grace: Duration) async {
    self.signal(signal)
    if (try? await ended(within: grace)) == nil { self.signal(SIGKILL) }
    _ = try? await ended(within: grace)
  }
}
