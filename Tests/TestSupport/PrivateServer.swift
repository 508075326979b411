public import EventLoop
import Foundation
import Glibc
import PrivateServers

/// A server process of this test run alone, with its files in a temporary folder.
public final class PrivateServer: @unchecked Sendable {
  /// Holds the server's files; short, since a Unix socket's path has at most 107 bytes.
  public let folder: String
  private let lock = NSLock()
  private var process: ChildProcess?
  private var undertaker: Undertaker?

  public init() throws {
    var template = Array("\(NSTemporaryDirectory())sevk.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw ChildProcess.Failure("no temporary folder: errno \(errno)") }
    folder = String(cString: made)
  }

  /// Starts `program`, with its output in `log` in the folder.
  public func launch(_ program: String, _ arguments: [String]) throws {
    let process = try ChildProcess(
      [program] + arguments, environment: ProcessInfo.processInfo.environment, output: folder + "/log")
    let undertaker = try Undertaker("kill -9 \"$1\"; rm -rf \"$2\"", ["\(process.id)", folder])
    lock.withLock {
      self.process = process
      self.undertaker = undertaker
    }
  }

  /// What the server wrote, for the text of a failure.
  public var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

  public var isRunning: Bool { lock.withLock { process.map { $0.ended == nil } ?? false } }

  /// Sends a signal to the server.
  public func signal(_ number: Int32) {
    if let process = lock.withLock({ process }), process.ended == nil { process.signal(number) }
  }

  /// Sends a signal to the server and waits until the process is gone.
  public func end(_ signal: Int32) {
    let (process, undertaker) = lock.withLock {
      defer { (self.process, self.undertaker) = (nil, nil) }
      return (self.process, self.undertaker)
    }
    undertaker?.dismiss()
    guard let process else { return }
    if process.ended == nil { process.signal(signal) }
    process.wait()
  }

  /// Ends the server and removes its files.
  public func remove() {
    end(SIGKILL)
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static let startLimit = Duration.seconds(30)

  /// Calls `attempt` until it does not throw: that a server takes connections is told to nobody, so it is tried.
  @LoopActor
  public func waitUntilUp(_ attempt: @LoopActor () async throws -> Void) async throws {
    try await Waiting.until("a server answers: \(folder)", within: Self.startLimit) {
      do { try await attempt() } catch {
        guard self.isRunning else { throw ChildProcess.Failure("the server did not start: \(error)\n\(self.log)") }
        return false
      }
      return true
    }
  }
}
