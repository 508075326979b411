import Postgres
import TestSupport

/// A transaction that does something and then stays open.
struct Holder {
  private let bench: Bench
  private let task: Task<Void, Never>

  init(_ bench: Bench, _ sql: String) async throws {
    self.bench = bench
    let pool = PostgresPool(url: bench.url, connectionsMax: 1)
    // The mark tells its session from others.
    task = Task {
      try? await pool.script("BEGIN; \(sql); SELECT pg_sleep(600) /* held */; COMMIT")
      await pool.close()
    }
    let isHeld =
      "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%held */; COMMIT' AND wait_event = 'PgSleep'"
      + " AND datname = current_database()"
    while try await bench.sql(isHeld)[0].int(0) == 0 {}
  }

  /// Ends its session, and with it the transaction.
  func letGo() async throws {
    _ = try await bench.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%held */; COMMIT'"
        + " AND wait_event = 'PgSleep' AND datname = current_database()")
    await task.value
  }
}
