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

  private static let descriptorsMax: Int32 = 1024

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
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    for descriptor in 3..<Self.descriptorsMax { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // A group of its own, so that Ctrl-C does not reach it before the run is over.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    var words = ["setpriv", "--pdeathsig", "KILL"]
    if let user { words += ["--reuid=\(user)", "--regid=\(user)", "--clear-groups"] }
    words += ["--", program] + arguments
    let list = words.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in list + variables { free(text) } }
    self.log = log
    var id = pid_t()
    let failed = posix_spawn(&id, "/usr/bin/setpriv", &actions, &attributes, list, variables)
    guard failed == 0 else {
      throw Failure("cannot start \(program): \(String(cString: strerror(failed)))")
    }
    self.id = id
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
