public import EventLoop
import FoundationEssentials
import Glibc
import Postgres

/// A PostgreSQL cluster of this process, on a Unix socket in a folder of its own.
@LoopActor
public final class PostgresServer {
  private static let startLimit = Duration.seconds(60)
  private static let connectionsMax = 60

  public nonisolated let folder: String
  /// The database `postgres` as its superuser `sevk`.
  public nonisolated var url: String { "postgres://sevk@/postgres?host=\(folder)" }
  public private(set) var process: ChildProgram?
  private let isDurable: Bool
  private let tools: String
  private let user: String?

  /// - Parameter isDurable: waits for the disk at each commit, as a real server does.
  /// - Throws: ``ChildProgram/Failure`` when PostgreSQL is not installed.
  public init(folder: String, isDurable: Bool) throws {
    self.folder = folder
    self.isDurable = isDurable
    let root = "/usr/lib/postgresql"
    let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap(Int.init).sorted()
    guard let version = versions.last else { throw ChildProgram.Failure("PostgreSQL is missing: \(root)") }
    tools = "\(root)/\(version)/bin"
    // PostgreSQL refuses to run as root.
    user = getuid() == 0 ? "postgres" : nil
  }

  /// Makes the cluster and starts it.
  public func create() async throws {
    mkdir(folder, 0o755)
    if let user, let entry = getpwnam(user)?.pointee { chown(folder, entry.pw_uid, entry.pw_gid) }
    let made = try ChildProgram(
      "\(tools)/initdb",
      ["-D", "\(folder)/data", "-U", "sevk", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
      log: "\(folder).initdb.log", user: user)
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
    let process = try ChildProgram("\(tools)/postgres", arguments, log: "\(folder).log", user: user)
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

  /// Ends its sessions and stops it.
  public func stop() async { await process?.stop(SIGINT, grace: Self.startLimit) }
}
