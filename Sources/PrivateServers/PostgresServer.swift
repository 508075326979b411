public import EventLoop
import FoundationEssentials
import Glibc
import Postgres
import Synchronization

/// A PostgreSQL cluster of this process, on a Unix socket in a folder of its own.
public final class PostgresServer: Sendable {
  static let startLimit = Duration.seconds(60)
  /// Its superuser, who needs no password on the socket.
  public static let superuser = "sevk"

  let folder: String
  let log: String
  private let environment: [String: String]
  private let settings: [String: String]
  let tools: String
  private let running = Mutex<ChildProgram?>(nil)
  /// The port on TCP when it listens there, and in the socket's name.
  public let port: Int
  public let socket: String
  /// The database `postgres` as its superuser.
  public var url: String { url(database: "postgres") }
  /// The server that runs, or that ran last.
  public var process: ChildProgram? { running.withLock { $0 } }

  /// - Parameters:
  ///   - folder: for data and socket; made if it is missing.
  ///   - log: the file for its log.
  ///   - isDurable: waits for the disk at each commit, as a real server does.
  ///   - connectionsMax: how many connections it takes.
  ///   - port: listens on this port of 127.0.0.1 too, where users must give a password.
  ///   - environment: beside ``ChildProgram/environment``.
  /// - Throws: ``ChildProgram/Failure`` when PostgreSQL is not installed.
  public init(
    folder: String, log: String, isDurable: Bool, connectionsMax: Int = 60, port: Int? = nil,
    environment: [String: String] = [:]
  ) throws {
    self.folder = folder
    self.log = log
    self.environment = ChildProgram.environment.merging(environment) { $1 }
    self.port = port ?? 5432
    socket = "\(folder)/.s.PGSQL.\(self.port)"
    settings = [
      "unix_socket_directories": folder, "listen_addresses": port == nil ? "" : "127.0.0.1", "port": "\(self.port)",
      "max_connections": "\(connectionsMax)", "fsync": isDurable ? "on" : "off",
      // A standby that lost its primary asks again so soon; five seconds otherwise.
      "wal_retrieve_retry_interval": "500ms",
    ]
    tools = try PostgresTools.find()
  }

  /// The URL of a database as the superuser, over the socket.
  public func url(database: String) -> String {
    "postgres://\(Self.superuser)@/\(database)?host=\(folder)&port=\(port)"
  }

  /// Makes the cluster and starts it.
  @LoopActor
  public func create() async throws {
    mkdir(folder, 0o755)
    ServerUser.give(folder)
    let made = try ChildProgram(
      "\(tools)/initdb",
      [
        "-D", "\(folder)/data", "-U", Self.superuser, "--auth-local=trust", "--auth-host=scram-sha-256", "-E", "UTF8",
        "--locale=C.UTF-8", "--no-sync",
      ], log: "\(log).initdb", user: ServerUser.name)
    guard try await made.ended(within: Self.startLimit) == .exited(0) else {
      throw ChildProgram.Failure("initdb failed: \(made.output)")
    }
    try await start()
  }

  /// Starts it and waits until it answers.
  @LoopActor
  public func start() async throws {
    // SIGQUIT is an end at once that leaves nothing of it in shared memory, which SIGKILL would.
    let process = try ChildProgram(
      "\(tools)/postgres", ["-D", "\(folder)/data"] + settings.flatMap { ["-c", "\($0)=\($1)"] },
      environment: environment, log: log, user: ServerUser.name, farewell: "QUIT")
    running.withLock { $0 = process }
    let pool = PostgresPool(url: url, connectionsMax: 1)
    do {
      try await Waiting.until("PostgreSQL answers", within: Self.startLimit) {
        if let end = process.poll() {
          throw ChildProgram.Failure("PostgreSQL ended at once with \(end.words): \(process.output)")
        }
        return (try? await pool.script("SELECT 1")) != nil
      }
    } catch {
      await pool.close()
      throw error
    }
    await pool.close()
  }

  /// Ends it as a crash would: no farewell, no checkpoint; the next start recovers from the log.
  public func crash() async { await process?.stop(SIGQUIT, grace: Self.startLimit) }

  /// Ends its sessions and stops it: they are told SQLSTATE 57P01.
  public func stop() async { await process?.stop(SIGINT, grace: Self.startLimit) }

  /// Sends a signal to the server and each of its processes; SIGSTOP makes it stand still, SIGCONT go on.
  public func signalAll(_ number: Int32) {
    guard let process else { return }
    let children = FileManager.default.contents(atPath: "/proc/\(process.id)/task/\(process.id)/children") ?? Data()
    process.signal(number)
    for child in String(decoding: children, as: UTF8.self).split(separator: " ").compactMap({ pid_t($0) }) {
      kill(child, number)
    }
  }
}
