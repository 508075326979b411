import EventLoop
import Orders
import Postgres
import Store
import Telemetry
import TestSupport
import Testing

@testable import OrderWork

/// How long orders take, as it is counted: by names of the set-up, so many at most, and nothing of sandboxes.
@Suite(.timeLimit(.minutes(1)))
@LoopActor
struct OrderTimesTests {
  private static func order(_ status: Status, tenant: Int64, updated: Int64, sinceSend: Duration? = nil) -> Order {
    var random = SystemRandomNumberGenerator()
    return Order(
      id: OrderID(milliseconds: 1, using: &random), version: 2, status: status, tenantID: tenant, product: "p",
      fields: [:], shopReference: nil, priority: .normal, quantity: 1, reason: nil, providerID: 1,
      sendReference: nil, sends: 1, checks: 0, age: .zero, sinceSend: sinceSend, untilDue: nil, cost: nil,
      hasPin: false, createdAt: 0, updatedAt: updated, trace: nil)
  }

  private func times(tenants: Int) async throws -> (OrderTimes, Metrics) {
    let pool = PostgresPool(
      url: try await PrivatePostgres.shared.createDatabase(), connectionsMax: 1, planner: Statements.planner)
    _ = try await Migrator(pool: pool).migrate()
    try await pool.script(
      """
      INSERT INTO providers (name, adapter, base_url, credentials) VALUES ('panel', 'znet', 'http://x', '');
      INSERT INTO tenants (name) SELECT 'shop-' || n FROM generate_series(1, \(tenants)) AS n;
      INSERT INTO tenants (name, sandbox_of) VALUES ('shop-1:sandbox', 1);
      """)
    // Without the secret key: names are all that is wanted.
    let directory = Directory(store: Store(pool: pool, vault: nil))
    _ = try await directory.providers()
    await pool.close()
    let metrics = Metrics()
    let times = OrderTimes(metrics, directory)
    times.describe()
    return (times, metrics)
  }

  @Test func everyStepIsCountedWhereItBelongs() async throws {
    let (times, metrics) = try await times(tenants: 1)
    func order(_ status: Status, _ updated: Int64, _ sinceSend: Duration? = nil) -> Order {
      Self.order(status, tenant: 1, updated: updated, sinceSend: sinceSend)
    }
    var waits = OrderWaits(sends: 0)
    waits = OrderWaits(carried: waits.waiting(for: .init(.stock, at: 1), .seconds(6), age: .zero), sends: 0)
    waits.end(age: .seconds(7))
    times.began(order(.sending, 10_000), before: order(.pending, 0), waits)
    times.moved(order(.sent, 12_000), before: order(.sending, 10_000), nil)
    let question = Exchange(
      kind: .query, request: "GET", status: 200, reply: [], error: nil, duration: .milliseconds(500))
    times.moved(order(.sent, 20_000), before: order(.sent, 12_000), question)
    times.moved(order(.completed, 21_000, .seconds(9)), before: order(.sent, 20_000), question)
    // Nobody counts what a lost race would have said: an end that is none.
    times.moved(order(.held, 21_000, .seconds(9)), before: order(.unresolved, 20_000), nil)
    let text = metrics.render()
    func shows(_ line: String) { #expect(text.contains("\(line)\n"), "\(line) in \(text)") }
    let labels = #"provider="panel",tenant="shop-1""#
    for (on, seconds) in [
      ("stock", "6"), ("turn", "4"), ("call", "2"), ("provider", "8"), ("question", "1"), ("lost", "1"),
    ] { shows("sevk_order_spent_seconds_total{\(labels),on=\"\(on)\"} \(seconds)") }
    shows("sevk_order_to_sent_seconds_sum{\(labels)} 12.0")
    shows("sevk_order_to_sent_seconds_count{\(labels)} 1")
    shows("sevk_order_to_end_seconds_sum{\(labels)} 9.0")
    shows("sevk_order_to_end_seconds_count{\(labels)} 1")
  }

  @Test func labelsAreNamesOfTheSetUpAndSoManyAtMost() async throws {
    let shops = OrderTimes.pairsMax + 20
    let (times, metrics) = try await times(tenants: shops)
    // A sandbox, and one that is not there.
    for tenant in [Int64(shops + 1), 9_999_999] {
      times.moved(
        Self.order(.sent, tenant: tenant, updated: 5), before: Self.order(.sending, tenant: tenant, updated: 0), nil)
    }
    #expect(!metrics.render().contains("tenant="))
    for tenant in 1...Int64(shops) {
      times.moved(
        Self.order(.sent, tenant: tenant, updated: 5), before: Self.order(.sending, tenant: tenant, updated: 0), nil)
    }
    let counts = metrics.render().split(separator: "\n").filter { $0.hasPrefix("sevk_order_to_sent_seconds_count") }
    #expect(counts.count == OrderTimes.pairsMax + 1)
    #expect(counts.contains(#"sevk_order_to_sent_seconds_count{provider="panel",tenant="_other"} 20"#))
  }

  /// A question that was due for minutes is no time that the provider took.
  @Test func timeInWhichNobodyAskedIsCountedApart() async throws {
    let (times, metrics) = try await times(tenants: 1)
    var before = Self.order(.sent, tenant: 1, updated: 12_000)
    // As it was read 20 s after its last change, 10 s before it was due.
    (before.age, before.untilDue) = (.seconds(32), .seconds(10))
    times.moved(Self.order(.sent, tenant: 1, updated: 312_000), before: before, nil)
    times.moved(Self.order(.sent, tenant: 1, updated: 72_000), before: before, nil)
    let text = metrics.render()
    for (on, seconds) in [("unasked", "270"), ("provider", "90")] {
      let line = "sevk_order_spent_seconds_total{provider=\"panel\",tenant=\"shop-1\",on=\"\(on)\"} \(seconds)\n"
      #expect(text.contains(line), "\(line) in \(text)")
    }
  }
}
