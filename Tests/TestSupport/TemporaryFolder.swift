import Foundation
import Glibc
import PrivateServers

/// A folder of this test run alone, which is removed at its end, however that comes: a shell waits for the end of the
/// pipe to it, and then removes what is left.
public final class TemporaryFolder: Sendable {
  /// Short, since a Unix socket's path has at most 107 bytes.
  public let path: String
  private let shell: ChildProgram
  private let lifeline: Int32

  public init() throws {
    var template = Array("\(NSTemporaryDirectory())sevk.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw ChildProgram.Failure("no temporary folder: errno \(errno)") }
    path = String(cString: made)
    // A server that runs as another user must reach what it is given in here.
    chmod(path, 0o755)
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw ChildProgram.Failure("no pipe to watch over \(path)") }
    // No other child may keep the pipe open.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    lifeline = ends[1]
    // A server that ends with this process may still write for a moment.
    let script = "read -r _; rm -rf \"$1\" || { sleep 2; rm -rf \"$1\"; }"
    shell = try ChildProgram(
      words: ["/bin/sh", "-c", script, "sh", path], environment: ["PATH": "/usr/bin:/bin"], input: ends[0],
      log: "/dev/null", hasOwnGroup: true)
  }

  /// Removes it now.
  public func remove() {
    close(lifeline)
    shell.wait()
  }
}
