public import EventLoop
import FoundationEssentials
public import Glibc
import Synchronization

/// A program that this process started.
///
/// Threads that may block have ``wait()``, those of the loop ``ended(within:)``.
public final class ChildProgram: Sendable {
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
    /// The exit code, or minus the number of the signal.
    public var code: Int32 {
      switch self {
      case .exited(let code): code
      case .signalled(let number): -number
      }
    }
  }

  /// What it and its own children need of the environment of this process.
  public static let environment = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"]

  public let id: pid_t
  /// The file with its output, and with its errors unless those go elsewhere.
  public let log: String
  private let errorLog: String?
  private let end = Mutex<End?>(nil)

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - words: the program, by its path or as `PATH` of this process has it, and its arguments.
  ///   - environment: all of it; nothing is inherited.
  ///   - input: a descriptor; nil for none.
  ///   - log: its output is added at the end.
  ///   - errors: nil sends them where the output goes.
  ///   - hasOwnGroup: keeps Ctrl-C from it.
  /// - Throws: ``Failure`` when it cannot be started at all.
  public init(
    words: [String], environment: [String: String], input: Int32? = nil, log: String, errors: Spawn.Sink? = nil,
    hasOwnGroup: Bool
  ) throws {
    self.log = log
    if case .file(let path)? = errors { errorLog = path } else { errorLog = nil }
    id = try Spawn.start(
      words, environment: environment, input: input, output: .file(log), errors: errors, hasOwnGroup: hasOwnGroup)
  }

  /// Starts `program` with its output at the end of `log`. It ends with this process, however that ends: the kernel
  /// sends `farewell` when the thread that started it is gone, which the thread of the loop never is before the process.
  ///
  /// - Parameters:
  ///   - environment: all of it; nothing is inherited.
  ///   - user: runs it as another user, which only root can.
  ///   - farewell: the name of a signal without `SIG`.
  ///   - host: the network that it sees, which only root can choose; nil for that of this process.
  /// - Throws: ``Failure`` when it cannot be started at all. One that is missing ends with code 127.
  @LoopActor
  public convenience init(
    _ program: String, _ arguments: [String], environment: [String: String] = ChildProgram.environment, log: String,
    user: String? = nil, farewell: String = "KILL", host: NetworkHost? = nil
  ) throws {
    var words = host?.file.map { ["/usr/bin/nsenter", "--net=\($0)", "--"] } ?? []
    words += ["/usr/bin/setpriv", "--pdeathsig", farewell]
    if let user { words += ["--reuid=\(user)", "--regid=\(user)", "--clear-groups"] }
    // A group of its own, so that Ctrl-C does not reach it before the run is over.
    try self.init(words: words + ["--", program] + arguments, environment: environment, log: log, hasOwnGroup: true)
  }

  /// What it wrote so far.
  public var output: String { Self.text(of: log) }
  /// What it wrote as errors, when those have a file of their own.
  public var errors: String { errorLog.map(Self.text) ?? "" }

  private static func text(of file: String) -> String {
    String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
  }

  /// Sends it a signal, unless it ended.
  public func signal(_ number: Int32) { if poll() == nil { kill(id, number) } }

  /// How it ended; nil while it runs.
  public func poll() -> End? { look(WNOHANG) }

  /// Blocks until it ended.
  @discardableResult
  public func wait() -> End { look(0) ?? .exited(-1) }

  private func look(_ options: Int32) -> End? {
    end.withLock { end in
      if let end { return end }
      var status: Int32 = 0
      var found = waitpid(id, &status, options)
      while found == -1 && errno == EINTR { found = waitpid(id, &status, options) }
      guard found == id else { return nil }
      end = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
      return end
    }
  }

  /// Waits until it ended.
  ///
  /// - Throws: ``Failure`` when `limit` passed.
  @LoopActor
  public func ended(within limit: Duration) async throws -> End {
    var end: End?
    try await Waiting.until("a program ended (\(log))", within: limit) {
      end = self.poll()
      return end != nil
    }
    return end ?? .exited(-1)
  }

  /// Asks it to stop, and ends it when it does not within `grace`.
  @LoopActor
  public func stop(_ signal: Int32 = SIGTERM, grace: Duration) async {
    self.signal(signal)
    if (try? await ended(within: grace)) == nil { self.signal(SIGKILL) }
    _ = try? await ended(within: grace)
  }
}
