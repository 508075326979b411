import Foundation
public import Glibc
import PrivateServers

/// A program started by a test, for threads that may block: ``ChildProgram`` is for those of the loop.
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
    id = try Spawn.start(
      [program] + arguments, environment: environment, output: .file(outputFile, mode: 0o600),
      errors: errorsTo.map { .descriptor($0) } ?? .file(errorFile, mode: 0o600), hasOwnGroup: false)
  }

  /// Starts a program with output and errors in one file, in a process group of its own.
  ///
  /// - Parameters:
  ///   - words: the program and its arguments.
  ///   - input: a descriptor; nil for none.
  init(_ words: [String], environment: [String: String], input: Int32? = nil, output: String) throws {
    (outputFile, errorFile) = (output, output)
    id = try Spawn.start(
      words, environment: environment, input: input, output: .file(output, mode: 0o600), hasOwnGroup: true)
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
