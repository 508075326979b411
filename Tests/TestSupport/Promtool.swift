import Foundation
public import PrivateServers

/// Prometheus' own checks, by the program that `ops/prepare --tests` unpacks.
public enum Promtool {
  private static let program = "\(Repository.root)/.build/tools/usr/bin/promtool"

  /// Runs it in `folder`; with `input` as its standard input when there is one.
  public static func run(_ arguments: [String], in folder: String, input: String? = nil) throws -> ChildProgram.Result {
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw ChildProgram.Failure("promtool is missing; run: ops/prepare --tests")
    }
    let file = "\(folder)/promtool.in.\(UUID().uuidString.prefix(8))"
    try (input ?? "").write(toFile: file, atomically: true, encoding: .utf8)
    // The shell gives it the file as its input.
    return try ChildProgram.run(
      "/bin/sh", ["-c", "exec \"$@\" < \(file)", "sh", program] + arguments, environment: [:], folder: folder)
  }
}
