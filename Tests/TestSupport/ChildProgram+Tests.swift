import Foundation
public import PrivateServers

extension ChildProgram {
  /// What a program that ended left behind.
  public struct Result: Sendable {
    /// The exit code, or minus the number of the signal that ended it.
    public let code: Int32
    public let output: String
    public let errors: String
  }

  /// Starts `program` with its output and errors in files of `folder`, on whatever thread: it may outlive the tests.
  ///
  /// - Parameter errorsTo: a descriptor that takes its errors instead.
  public convenience init(
    _ program: String, _ arguments: [String], environment: [String: String], folder: String, errorsTo: Int32? = nil
  ) throws {
    let name = "\(folder)/\(URL(fileURLWithPath: program).lastPathComponent).\(UUID().uuidString.prefix(8))"
    try self.init(
      words: [program] + arguments, environment: environment, log: name + ".out",
      errors: errorsTo.map { .descriptor($0) } ?? .file(name + ".err"), hasOwnGroup: false)
  }

  /// Runs a program to its end.
  public static func run(
    _ program: String, _ arguments: [String], environment: [String: String], folder: String
  ) throws -> Result {
    let process = try ChildProgram(program, arguments, environment: environment, folder: folder)
    let code = process.wait().code
    return Result(code: code, output: process.output, errors: process.errors)
  }

  /// Whether it was stopped by SIGSTOP and not yet continued (`proc_pid_stat(5)`: the letter after the name).
  public var isFrozen: Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
    return text.split(separator: ")").last?.hasPrefix(" T") ?? false
  }
}
