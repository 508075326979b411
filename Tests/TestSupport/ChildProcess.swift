import Foundation
public import Glibc

/// A program started by a test.
///
/// Not Foundation's `Process`: that needs a run loop to learn that a child ended, which test threads don't have.
public final class ChildProcess: @unchecked Sendable {
  /// What a program that ended left behind.
  public struct Result: Sendable {
    /// The exit code, or minus the number of the signal that ended it.
    public let code: Int32
    public let output: String
    public let errors: String
  }

  public let id: pid_t
  private let outputFile: String
  private let errorFile: String
  private let lock = NSLock()
  private var code: Int32?

  /// Starts `program` with its output and errors in files of `folder`.
  ///
  /// - Parameter errorsTo: a descriptor that takes its errors instead.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String], folder: String, errorsTo: Int32? = nil
  ) throws {
    let name = "\(folder)/\(URL(fileURLWithPath: program).lastPathComponent).\(UUID().uuidString.prefix(8))"
    outputFile = name + ".out"
    errorFile = name + ".err"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    if let errorsTo {
      posix_spawn_file_actions_adddup2(&actions, errorsTo, 2)
    } else {
      posix_spawn_file_actions_addopen(&actions, 2, errorFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    }
    // Sockets and locks of the test process are none of the child's business.
    for descriptor in 3..<Int32(1024) { posix_spawn_file_actions_addclose(&actions, descriptor) }
    // A test thread blocks signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var id = pid_t()
    let failed = posix_spawn(&id, program, &actions, &attributes, words, variables)
    guard failed == 0 else { throw Failure("cannot start \(program): \(String(cString: strerror(failed)))") }
    self.id = id
  }

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
  }

  public var output: String { (try? String(contentsOfFile: outputFile, encoding: .utf8)) ?? "" }
  public var errors: String { (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? "" }

  public func signal(_ number: Int32) { kill(id, number) }

  /// Blocks until the program ended.
  @discardableResult
  public func wait() -> Int32 {
    lock.withLock {
      if let code { return code }
      var status: Int32 = 0
      while waitpid(id, &status, 0) == -1 && errno == EINTR {}
      let ended = Self.code(status)
      code = ended
      return ended
    }
  }

  /// The same as ``wait()`` says, without blocking; nil while the program runs.
  public var ended: Int32? {
    lock.withLock {
      if let code { return code }
      var status: Int32 = 0
      guard waitpid(id, &status, WNOHANG) == id else { return nil }
      code = Self.code(status)
      return code
    }
  }

  /// Whether it was stopped by SIGSTOP and not yet continued (`proc_pid_stat(5)`: the letter after the name).
  public var isFrozen: Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
    return text.split(separator: ")").last?.hasPrefix(" T") ?? false
  }

  private static func code(_ status: Int32) -> Int32 {
    status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
  }

  /// Runs a program to its end.
  public static func run(
    _ program: String, _ arguments: [String], environment: [String: String], folder: String
  ) throws -> Result {
    let process = try ChildProcess(program, arguments, environment: environment, folder: folder)
    let code = process.wait()
    return Result(code: code, output: process.output, errors: process.errors)
  }
}
