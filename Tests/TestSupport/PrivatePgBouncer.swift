import Foundation
import Glibc
import Postgres
import PrivateServers

/// A PgBouncer of this test run alone, in front of a ``PrivatePostgres``: it hands each transaction to any of its sessions.
public final class PrivatePgBouncer: Sendable {
  /// Where ``ops/prepare --tests`` unpacks it; a Debian that has it installed has it elsewhere.
  private static let programs = ["\(Repository.root)/.build/tools/usr/sbin/pgbouncer", "/usr/sbin/pgbouncer"]
  private static let port = 6432

  private let server: PrivateServer

  private init(_ server: PrivateServer) { self.server = server }

  /// Starts one with `sessions` sessions at most and waits until it answers. Call ``stop()`` at the end.
  public static func start(before postgres: PrivatePostgres, sessions: Int) async throws -> PrivatePgBouncer {
    guard let program = programs.first(where: { access($0, X_OK) == 0 }) else {
      throw ChildProgram.Failure("pgbouncer is missing; run: ops/prepare --tests")
    }
    let server = try PrivateServer()
    let bouncer = PrivatePgBouncer(server)
    let folder = server.folder
    try "\"\(PostgresServer.superuser)\" \"\"\n".write(toFile: "\(folder)/users", atomically: true, encoding: .utf8)
    try """
    [databases]
    * = host=\(postgres.folder) port=\(postgres.port)
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
    try await server.launch(program, ["\(folder)/bouncer.ini"], user: ServerUser.name)
    try await server.waitUntilUp {
      let pool = PostgresPool(url: bouncer.url(database: "postgres"), connectionsMax: 1)
      do { try await pool.connect() } catch {
        await pool.close()
        throw error
      }
      await pool.close()
    }
    return bouncer
  }

  /// The URL of a database of the server behind it.
  public func url(database: String) -> String {
    "postgres://\(PostgresServer.superuser)@/\(database)?host=\(server.folder)&port=\(Self.port)"
  }

  public func stop() { server.remove() }
}
