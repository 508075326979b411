import EventLoop
import Foundation
import Glibc
import PrivateServers
public import Redis

/// A Redis of this test run alone, on a Unix socket. It writes everything down, so that a test can kill it and find
/// its data again.
public final class PrivateRedis: Sendable {
  private let server: PrivateServer
  private let password: String?

  /// Where it listens, without the password.
  public let socket: String
  /// The URL to connect to, with the password when there is one.
  public let url: String

  private init(password: String?) throws {
    let server = try PrivateServer()
    self.server = server
    self.password = password
    socket = server.folder + "/redis"
    let encoded = password?.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
    url = encoded.map { "unix://:\($0)@\(server.folder)/redis" } ?? "unix://\(server.folder)/redis"
  }

  /// Starts a server and waits until it answers. Call ``stop()`` at the end.
  public static func start(password: String? = nil) async throws -> PrivateRedis {
    let redis = try PrivateRedis(password: password)
    do { try await redis.launch() } catch {
      redis.stop()
      throw error
    }
    return redis
  }

  /// One server for all suites of the process, ended with it. Use a key prefix of your own.
  public static var shared: PrivateRedis {
    get async throws { try await starting.value }
  }

  private static let starting = Task {
    let redis = try await start()
    sharedServer = redis
    atexit { PrivateRedis.sharedServer?.stop() }
    return redis
  }
  // Written once by the task above, read by a C function that can capture nothing.
  private nonisolated(unsafe) static var sharedServer: PrivateRedis?

  private func launch() async throws {
    try server.launch(
      RedisServer.program,
      RedisServer.arguments(socket: socket, folder: server.folder) + [
        "--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0",
      ] + (password.map { ["--requirepass", $0] } ?? []))
    let url = try RedisURL(url)
    try await server.waitUntilUp {
      let connection = try await RedisConnection.open(
        url, connectTimeout: .seconds(5), commandTimeout: .seconds(5))
      connection.close()
    }
  }

  /// A client of this server; the caller closes it.
  public func client() throws -> RedisClient { RedisClient(try RedisURL(url)) }

  /// Ends the server and removes its data.
  public func stop() { server.remove() }

  /// Sends a signal to the server; SIGSTOP makes it stand still, SIGCONT go on.
  public func signal(_ number: Int32) { server.signal(number) }

  /// Ends the server at once, as a crash would.
  public func kill() { server.end(SIGKILL) }

  /// Starts the server again after ``kill()``, with its data or without.
  public func restart(empty: Bool) async throws {
    server.end(SIGKILL)
    if empty { try? FileManager.default.removeItem(atPath: server.folder + "/appendonlydir") }
    try? FileManager.default.removeItem(atPath: socket)
    try await launch()
  }
}
