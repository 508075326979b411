import EventLoop
import Glibc
import Postgres
import PrivateServers

/// Orders that ended: what Sevk does beside millions of them, and how PostgreSQL finds its rows then.
@LoopActor
struct FinishedOrders {
  private static let rowsInTransaction = 100_000
  private static let failedOneIn = 20
  private static let reads = 200
  private static let readTimeout = Duration.seconds(30)

  let installation: Installation

  /// Adds completed orders, every twentieth failed, each with its send. Their exchanges and events are gone, as
  /// SEVK_RETENTION leaves them.
  ///
  /// - Parameter range: numbers of orders, which must be new.
  func fill(_ range: ClosedRange<Int>) async throws {
    for first in stride(from: range.lowerBound, through: range.upperBound, by: Self.rowsInTransaction) {
      let last = min(first + Self.rowsInTransaction - 1, range.upperBound)
      let id = "('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
      try await installation.postgres.script(
        """
        -- The rows refer to each other rightly; checking each costs more than writing it.
        SET session_replication_role = replica;
        INSERT INTO orders (id, version, status, came_from, tenant_id, product, fields, reference, priority, quantity,
                            idempotency_key, request_hash, provider_id, provider_reference, attempt, sent_at, pin,
                            created_at, updated_at)
        SELECT \(id), 4, CASE WHEN n % \(Self.failedOneIn) = 0 THEN 'failed' ELSE 'completed' END, 'sent',
               (SELECT min(id) FROM tenants), '\(Installation.product)',
               jsonb_build_object('player_id', 'done-' || n, 'phone', '905551234567'), 'done-' || n, 'normal', 1,
               'done-' || n, sha256(n::text::bytea), (SELECT min(id) FROM providers),
               (800000000000000 + n)::text, 1, now(),
               CASE WHEN n % \(Self.failedOneIn) = 0 THEN NULL ELSE sha256(n::text::bytea) END,
               now() - interval '90 days', now() - interval '90 days'
        FROM generate_series(\(first), \(last)) AS n;
        INSERT INTO attempts (order_id, number, provider_id, reference, state, answered_at)
        SELECT \(id), 1, (SELECT min(id) FROM providers), (800000000000000 + n)::text, 'accepted', now()
        FROM generate_series(\(first), \(last)) AS n
        """)
    }
    try await installation.postgres.script("VACUUM ANALYZE orders")
    try await installation.postgres.script("VACUUM ANALYZE attempts")
  }

  /// Rows that PostgreSQL read so far, by an index or not, in the tables that grow.
  func rowsRead() async throws -> Double {
    let rows = try await installation.postgres.run(
      PostgresStatement(
        name: "bench_rows_read",
        sql: """
          SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_user_tables
          WHERE relname IN ('orders', 'attempts', 'exchanges', 'events')
          """), [])
    return Double(try rows[0].int(0))
  }

  /// Milliseconds of each way to list a page of 50, one after another.
  func lists() async throws -> [String: Latencies] {
    let address = installation.apiAddress.split(separator: ":")
    let connection = try await PostingConnection(
      host: String(address[0]), port: Int(address[1]) ?? 0, timeout: Self.readTimeout)
    defer { connection.close() }
    var results: [String: Latencies] = [:]
    for (name, query) in [
      ("newest", ""), ("failed", "&status=failed"), ("held", "&status=held"), ("by reference", "&reference=done-7"),
    ] {
      var times: [Double] = []
      for _ in 0..<Self.reads {
        let begun = Counter.now
        let reply = try await connection.exchange(
          """
          GET /v1/orders?limit=50\(query) HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer \(installation.token)\r\n\r\n
          """)
        guard reply.status == 200 else { throw ChildProgram.Failure("a list was answered \(reply.status)") }
        times.append(Double(Counter.now - begun) / 1e6)
      }
      results[name] = Latencies(times)
    }
    return results
  }
}
