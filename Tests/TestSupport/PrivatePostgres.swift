import Foundation
import Glibc
import Postgres
public import PrivateServers
import Synchronization

/// A PostgreSQL cluster of this test run alone, in a temporary folder, listening on a Unix socket there.
public final class PrivatePostgres: Sendable {
  /// The one that most tests share: make a database in it with ``createDatabase()``. It waits for no disk.
  public static var shared: PrivatePostgres {
    get async throws { try await starting.value }
  }

  private static let starting = Task { try await started() }

  private static let connectionsMax = 200
  /// A user that must give this password over TCP.
  public static let user = "secured", password = "right-password"

  private let files: TemporaryFolder
  private let server: PostgresServer
  private let databases = Mutex(0)
  /// The folder that holds the data, the log and the socket.
  public var folder: String { files.path }
  /// The port, on TCP if asked for, and in the socket's name.
  public var port: Int { server.port }

  private init(isDurable: Bool, listensOnTCP: Bool) throws {
    files = try TemporaryFolder()
    server = try PostgresServer(
      folder: files.path, log: "\(files.path)/log", isDurable: isDurable, connectionsMax: Self.connectionsMax,
      port: listensOnTCP ? FreePort.find() : nil)
  }

  /// Makes a cluster and starts it. Call ``remove()`` at the end.
  ///
  /// - Parameters:
  ///   - isDurable: waits for the disk as a real server does.
  ///   - listensOnTCP: also on 127.0.0.1, where ``user`` must give ``password``.
  public static func started(isDurable: Bool = false, listensOnTCP: Bool = false) async throws -> PrivatePostgres {
    let postgres = try PrivatePostgres(isDurable: isDurable, listensOnTCP: listensOnTCP)
    do { try await postgres.server.create() } catch {
      postgres.remove()
      throw error
    }
    return postgres
  }

  /// Makes a standby that follows this one. Call ``Standby/remove()`` at the end.
  public func standby() async throws -> Standby {
    let files = try TemporaryFolder()
    // It refuses to start with room for fewer than its primary has.
    let server = try PostgresServer(
      folder: files.path, log: "\(files.path)/log", isDurable: false, connectionsMax: Self.connectionsMax)
    do { try await server.follow(self.server) } catch {
      files.remove()
      throw error
    }
    return Standby(primary: self, server: server, files: files)
  }

  /// A second server, which follows the first.
  public struct Standby: Sendable {
    let primary: PrivatePostgres
    public let server: PostgresServer
    let files: TemporaryFolder

    /// From now on the first acknowledges nothing that this one lacks.
    public func isWaitedFor() async throws { try await primary.server.waitForStandbys() }

    /// The URL of a database at whichever of both is the primary. `first` is tried before them: `(host, port)`.
    public func url(database: String, first: (host: String, port: Int)? = nil) -> String {
      let hosts = (first.map { [$0.host] } ?? []) + [files.path, primary.folder]
      let ports = (first.map { [$0.port] } ?? []) + [server.port, primary.port]
      return "postgres://\(PostgresServer.superuser)@/\(database)?host=\(hosts.joined(separator: ","))"
        + "&port=\(ports.map(String.init).joined(separator: ","))"
    }

    public func remove() {
      server.process?.signal(SIGQUIT)
      server.process?.wait()
      files.remove()
    }
  }

  /// Starts the server again and waits until it takes connections.
  public func start() async throws { try await server.start() }

  /// Stops the server as ops would: sessions are ended with SQLSTATE 57P01.
  public func stop() async { await server.stop() }

  /// Stops the server as a crash would: no farewell, no checkpoint.
  public func kill() async { await server.crash() }

  /// Crashes and starts the server.
  public func restart() async throws {
    await kill()
    try await start()
  }

  /// Sends a signal to the server and each of its processes; SIGSTOP makes it stand still, SIGCONT go on.
  public func signalAll(_ number: Int32) { server.signalAll(number) }

  /// Ends the server at once and removes its data.
  public func remove() {
    server.process?.signal(SIGQUIT)
    server.process?.wait()
    files.remove()
  }

  // MARK: Databases

  /// The URL of the `postgres` database.
  public var url: String { server.url }

  /// The URL of a database, over the socket and without a password.
  public func url(database: String) -> String { server.url(database: database) }

  /// The URL of a database over TCP.
  public func tcpURL(user: String = user, password: String = password, database: String = "postgres") -> String {
    "postgres://\(user):\(password)@127.0.0.1:\(port)/\(database)"
  }

  /// Makes an empty database of the caller's own.
  ///
  /// - Returns: its URL.
  public func createDatabase() async throws -> String {
    let number = databases.withLock { count in
      count += 1
      return count
    }
    try await execute("CREATE DATABASE test_\(number) TEMPLATE template0")
    return url(database: "test_\(number)")
  }

  /// Makes ``user``.
  public func createSecuredUser() async throws {
    try await execute("CREATE ROLE \(Self.user) LOGIN PASSWORD '\(Self.password)'")
  }

  private func execute(_ sql: String) async throws {
    let pool = PostgresPool(url: url)
    try await pool.script(sql)
    await pool.close()
  }
}
