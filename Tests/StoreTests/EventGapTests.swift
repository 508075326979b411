import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// Events get their positions by how far the relay has seen; what commits late is in a gap that it remembers.
@Suite(.timeLimit(.minutes(2))) struct EventGapTests {
  @Test func anEventThatIsCommittedLateIsNotSkipped() async throws {
    let bench = try await Bench()
    let outbox = Outbox(pool: bench.pool)
    var last: Int64 = 0
    /// Publishes what there is; the ids.
    func publish() async throws -> [Int64] {
      let events = try await outbox.place(limit: 100).events
      last = events.last?.position ?? last
      return events.map(\.id)
    }
    let late = try await bench.order()
    _ = try await publish()
    let holder = PostgresPool(url: bench.url, connectionsMax: 1)
    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_lock(9)"), [])
    async let writer: Void = bench.pool.script(
      """
      UPDATE orders SET reason = 'why' WHERE id = '\(late.id)';
      INSERT INTO events (order_id, version, status, type, position, published_at)
      VALUES ('\(late.id)', 2, 'pending', 'sevk.order.sent', 0, 'infinity');
      SELECT pg_advisory_xact_lock(9);
      """)
    while try await bench.count("pg_locks", where: "locktype = 'advisory' AND NOT granted") == 0 { await Task.yield() }
    var seen: [Int64] = []
    for _ in 0..<5 {
      _ = try await bench.order()
      let found = try await publish()
      #expect(found.count == 1)
      seen += found
    }
    #expect(try await publish().isEmpty)
    #expect(try await gaps(bench) == 1, "it waits for the one that is under way, however often it looks")
    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_unlock(9)"), [])
    try await writer
    let found = try await publish()
    #expect(found.count == 1 && found[0] < seen[0], "the number of its row is smaller, its position is not")
    #expect(try await outbox.read(after: last - 1, limit: 10).map(\.id) == found)
    #expect(try await outbox.read(after: 0, limit: 10).map(\.position) == (1...7).map(Int64.init))
    await holder.close()
  }

  @Test func manyThatAreCommittedLateAreAllTaken() async throws {
    let bench = try await Bench()
    let outbox = Outbox(pool: bench.pool)
    let late = try await bench.order()
    let holder = PostgresPool(url: bench.url, connectionsMax: 1)
    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_lock(9)"), [])
    async let writer: Void = bench.pool.script(
      """
      UPDATE orders SET reason = 'why' WHERE id = '\(late.id)';
      INSERT INTO events (order_id, version, status, type, position, published_at)
      SELECT '\(late.id)', n, 'pending', 'sevk.order.sent', 0, 'infinity' FROM generate_series(2, 6) AS n;
      SELECT pg_advisory_xact_lock(9);
      """)
    while try await bench.count("pg_locks", where: "locktype = 'advisory' AND NOT granted") == 0 { await Task.yield() }
    _ = try await bench.order()
    var versions: [Int] = []
    for _ in 0..<5 { versions += try await outbox.place(limit: 100).events.map(\.version) }
    #expect(versions == [1, 1])
    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_unlock(9)"), [])
    try await writer
    // Fewer at a time than there are: what was not taken must not be forgotten with its gap.
    versions = []
    for _ in 0..<6 { versions += try await outbox.place(limit: 1).events.map(\.version) }
    #expect(versions == [2, 3, 4, 5, 6])
    await holder.close()
  }

  @Test func aNumberThatNobodyUsesIsForgotten() async throws {
    let bench = try await Bench()
    let outbox = Outbox(pool: bench.pool)
    _ = try await bench.order()
    _ = try await bench.sql("SELECT nextval(pg_get_serial_sequence('events', 'id'))")
    _ = try await bench.order()
    #expect(try await outbox.place(limit: 100).events.count == 2)
    // Once everything that was under way at the time is over, which takes two looks; others may hold it up.
    while try await gaps(bench) > 0 { _ = try await outbox.place(limit: 100) }
    _ = try await bench.order()
    #expect(try await outbox.place(limit: 100).events.map(\.position) == [3])
  }

  /// Written once, and found again by their positions.
  @Test func aPositionWritesNoEventAnew() async throws {
    let bench = try await Bench()
    _ = try await bench.order(.sending, .sent, .completed)
    let before = try await bench.sql("SELECT xmin::text || ctid::text FROM events ORDER BY id").map { try $0.text(0) }
    #expect(try await Outbox(pool: bench.pool).place(limit: 2).events.map(\.version) == [1, 3])
    #expect(try await Outbox(pool: bench.pool).place(limit: 2).events.map(\.version) == [4])
    let after = try await bench.sql("SELECT xmin::text || ctid::text FROM events ORDER BY id").map { try $0.text(0) }
    #expect(before == after && after.count == 4)
    #expect(try await bench.count("event_places") == 2)
  }

  private func gaps(_ bench: Bench) async throws -> Int64 {
    try await bench.count("event_tail", where: "NOT isempty(gaps + old_gaps)")
  }
}
