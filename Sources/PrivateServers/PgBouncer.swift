public import EventLoop
import FoundationEssentials
import Glibc
import Postgres

/// A PgBouncer of this process, in front of a ``PostgresServer``: it hands each transaction to any of its sessions.
@LoopActor
public final class PgBouncer {
  private static let startLimit = Duration.seconds(30)
  private nonisolated static let port = 6432

  private let folder: String
  public nonisolated let process: ChildProgram

  /// - Parameters:
  ///   - root: the folder of the project: `ops/prepare --tests` unpacks it there; a Debian that has it installed has it
  ///     elsewhere.
  ///   - folder: for its files and its socket.
  ///   - users: who may connect, without a password.
  ///   - sessions: as many are open to the server at most, for each user and database.
  public static func start(
    root: String, folder: String, host: String, port serverPort: Int, users: [String], sessions: Int
  ) async throws -> PgBouncer {
    let places = ["\(root)/.build/tools/usr/sbin/pgbouncer", "/usr/sbin/pgbouncer"]
    guard let program = places.first(where: { access($0, X_OK) == 0 }) else {
      throw ChildProgram.Failure("pgbouncer is missing; run: ops/prepare --tests")
    }
    mkdir(folder, 0o755)
    try users.map { "\"\($0)\" \"\"\n" }.joined().write(toFile: "\(folder)/users", atomically: true, encoding: .utf8)
    try """
    [databases]
    * = host=\(host) port=\(serverPort)
    [pgbouncer]
    unix_socket_dir = \(folder)
    listen_port = \(port)
    auth_type = trust
    auth_file = \(folder)/users
    pool_mode = transaction
    default_pool_size = \(sessions)
    max_client_conn = 500
    ignore_startup_parameters = extra_float_digits
    """.write(toFile: "\(folder)/bouncer.ini", atomically: true, encoding: .utf8)
    // It refuses to run as root.
    for path in ["", "/users", "/bouncer.ini"] { ServerUser.give(folder + path) }
    let process = try ChildProgram(
      program, ["\(folder)/bouncer.ini"], log: "\(folder)/log", user: ServerUser.name)
    let bouncer = PgBouncer(folder: folder, process: process)
    let url = bouncer.url(user: users[0], database: "postgres")
    try await Waiting.until("PgBouncer answers: \(folder)", within: startLimit) {
      if let end = process.poll() { throw ChildProgram.Failure("PgBouncer ended with \(end.words): \(process.output)") }
      let pool = PostgresPool(url: url, connectionsMax: 1)
      let isUp = (try? await pool.connect()) != nil
      await pool.close()
      return isUp
    }
    return bouncer
  }

  private init(folder: String, process: ChildProgram) { (self.folder, self.process) = (folder, process) }

  /// Where one of this folder listens.
  public nonisolated static func socket(in folder: String) -> String { "\(folder)/.s.PGSQL.\(port)" }

  /// The URL of a database of the server behind it.
  public nonisolated func url(user: String, database: String) -> String {
    "postgres://\(user)@/\(database)?host=\(folder)&port=\(Self.port)"
  }

}
