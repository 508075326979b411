public import EventLoop
import FoundationEssentials
import Postgres

/// A second server that follows a first, and takes its place.
extension PostgresServer {
  private static let replicationLimit = Duration.seconds(60)

  /// Copies `primary`, starts, and follows it from then on; whatever this one held is gone.
  @LoopActor
  public func follow(_ primary: PostgresServer) async throws {
    // Its parent must be the server user's for the copy to be made there.
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    ServerUser.give(folder)
    try? FileManager.default.removeItem(atPath: "\(folder)/data")
    let copied = try ChildProgram(
      "\(tools)/pg_basebackup",
      [
        "-D", "\(folder)/data", "-h", primary.folder, "-p", "\(primary.port)", "-U", Self.superuser, "-R", "-X",
        "stream",
        "--checkpoint=fast", "--no-sync",
      ], log: "\(log).basebackup", user: ServerUser.name)
    guard try await copied.ended(within: Self.replicationLimit) == .exited(0) else {
      throw ChildProgram.Failure("pg_basebackup failed: \(copied.output)")
    }
    try await start()
  }

  /// Lets commits wait for a standby, once one follows. Nothing is acknowledged from then on that a failover loses.
  @LoopActor
  public func waitForStandbys() async throws {
    try await withPool { pool in
      let streaming = PostgresStatement(
        name: "streaming", sql: "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
      try await Waiting.until("a standby follows", within: Self.replicationLimit) {
        try await pool.run(streaming, []).single().int(0) > 0
      }
      try await pool.script("ALTER SYSTEM SET synchronous_standby_names = '*'")
      try await pool.script("SELECT pg_reload_conf()")
    }
  }

  /// Makes a standby the primary, which waits for no standby of its own.
  @LoopActor
  public func promote() async throws {
    try await withPool { pool in
      try await pool.script("ALTER SYSTEM RESET synchronous_standby_names")
      try await pool.script("SELECT pg_reload_conf(), pg_promote(true, 60)")
    }
  }

  @LoopActor
  private func withPool(_ body: @LoopActor (PostgresPool) async throws -> Void) async throws {
    let pool = PostgresPool(url: url, connectionsMax: 1)
    do { try await body(pool) } catch {
      await pool.close()
      throw error
    }
    await pool.close()
  }

  /// The URL of the database `postgres` as the superuser, at whichever of both is the primary.
  public func url(or other: PostgresServer) -> String {
    "postgres://\(Self.superuser)@/postgres?host=\(folder),\(other.folder)&port=\(port),\(other.port)"
  }
}
