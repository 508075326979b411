import EventLoop
import Foundation
import Orders
import Postgres
import TestSupport
import Testing

@testable import Store

/// A month's statement against a month's orders, in the database.
@LoopActor @Suite(.timeLimit(.minutes(3))) struct StatementTests {
  private static let november = Timestamp.milliseconds(ofDay: "2026-11-01") ?? 0
  private static let december = Timestamp.milliseconds(ofDay: "2026-12-01") ?? 0

  /// Completed orders of November, one after the other, each sent once under its number.
  private func fill(_ bench: Bench, _ orders: Int) async throws {
    try await bench.pool.script(
      """
      SELECT set_config('sevk.keeps_lists', 'yes', true);
      INSERT INTO orders (id, status, came_from, tenant_id, product, fields, priority, quantity, idempotency_key, request_hash,
                          provider_id, provider_reference, attempt, cost, created_at)
      SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substring(md5(n::text) FOR 19))::uuid,
        'completed', 'sent', \(bench.tenant), 'p', '{}', 'normal', 1, 'fill-' || n, sha256(n::text::bytea), \(bench.provider),
        lpad(n::text, 18, '0'), 1, 2.5, at
      FROM (SELECT n, timestamptz '2026-11-01 00:00:00Z' + n * interval '25 s' AS at FROM generate_series(0, \(orders) - 1) AS n) AS o;
      INSERT INTO attempts (order_id, number, provider_id, reference, state, cost, begun_at, provider_order_id)
      SELECT id, 1, provider_id, provider_reference, 'accepted', cost, created_at, 'P' || provider_reference FROM orders;
      ANALYZE orders; ANALYZE attempts;
      """)
  }

  private func line(_ number: Int, _ reference: Int?, amount: Int64 = 25_000, id: String? = nil) -> StatementStore.Line
  {
    StatementStore.Line(
      number: number, reference: reference.map { String(format: "%018d", $0) }, amount: Money(tenThousandths: amount),
      status: "ok", meaning: .delivered, providerOrderID: id)
  }

  @Test func aMonthOfAHundredThousandLines() async throws {
    let bench = try await Bench()
    let count = 100_000
    try await fill(bench, count)
    let store = StatementStore(bench.store)
    let (id, _) = try await store.begin(
      provider: bench.provider, since: Self.november, until: Self.december, who: "me")
    // Each hundredth is missing, each thousandth is there twice, and one in ten thousand has another amount.
    var lines: [StatementStore.Line] = []
    for number in 0..<count where number % 100 != 7 {
      lines.append(line(lines.count + 2, number, amount: number % 10_000 == 1 ? 26_000 : 25_000))
      if number % 1000 == 3 { lines.append(line(lines.count + 2, number)) }
    }
    lines.append(line(lines.count + 2, 999_999_999))
    for start in stride(from: 0, to: lines.count, by: StatementStore.batchMax) {
      try await store.add(Array(lines[start..<min(start + StatementStore.batchMax, lines.count)]), to: id)
    }
    var totals = StatementTotals()
    try await store.compare(id, provider: bench.provider, canBeAsked: true) { group in
      guard let first = group.first else { return }
      let line = StatementRule.Line(
        count: group.count, ofOrder: first.linesOfOrder, meaning: first.line.meaning, amount: first.line.amount)
      totals.add(StatementRule.judge(line, first.ours).kind, ours: first.ours?.cost, theirs: first.line.amount)
    }
    var missing: [Int] = []
    try await store.missing(id, provider: bench.provider, since: Self.november, until: Self.december) {
      missing.append(Int($0.reference) ?? -1)
    }
    func kind(_ kind: StatementRule.Kind) -> Int { totals.byKind[kind]?.count ?? 0 }
    #expect(missing == Array(stride(from: 7, to: count, by: 100)), "by order, and each once")
    #expect(kind(.twice) == count / 1000 && kind(.otherAmount) == count / 10_000 && kind(.missingHere) == 1)
    #expect(kind(.matched) == count - count / 100 - count / 1000 - count / 10_000)
    // Nothing of it stays.
    try await store.end(id)
    #expect(try await bench.count("statement_lines") == 0)
  }

  @Test func theTimeBoundsWhatIsMissing() async throws {
    let bench = try await Bench()
    try await fill(bench, 50)
    let store = StatementStore(bench.store)
    let (id, _) = try await store.begin(provider: bench.provider, since: 0, until: 1, who: "me")
    var found: [String] = []
    let (since, until) = (Self.november + 25_000 * 10, Self.november + 25_000 * 13)
    try await store.missing(id, provider: bench.provider, since: since, until: until) { found.append($0.reference) }
    #expect(found.compactMap { Int($0) } == [10, 11, 12], "the beginning is in it and the end is not")
    // Sends that are surely not there, and orders that failed, are not missed.
    _ = try await bench.sql("UPDATE attempts SET state = 'not_received' WHERE reference LIKE '%10'")
    found = []
    try await store.missing(id, provider: bench.provider, since: since, until: until) { found.append($0.reference) }
    #expect(found.compactMap { Int($0) } == [11, 12])
  }

  @Test func aLineMayNameTheProvidersOrderOnly() async throws {
    let bench = try await Bench()
    try await fill(bench, 10)
    _ = try await bench.sql(
      "UPDATE attempts SET provider_order_id = 'same' WHERE reference LIKE '%8' OR reference LIKE '%9'")
    let store = StatementStore(bench.store)
    let (id, _) = try await store.begin(provider: bench.provider, since: 0, until: 1, who: "me")
    try await store.add(
      [
        line(2, nil, id: "P000000000000000004"), line(3, nil, id: "same"), line(4, nil, id: "nobody's"),
        line(5, 5, id: "x"),
      ], to: id)
    try await store.name(id, provider: bench.provider)
    var found: [(Int, Int?)] = []
    try await store.compare(id, provider: bench.provider, canBeAsked: true) { group in
      #expect(group.count == 1, "lines without a reference are none's second ones")
      found += group.map { ($0.line.number, $0.orderID == nil ? nil : $0.line.reference.flatMap { Int($0) }) }
    }
    let byLine = Dictionary(uniqueKeysWithValues: found)
    #expect(byLine == [2: 4, 3: nil, 4: nil, 5: 5])
  }
}
