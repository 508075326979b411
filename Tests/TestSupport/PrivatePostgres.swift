import Foundation
import Glibc
import Postgres
import PrivateServers
import Synchronization

/// A PostgreSQL cluster of this test process, in a temporary folder, listening on a Unix socket there.
///
/// It ends with the process, however that ends: see ``Undertaker``.
public final class PrivatePostgres: Sendable {
  /// The one that most tests share: make a database in it with ``createDatabase()``. It waits for no disk.
  public static let shared = try! PrivatePostgres().started()

  /// The folder that holds the data, the log and the socket.
  public let folder: String
  /// The port, on TCP if asked for, and in the socket's name.
  public let port: Int
  /// A user that must give this password over TCP.
  public static let user = "secured", password = "right-password"

  private let tools: String
  private let undertaker = Mutex<Undertaker?>(nil)
  private let databases = Mutex(0)

  /// Makes a cluster; ``start()`` runs it.
  ///
  /// - Parameters:
  ///   - isDurable: waits for the disk as a real server does.
  ///   - listensOnTCP: also on 127.0.0.1, where ``user`` must give ``password``.
  public init(isDurable: Bool = false, listensOnTCP: Bool = false) throws {
    tools = try PostgresTools.find()
    folder = "/tmp/sevk-pg-\(getpid())-\(UUID().uuidString.prefix(8))"
    port = listensOnTCP ? try FreePort.find() : 5432
    guard mkdir(folder, 0o755) == 0 else { throw ChildProcess.Failure("cannot make \(folder)") }
    ServerUser.give(folder)
    try run("initdb", PostgresTools.initdb(data: "\(folder)/data", superuser: "postgres"))
    let settings = """
      unix_socket_directories = '\(folder)'
      listen_addresses = '\(listensOnTCP ? "127.0.0.1" : "")'
      port = \(port)
      max_connections = 200
      fsync = \(isDurable ? "on" : "off")
      shared_buffers = '64MB'
      log_min_messages = fatal

      """
    try append(settings, to: "postgresql.conf")
    let access = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
    try access.write(toFile: "\(folder)/data/pg_hba.conf", atomically: false, encoding: .utf8)
  }

  /// Starts the server and waits until it takes connections.
  public func start() throws {
    try run("pg_ctl", ["start", "-w", "-s", "-D", "\(folder)/data", "-l", "\(folder)/log"])
    try undertaker.withLock {
      guard $0 == nil else { return }
      $0 = try Undertaker(
        "\"$1\"/pg_ctl stop -s -m immediate -D \"$2\"/data; rm -rf \"$2\"", [tools, folder], as: ServerUser.words)
    }
  }

  private func started() throws -> PrivatePostgres {
    try start()
    return self
  }

  /// Stops the server as ops would: sessions are ended with SQLSTATE 57P01.
  public func stop() throws { try run("pg_ctl", ["stop", "-w", "-s", "-m", "fast", "-D", "\(folder)/data"]) }

  /// Stops the server as a crash would: no farewell, no checkpoint.
  public func kill() throws { try run("pg_ctl", ["stop", "-w", "-s", "-m", "immediate", "-D", "\(folder)/data"]) }

  /// Crashes and starts the server.
  public func restart() throws {
    try kill()
    try start()
  }

  /// Sends a signal to the server and each of its processes; SIGSTOP makes it stand still, SIGCONT go on.
  public func signalAll(_ number: Int32) {
    guard let text = try? String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8),
      let server = text.split(separator: "\n").first.flatMap({ Int32($0) })
    else { return }
    let children = try? String(contentsOfFile: "/proc/\(server)/task/\(server)/children", encoding: .utf8)
    for process in [server] + (children ?? "").split(separator: " ").compactMap({ Int32($0) }) {
      Glibc.kill(process, number)
    }
  }

  // MARK: Databases

  /// The URL of the `postgres` database.
  public var url: String { url(database: "postgres") }

  /// The URL of a database, over the socket and without a password.
  public func url(database: String) -> String { "postgres://postgres@/\(database)?host=\(folder)&port=\(port)" }

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

  // MARK: Processes

  private func run(_ tool: String, _ arguments: [String]) throws {
    // A file, not a pipe: the server inherits it and would keep a pipe open.
    let output = "\(folder)/\(tool).out"
    unlink(output)
    let child = try ChildProcess(
      ServerUser.words + ["\(tools)/\(tool)"] + arguments, environment: ProcessInfo.processInfo.environment,
      output: output)
    guard child.wait() == 0 else {
      let log = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? ""
      throw ChildProcess.Failure("\(tool) failed: \(child.output)\(log)")
    }
  }

  private func append(_ text: String, to file: String) throws {
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: "\(folder)/data/\(file)"))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }
}
