public import EventLoop
import FoundationEssentials
import Glibc
import Redis

/// A Redis of this process, on a Unix socket in a folder of its own, that writes nothing to disk by itself.
@LoopActor
public final class RedisServer {
  private static let startLimit = Duration.seconds(30)
  private static let program = "/usr/bin/redis-server"

  public nonisolated let folder: String
  public nonisolated var socket: String { "\(folder)/redis.sock" }
  public nonisolated var url: String { "unix://\(socket)" }
  public private(set) var process: ChildProgram?

  public nonisolated init(folder: String) { self.folder = folder }

  /// Starts it and waits until it answers.
  public func start() async throws {
    guard access(Self.program, X_OK) == 0 else { throw ChildProgram.Failure("Redis is missing: \(Self.program)") }
    mkdir(folder, 0o755)
    let process = try ChildProgram(
      Self.program,
      ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--daemonize", "no"],
      log: "\(folder)/log")
    self.process = process
    let client = RedisClient(try RedisURL(url))
    defer { client.close() }
    try await Waiting.until("Redis answers", within: Self.startLimit) {
      if let end = process.poll() {
        throw ChildProgram.Failure("Redis ended at once with \(end.words): \(process.output)")
      }
      return (try? await client.ping()) != nil
    }
  }

  /// Ends it at once.
  public func stop() async { await process?.stop(SIGKILL, grace: Self.startLimit) }
}
