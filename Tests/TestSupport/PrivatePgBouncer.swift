import EventLoop
import Glibc
import PrivateServers

/// A PgBouncer of this test run alone, in front of a ``PrivatePostgres``.
public final class PrivatePgBouncer: Sendable {
  private let files: TemporaryFolder
  private let bouncer: PgBouncer

  private init(_ files: TemporaryFolder, _ bouncer: PgBouncer) { (self.files, self.bouncer) = (files, bouncer) }

  /// Starts one with `sessions` sessions at most and waits until it answers. Call ``stop()`` at the end.
  public static func start(before postgres: PrivatePostgres, sessions: Int) async throws -> PrivatePgBouncer {
    let files = try TemporaryFolder()
    let bouncer = try await PgBouncer.start(
      root: Repository.root, folder: files.path, host: postgres.folder, port: postgres.port,
      users: [PostgresServer.superuser], sessions: sessions)
    return PrivatePgBouncer(files, bouncer)
  }

  /// The URL of a database of the server behind it.
  public func url(database: String) -> String { bouncer.url(user: PostgresServer.superuser, database: database) }

  public func stop() {
    bouncer.process.signal(SIGKILL)
    bouncer.process.wait()
    files.remove()
  }
}
