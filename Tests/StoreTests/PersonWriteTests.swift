import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// A person's decision whose COMMIT is durable while its answer gets lost: it must neither be reported as failed nor be
/// written twice.
@Suite(.timeLimit(.minutes(2)), .serialized) struct PersonWriteTests {
  /// A server whose commits wait for a stand-by that never comes: each is durable, and nobody is told.
  private static let neverAnswer = "ALTER SYSTEM SET synchronous_standby_names = 'nobody'; SELECT pg_reload_conf()"
  private static let answerAgain = "ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf()"
  /// Ends the connections that wait so; their transactions stay.
  private static let loseAnswers = PostgresStatement(
    name: "",
    sql: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")

  private func decide(_ write: @escaping @Sendable (Bench, Order) async throws -> Void) async throws -> Bench {
    let server = try await PrivatePostgres.started(isDurable: true)
    let bench = try await Bench(server: server)
    let order = try await bench.order()
    let admin = PostgresPool(url: bench.url, connectionsMax: 1)
    // In one script, it would not be outside a transaction.
    for statement in Self.neverAnswer.split(separator: ";") { try await admin.script(String(statement)) }
    try await waitUntilCommitsHang(bench.url, admin)
    async let decision: Void = write(bench, order)
    // The wait of another connection is seen only by looking; the suite's time limit ends it.
    while try await admin.run(Self.loseAnswers, []).isEmpty {}
    try await decision
    for statement in Self.answerAgain.split(separator: ";") { try await admin.script(String(statement)) }
    #expect(try await bench.sql("SELECT count(*) FROM audits WHERE who = 'ayşe'")[0].int(0) == 1)
    await admin.close()
    return bench
  }

  /// The server takes up its new setting when it likes: a commit that hangs shows that it has.
  private func waitUntilCommitsHang(_ url: String, _ admin: PostgresPool) async throws {
    let trial = PostgresPool(url: url, connectionsMax: 1)
    let hanging = Task { for number in 0... { try await trial.script("CREATE TABLE trial_\(number) ()") } }
    while try await admin.run(Self.loseAnswers, []).isEmpty {}
    _ = await hanging.result
    await trial.close()
  }

  @Test func aMoveIsWrittenOnce() async throws {
    let bench = try await decide { bench, order in
      try await bench.store.apply(PersonMove(order, to: .cancelled, .cancel, who: "ayşe", note: "changed their mind"))
    }
    #expect(try await bench.count("orders", where: "status = 'cancelled'") == 1)
    #expect(try await bench.sql("SELECT version FROM orders")[0].int(0) == 2)
    #expect(try await bench.count("events") == 2)
  }

  @Test func aHurryIsWrittenOnce() async throws {
    let bench = try await decide { bench, order in
      try await bench.store.hurry(order, who: "ayşe", note: "the customer waits")
    }
    #expect(try await bench.count("orders", where: "status = 'pending'") == 1)
  }
}
