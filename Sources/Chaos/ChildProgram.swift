import FoundationEssentials
import Glibc

/// A program that this run started. It ends with this process, however that ends.
final class ChildProgram {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  enum End: Equatable {
    case exited(Int32)
    case signalled(Int32)
    var words: String {
      switch self {
      case .exited(let code): "exit \(code)"
      case .signalled(let number): "signal \(number)"
      }
    }
  }

  private static let descriptorsMax: Int32 = 1024

  let id: pid_t
  let log: String
  private var end: End?

  /// Starts `program` with its output at the end of `log`.
  ///
  /// - Parameter user: runs it as another user, which only root can.
  init(_ program: String, _ arguments: [String], environment: [String: String], log: String, user: String? = nil) throws
  {
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
      throw Failure(description: "cannot start \(program): \(String(cString: strerror(failed)))")
    }
    self.id = id
  }

  /// What it wrote so far.
  var output: String { String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self) }

  func signal(_ number: Int32) { if poll() == nil { kill(id, number) } }

  /// How it ended; nil while it runs.
  func poll() -> End? {
    if let end { return end }
    var status: Int32 = 0
    guard waitpid(id, &status, WNOHANG) == id else { return nil }
    end = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
    return end
  }
}
