import EventLoop
import Orders
import Postgres
import PrivateServers
import Redis

/// What Redis and PostgreSQL do to their clients on a bad day, apart from being away.
@LoopActor
struct ServerFaults {
  private static let lasts = Duration.seconds(3)
  private static let snapshotHeldSeconds = 10
  private static let lockedRowsMax = 5
  private static let tailMilliseconds = 300...1500
  /// From when on Redis answers BUSY instead of nothing; it says 5 s if it is not told.
  private static let busyAfterMilliseconds = ["100", "5000"]
  private static let restoreLimit = Duration.seconds(20)
  private static let vacuumed = ["orders", "attempts", "events", "exchanges"]

  private let servers: Servers
  private var redis: RedisClient { servers.redis }
  private var postgres: PostgresPool { servers.postgres }

  init(_ servers: Servers) { self.servers = servers }

  /// - Returns: whether the fault is one of these.
  func inject(_ fault: FaultPlan.Planned) async throws -> Bool {
    switch fault.kind {
    case .redisOOM:
      try await during({ _ = try await redis.command("CONFIG", "SET", "maxmemory", "1") }) {
        _ = try await redis.command("CONFIG", "SET", "maxmemory", "0")
      }
    case .redisReadonly:
      // Port 1 never answers, so that nothing is copied from there and nothing is lost.
      try await during({ _ = try await redis.command("REPLICAOF", "127.0.0.1", "1") }) {
        _ = try await redis.command("REPLICAOF", "NO", "ONE")
      }
    case .redisBusy: try await keepRedisBusy()
    case .redisTail:
      _ = try await redis.command("SAVE")
      let tail = Self.tailMilliseconds.lowerBound + fault.pick % Self.tailMilliseconds.count
      try await EventLoop.sleep(for: .milliseconds(tail))
      try await servers.restartRedis(isEmpty: false)
    case .postgresReadonly:
      try await during({ try await setReadonly("SET default_transaction_read_only = on") }) {
        try await setReadonly("RESET default_transaction_read_only")
      }
    case .postgresNoConnections:
      try await during({
        try await postgres.script("ALTER ROLE \(Servers.role) CONNECTION LIMIT 0")
        try await postgres.script(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(Servers.role)'")
      }) {
        try await postgres.script("ALTER ROLE \(Servers.role) CONNECTION LIMIT -1")
      }
    case .postgresLocks:
      try await postgres.script(
        """
        BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
        SELECT pg_sleep(\(Self.lasts.components.seconds)); COMMIT
        """)
    case .postgresRowsLocked:
      try await postgres.script(
        """
        BEGIN;
        SELECT id FROM orders WHERE status NOT IN (\(Status.literals(Status.final))) ORDER BY id DESC
          LIMIT \(1 + fault.pick % Self.lockedRowsMax) FOR UPDATE;
        SELECT pg_sleep(\(Self.lasts.components.seconds)); COMMIT
        """)
    case .postgresLongTransaction: try await holdSnapshot()
    case .postgresDiskFull:
      let full = servers.primary.name
      try await during({ servers.shims.setDiskIsFull(of: full, true) }) {
        servers.shims.setDiskIsFull(of: full, false)
        if servers.postgresIsDown { try await servers.restartPostgres() }
      }
    case .postgresFailover: try await servers.failOver()
    default: return false
    }
    return true
  }

  /// Undoes what `begin` did after three seconds, whatever else fails meanwhile.
  private func during(
    _ begin: @LoopActor () async throws -> Void, undo: @LoopActor () async throws -> Void
  ) async throws {
    do {
      try await begin()
      try await EventLoop.sleep(for: Self.lasts)
    } catch {
      try? await undo()
      throw error
    }
    try await Waiting.until("a fault was undone", within: Self.restoreLimit) { (try? await undo()) != nil }
  }

  private func keepRedisBusy() async throws {
    let redis = redis
    _ = try await redis.command("CONFIG", "SET", "busy-reply-threshold", .string(Self.busyAfterMilliseconds[0]))
    let other = RedisClient(redis.url, needsMaster: false)
    defer { other.close() }
    async let script = try? other.command("EVAL", "while true do end", "0")
    try await EventLoop.sleep(for: Self.lasts)
    try await Waiting.until("the script ended", within: Self.restoreLimit) {
      (try? await redis.command("SCRIPT", "KILL")) != nil
    }
    _ = await script
    _ = try await redis.command("CONFIG", "SET", "busy-reply-threshold", .string(Self.busyAfterMilliseconds[1]))
  }

  private func setReadonly(_ change: String) async throws {
    try await postgres.script("ALTER SYSTEM \(change)")
    try await postgres.script("SELECT pg_reload_conf()")
  }

  private func holdSnapshot() async throws {
    async let held: Void = postgres.script(
      """
      BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM orders;
      SELECT pg_sleep(\(Self.snapshotHeldSeconds)); COMMIT
      """)
    for table in Self.vacuumed {
      try await EventLoop.sleep(for: .seconds(1))
      try await postgres.script("VACUUM \(table)")
    }
    try await held
  }
}
