import Cipher
import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// Moves that must not be forgotten, whatever the database does meanwhile.
@Suite(.timeLimit(.minutes(3)), .serialized) struct PersistenceTests {
  private static let ordersCount = 40

  /// Takes every order through its life while `disturb` is done to the server again and again.
  private func live(
    _ bench: Bench, rounds: Int, _ disturb: @escaping @Sendable () async throws -> Void
  ) async throws {
    var orders: [Order] = []
    for _ in 0..<Self.ordersCount { orders.append(try await bench.order()) }
    let all = orders
    let trouble = Task { for _ in 0..<rounds { try await disturb() } }
    let outcomes = await atOnce(Self.ordersCount) { number in
      var order = all[number]
      for turn in 0..<rounds {
        for status in [Status.sending, turn == rounds - 1 ? .sent : .pending] {
          let move = await bench.move(order, to: status, reason: "\(number)")
          try await bench.store.applyPersistently(move)
          (order.status, order.version) = (status, order.version + 1)
          if let send = move.send { order.sendReference = send.sendReference }
        }
      }
      return order
    }
    try await trouble.value
    let reader = try await bench.reconnected()
    for outcome in outcomes {
      let expected = try outcome.get()
      let order = try await reader.load(expected.id)
      // Each move was applied, and once: the version says how many were.
      #expect(order.version == expected.version && order.version == 1 + 2 * rounds)
      #expect(order.status == .sent && order.sends == rounds)
      #expect(order.sendReference == expected.sendReference)
    }
    #expect(try await reader.count("events") == Int64(Self.ordersCount * (1 + 2 * rounds)))
    #expect(try await reader.count("attempts") == Int64(Self.ordersCount * rounds))
    await reader.pool.close()
  }

  @Test func movesSurviveTerminatedBackends() async throws {
    let bench = try await Bench()
    let killer = PostgresPool(url: bench.url, connectionsMax: 1)
    try await live(bench, rounds: 10) {
      let others = PostgresStatement(
        name: "",
        sql: """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()
          """)
      _ = try? await killer.run(others, [])
    }
    await killer.close()
  }

  @Test func movesSurviveACrashOfTheServer() async throws {
    let server = try await PrivatePostgres.started(isDurable: true)
    let bench = try await Bench(server: server)
    try await live(bench, rounds: 3) { try await server.restart() }
    await bench.pool.close()
    server.remove()
  }

  @Test func ownWorkIsRecognisedAndAnothersIsNot() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    let mine = await bench.move(order, to: .sending)
    try await bench.store.apply(mine)
    // As after a COMMIT whose answer was lost: tried again, it finds itself done.
    try await bench.store.applyPersistently(mine)
    #expect(try await bench.load(order.id).version == 2)
    #expect(try await bench.count("attempts") == 1)
    // The same move of another process has another reference.
    let theirs = await bench.move(order, to: .sending)
    await #expect(throws: StoreError.conflict(order.id)) { try await bench.store.applyPersistently(theirs) }
    let cancel = await bench.move(order, to: .cancelled)
    await #expect(throws: StoreError.conflict(order.id)) { try await bench.store.applyPersistently(cancel) }
    #expect(try await bench.load(order.id).sendReference == mine.send?.sendReference)
  }

  /// The read that tells own work from another's may meet the same trouble as the write before it.
  @Test func ownWorkIsRecognisedThoughReadingItFailsAtFirst() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    let mine = await bench.move(order, to: .sending)
    try await bench.store.apply(mine)
    // load_orders.sql asks for clock_timestamp(); here its first call of the database fails as an overloaded server
    // would.
    try await bench.pool.script(
      """
      CREATE SCHEMA hook; CREATE SEQUENCE hook.calls;
      CREATE FUNCTION hook.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('hook.calls') = 1 THEN RAISE EXCEPTION 'too busy' USING ERRCODE = '53200'; END IF;
        RETURN pg_catalog.clock_timestamp();
      END $$;
      DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = hook, pg_catalog, public', current_database());
      END $$;
      """)
    let store = Store(pool: PostgresPool(url: bench.url), vault: try Vault(keys: Bench.key))
    try await store.applyPersistently(mine)
    #expect(try await bench.sql("SELECT last_value FROM hook.calls")[0].int(0) > 1, "the read failed once")
    #expect(try await bench.load(order.id).version == 2)
  }

  @Test func whatWaitingCannotMendIsThrown() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    var move = await bench.move(order, to: .sending)
    move.dueIn = nil
    let bad = move
    let error = await #expect(throws: PostgresError.self) { try await bench.store.applyPersistently(bad) }
    #expect(error?.constraint == "orders_due")
  }

  @Test func aCancelledWaitEnds() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    let pool = PostgresPool(url: "postgres://nobody@/none?host=/nonexistent", connectTimeout: .milliseconds(20))
    let store = Store(pool: pool, vault: try Vault(keys: Bench.key))
    let move = await bench.move(order, to: .sending)
    let task = Task { try await store.applyPersistently(move) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await pool.close()
    #expect(try await bench.load(order.id).version == 1)
  }
}
