import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// The low-water mark of the outbox: it spares the way over what is published, and skips nothing.
@Suite(.timeLimit(.minutes(2))) struct OutboxMarkTests {
  private func horizon(_ oldest: Int64, _ toCome: Int64, _ last: Int64) -> OutboxHorizon {
    OutboxHorizon(oldestWriting: oldest, firstToCome: toCome, lastEvent: last)
  }

  @Test func itFollowsBehindTransactionsThatAreOver() {
    var mark = OutboxMark()
    mark.note(horizon(10, 12, 100), first: 90)
    #expect(mark.after == 0)
    // 11 may still write an event before 100.
    mark.note(horizon(11, 20, 200), first: nil)
    #expect(mark.after == 0)
    mark.note(horizon(12, 30, 300), first: nil)
    #expect(mark.after == 100, "of the moment that was noted, not of a later one")
    // What is not published yet holds it back.
    mark.note(horizon(40, 40, 400), first: 151)
    #expect(mark.after == 150)
    mark.note(horizon(50, 50, 500), first: 120)
    #expect(mark.after == 150, "it never goes back")
  }

  @Test func anEventThatIsCommittedLateIsNotSkipped() async throws {
    let bench = try await Bench()
    let outbox = Outbox(pool: bench.pool)
    var mark = OutboxMark()
    var last: Int64 = 0
    /// Publishes what there is; the ids.
    func publish() async throws -> [Int64] {
      let horizon = try await outbox.horizon()
      let events = try await outbox.place(limit: 100, after: mark.after).events
      mark.note(horizon, first: events.first?.id)
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
      INSERT INTO events (order_id, version, status, type) VALUES ('\(late.id)', 2, 'pending', 'sevk.order.sent');
      SELECT pg_advisory_xact_lock(9);
      """)
    while try await bench.count("pg_locks", where: "locktype = 'advisory' AND NOT granted") == 0 { await Task.yield() }
    for _ in 0..<5 {
      _ = try await bench.order()
      #expect(try await publish().count == 1)
    }
    let before = mark.after
    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_unlock(9)"), [])
    try await writer
    let found = try await publish()
    #expect(found.count == 1 && found[0] > before)
    // The number of its row is smaller, its position is not.
    #expect(try await outbox.read(after: last - 1, limit: 10).map(\.id) == found)
    #expect(try await bench.count("events", where: "id > \(found[0]) AND position < \(last)") == 5)
    // Once nothing is under way it comes to the end, which takes two looks.
    for _ in 0..<3 { _ = try await publish() }
    #expect(try await bench.count("events", where: "id > \(mark.after)") == 0)
    await holder.close()
  }
}
