public import EventLoop
import Foundation
import Glibc
import PrivateServers
import Synchronization

/// A server process of this test run alone, with its files in a temporary folder.
public final class PrivateServer: Sendable {
  private static let startLimit = Duration.seconds(30)

  private let files: TemporaryFolder
  private let running = Mutex<ChildProgram?>(nil)
  /// Holds the server's files.
  public var folder: String { files.path }

  public init() throws { files = try TemporaryFolder() }

  /// Starts `program`, with its output in `log` in the folder.
  ///
  /// - Parameter user: runs it as another user, which only root can.
  @LoopActor
  public func launch(_ program: String, _ arguments: [String], user: String? = nil) throws {
    let process = try ChildProgram(program, arguments, log: folder + "/log", user: user)
    running.withLock { $0 = process }
  }

  /// Calls `attempt` until it does not throw: that a server takes connections is told to nobody, so it is tried.
  @LoopActor
  public func waitUntilUp(_ attempt: @LoopActor () async throws -> Void) async throws {
    try await Waiting.until("a server answers: \(folder)", within: Self.startLimit) {
      do { try await attempt() } catch {
        guard let process = self.running.withLock({ $0 }), process.poll() == nil else {
          throw ChildProgram.Failure("the server did not start: \(error)")
        }
        return false
      }
      return true
    }
  }

  /// Ends the server at once.
  public func end() {
    guard let process = running.withLock({ $0 }) else { return }
    process.signal(SIGKILL)
    process.wait()
  }

  /// Ends the server and removes its files.
  public func remove() {
    end()
    files.remove()
  }
}
