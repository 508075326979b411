public import EventLoop
import FoundationEssentials
import Glibc
import Postgres

/// A PostgreSQL cluster of this process, on a Unix socket in a folder of its own.
@LoopActor
public final class PostgresServer {
  private static let startLimit = Duration.seconds(60)
  private static let connectionsMax = 60

  private let folder: String
  private let log: String
  private let environment: [String: String]
  private let isDurable: Bool
  /// The database `postgres` as its superuser `sevk`.
  public nonisolated let url: String
  public nonisolated let socket: String
  /// The server that runs, or that ran last.
  public private(set) var process: ChildProgram?
  private let tools: String

  /// - Parameters:
  ///   - folder: for data and socket; made if it is missing.
  ///   - log: the file for its log.
  ///   - isDurable: waits for the disk at each commit, as a real server does.
  ///   - environment: beside ``ChildProgram/environment``.
  /// - Throws: ``ChildProgram/Failure`` when PostgreSQL is not installed.
  public init(folder: String, log: String, isDurable: Bool, environment: [String: String] = [:]) throws {
    self.folder = folder
    self.log = log
    self.environment = ChildProgram.environment.merging(environment) { $1 }
    url = "postgres://sevk@/postgres?host=\(folder)"
    socket = "\(folder)/.s.PGSQL.5432"
    self.isDurable = isDurable
    tools = try PostgresTools.find()
  }

  /// Makes the cluster and starts it.
  public func create() async throws {
    mkdir(folder, 0o755)
    ServerUser.give(folder)
    let made = try ChildProgram(
      "\(tools)/initdb",
      PostgresTools.initdb(data: "\(folder)/data", superuser: "sevk"), log: "\(log).initdb", user: ServerUser.name)
    guard try await made.ended(within: Self.startLimit) == .exited(0) else {
      throw ChildProgram.Failure("initdb failed: \(made.output)")
    }
    try await start()
  }

  /// Starts it and waits until it answers.
  public func start() async throws {
    var arguments = [
      "-D", "\(folder)/data", "-k", folder, "-c", "listen_addresses=", "-c", "max_connections=\(Self.connectionsMax)",
    ]
    if !isDurable { arguments += ["-c", "fsync=off"] }
    let process = try ChildProgram(
      "\(tools)/postgres", arguments, environment: environment, log: log, user: ServerUser.name)
    self.process = process
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

  /// Ends its sessions and stops it.
  public func stop() async { await process?.stop(SIGINT, grace: Self.startLimit) }
}
