import Foundation
import Glibc
import Postgres
import Synchronization

/// A PostgreSQL cluster of this test process, in a temporary folder, listening on a Unix socket there.
///
/// It ends with the process, however that ends: a watchdog holds the read end of a pipe and stops the server when the
/// pipe closes.
public final class PrivatePostgres: Sendable {
  /// The one that most tests share: make a database in it with ``createDatabase()``. It waits for no disk.
  public static let shared = try! PrivatePostgres().started()

  /// Why the server could not be run.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// The folder that holds the data, the log and the socket.
  public let folder: String
  /// The port, on TCP if asked for, and in the socket's name.
  public let port: Int
  /// A user that must give this password over TCP.
  public static let user = "secured", password = "right-password"

  private let tools: String
  private let lifeline = Mutex<Int32?>(nil)
  private let databases = Mutex(0)

  /// Makes a cluster; ``start()`` runs it.
  ///
  /// - Parameters:
  ///   - isDurable: waits for the disk as a real server does.
  ///   - listensOnTCP: also on 127.0.0.1, where ``user`` must give ``password``.
  public init(isDurable: Bool = false, listensOnTCP: Bool = false) throws {
    tools = try Self.findTools()
    folder = "/tmp/sevk-pg-\(getpid())-\(UUID().uuidString.prefix(8))"
    port = listensOnTCP ? try Self.freePort() : 5432
    guard mkdir(folder, 0o755) == 0 else { throw Failure(description: "cannot make \(folder)") }
    if let postgres = Self.otherUser { chown(folder, postgres.pw_uid, postgres.pw_gid) }
    try run(
      "initdb", "-D", "\(folder)/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
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
    try run("pg_ctl", "start", "-w", "-s", "-D", "\(folder)/data", "-l", "\(folder)/log")
    try lifeline.withLock { if $0 == nil { $0 = try startWatchdog() } }
  }

  private func started() throws -> PrivatePostgres {
    try start()
    return self
  }

  /// Stops the server as ops would: sessions are ended with SQLSTATE 57P01.
  public func stop() throws { try run("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", "\(folder)/data") }

  /// Stops the server as a crash would: no farewell, no checkpoint.
  public func kill() throws { try run("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", "\(folder)/data") }

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

  private static func findTools() throws -> String {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    for version in versions.sorted(by: { (Int($0) ?? 0) > (Int($1) ?? 0) }) {
      let tools = "\(root)/\(version)/bin"
      if access("\(tools)/initdb", X_OK) == 0 { return tools }
    }
    throw Failure(description: "these tests need PostgreSQL: no \(root)/*/bin/initdb (apt install postgresql)")
  }

  /// The server refuses to run as root, so that root's tests run it as this user.
  private static var otherUser: passwd? { getuid() == 0 ? getpwnam("postgres")?.pointee : nil }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failed = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) != 0 || getsockname(descriptor, $0, &length) != 0
      }
    }
    guard !failed else { throw Failure(description: "no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  private func command(_ words: [String]) -> [String] {
    (Self.otherUser == nil ? [] : ["runuser", "-u", "postgres", "--"]) + words
  }

  private func run(_ tool: String, _ arguments: String...) throws {
    // A file, not a pipe: the server inherits it and would keep a pipe open.
    let output = "\(folder)/\(tool).out"
    let child = try Child.spawn(command(["\(tools)/\(tool)"] + arguments), input: nil, output: output)
    guard child.wait() == 0 else {
      let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
      let log = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? ""
      throw Failure(description: "\(tool) failed: \(said)\(log)")
    }
  }

  private func append(_ text: String, to file: String) throws {
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: "\(folder)/data/\(file)"))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  /// - Returns: the end of a pipe that closes when this process ends.
  private func startWatchdog() throws -> Int32 {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(description: "no pipe for the watchdog") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let script = """
      read nothing
      '\(tools)/pg_ctl' stop -s -m immediate -D '\(folder)/data'
      rm -rf '\(folder)'
      """
    _ = try Child.spawn(command(["sh", "-c", script]), input: ends[0], output: "/dev/null")
    return ends[1]
  }
}

/// A child process with nothing of this one's but its standard input.
///
/// Foundation's `Process` needs a run loop to learn that a child ended, which test threads don't have.
private struct Child {
  private static let descriptorsMax: Int32 = 1024

  let id: pid_t

  static func spawn(_ words: [String], input: Int32?, output: String) throws -> Child {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    for descriptor in 3..<Self.descriptorsMax { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A process group of its own, so that an interrupt from the terminal does not reach it.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var id: pid_t = 0
    let code = posix_spawnp(&id, words[0], &actions, &attributes, &arguments, environ)
    guard code == 0 else {
      throw PrivatePostgres.Failure(description: "cannot run \(words[0]): \(String(cString: strerror(code)))")
    }
    return Child(id: id)
  }

  /// - Returns: the exit status, or -1 when a signal ended it.
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? status >> 8 & 0xff : -1
  }
}
