public import EventLoop
import FoundationEssentials
import Glibc
import Redis

/// A Redis of this process, on a Unix socket in a folder of its own, that writes nothing to disk by itself.
@LoopActor
public final class RedisServer {
  private static let startLimit = Duration.seconds(30)
  public nonisolated static let program = "/usr/bin/redis-server"

  /// The arguments of one that listens on a socket alone and saves nothing by itself.
  public nonisolated static func arguments(socket: String, folder: String) -> [String] {
    ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--daemonize", "no"]
  }

  private let folder: String
  private let log: String
  private let environment: [String: String]
  public nonisolated let socket: String
  public nonisolated var url: String { "unix://\(socket)" }
  /// The server that runs, or that ran last.
  public private(set) var process: ChildProgram?

  /// - Parameters:
  ///   - folder: for the socket and the dump; made if it is missing.
  ///   - log: the file for its log.
  ///   - environment: beside ``ChildProgram/environment``.
  public nonisolated init(folder: String, log: String, environment: [String: String] = [:]) {
    self.folder = folder
    self.log = log
    self.environment = ChildProgram.environment.merging(environment) { $1 }
    socket = "\(folder)/redis.sock"
  }

  /// Starts it and waits until it answers.
  ///
  /// - Parameter isEmpty: without what an earlier one saved.
  /// - Throws: ``ChildProgram/Failure`` with its log when it ends at once.
  public func start(isEmpty: Bool = true) async throws {
    guard access(Self.program, X_OK) == 0 else { throw ChildProgram.Failure("Redis is missing: \(Self.program)") }
    mkdir(folder, 0o755)
    if isEmpty { unlink("\(folder)/dump.rdb") }
    let process = try ChildProgram(
      Self.program, Self.arguments(socket: socket, folder: folder), environment: environment, log: log)
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

  /// Ends it as a crash would.
  public func kill() async { await process?.stop(SIGKILL, grace: Self.startLimit) }
}
