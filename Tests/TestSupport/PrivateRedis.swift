import Foundation
import Glibc
import PrivateServers
public import Redis

/// A Redis of this test run alone, on a Unix socket. It writes everything down, so that a test can kill it and find
/// its data again.
public final class PrivateRedis: Sendable {
  private let files: TemporaryFolder
  private let server: RedisServer

  /// Where it listens, without the password.
  public var socket: String { server.socket }
  /// The URL to connect to, with the password when there is one.
  public var url: String { server.url }

  private init(password: String?, arguments: [String]) throws {
    files = try TemporaryFolder()
    server = RedisServer(
      folder: files.path, log: files.path + "/log", isDurable: true, password: password, arguments: arguments)
  }

  /// Starts a server and waits until it answers. Call ``stop()`` at the end.
  ///
  /// - Parameter arguments: more of its own, such as `--tls-port`.
  public static func start(password: String? = nil, arguments: [String] = []) async throws -> PrivateRedis {
    let redis = try PrivateRedis(password: password, arguments: arguments)
    do { try await redis.server.start() } catch {
      redis.stop()
      throw error
    }
    return redis
  }

  /// One server for all suites of the process, ended with it. Use a key prefix of your own.
  public static var shared: PrivateRedis {
    get async throws { try await starting.value }
  }

  private static let starting = Task { try await start() }

  /// A client of this server; the caller closes it.
  public func client() throws -> RedisClient { RedisClient(try RedisURL(url)) }

  /// Ends the server and removes its data.
  public func stop() {
    kill()
    files.remove()
  }

  /// Sends a signal to the server; SIGSTOP makes it stand still, SIGCONT go on.
  public func signal(_ number: Int32) { server.process?.signal(number) }

  /// Ends the server at once, as a crash would.
  public func kill() {
    signal(SIGKILL)
    server.process?.wait()
  }

  /// Starts the server again after ``kill()``, with its data or without.
  public func restart(empty: Bool) async throws {
    kill()
    try await server.start(isEmpty: empty)
  }
}
