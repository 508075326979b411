import Foundation
import Glibc

/// A shell that cleans up after this process, however that ends: it runs its script once the pipe to it is closed.
final class Undertaker: Sendable {
  private let shell: ChildProcess
  private let lifeline: Int32

  /// - Parameters:
  ///   - script: sees `arguments` as `$1`, `$2` and so on.
  ///   - user: what stands before a command that runs as another user.
  init(_ script: String, _ arguments: [String], as user: [String] = []) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw ChildProcess.Failure("no pipe for the undertaker") }
    // No other child may keep the pipe open.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    lifeline = ends[1]
    shell = try ChildProcess(
      user + ["/bin/sh", "-c", "read -r _; \(script)", "sh"] + arguments, environment: ["PATH": "/usr/bin:/bin"],
      input: ends[0], output: "/dev/null")
  }

  /// There is nothing to clean up any more.
  func dismiss() {
    shell.signal(SIGKILL)
    shell.wait()
    close(lifeline)
  }
}
