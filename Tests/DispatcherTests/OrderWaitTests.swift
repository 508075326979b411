import EventLoop
import Events
import HTTPServer
import Orders
import Postgres
import Redis
import Store
import Telemetry
import Testing

@testable import Dispatcher

/// How many wait at once.
@LoopActor
@Suite(.timeLimit(.minutes(1))) struct OrderWaitTests {
  private func order(of tenant: Int64) -> Order {
    var random = SystemRandomNumberGenerator()
    return Order(
      id: OrderID(milliseconds: 1_700_000_000_000, using: &random), version: 2, status: .sent, tenantID: tenant,
      product: "p", fields: [:], shopReference: nil, priority: .normal, quantity: 1, reason: nil, providerID: 1,
      sendReference: "1", sends: 1, checks: 0, age: .zero, sinceSend: .zero, untilDue: .zero, cost: nil, hasPin: false,
      createdAt: 0, updatedAt: 0, trace: nil)
  }

  private static func answer(_ wait: OrderWait, _ order: Order) async -> Int {
    let wish = OrderWait.Wish(limit: .seconds(600), until: .final)
    return await wait.answer(HTTPRequest(path: "/"), "\(order.id)", wish) { seen in
      seen.note(order)
      return HTTPResponse(status: 200)
    }.status
  }

  @Test func oneTenantLeavesPlacesForTheOthers() async throws {
    let log = Log(program: "test", format: .text, level: .error)
    let metrics = Metrics()
    // Nobody is there: nothing happens to any order.
    let pool = PostgresPool(url: "postgresql://127.0.0.1:1/none")
    let feed = EventFeed(
      redis: try RedisURL("redis://127.0.0.1:1"), outbox: Outbox(pool: pool), Instruments(log: log, metrics: metrics))
    let wait = OrderWait(feed: feed, metrics, waitersMax: 4, ofTenantMax: 2)
    func begin(_ tenant: Int64) -> Task<Int, Never> {
      let order = order(of: tenant)
      return Task(executorPreference: EventLoop.shared) { await Self.answer(wait, order) }
    }
    func waiting() -> Bool { metrics.render().contains("sevk_http_waiting_requests 2") }
    let first = [begin(1), begin(1)]
    while !waiting() { await Task.yield() }
    #expect(await begin(1).value == 200, "a third of the same is answered as its order is")
    #expect(waiting())
    let other = begin(2)
    while !metrics.render().contains("sevk_http_waiting_requests 3") { await Task.yield() }
    wait.stop()
    for task in first + [other] { #expect(await task.value == 200) }
    #expect(metrics.render().contains("sevk_http_waiting_requests 0"))
    await feed.stop()
    await pool.close()
  }
}
