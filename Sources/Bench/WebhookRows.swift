import EventLoop
import Jobs
import Kinds
import Postgres
import PrivateServers
import Queue
import Redis
import Store

/// Endpoints, what they are to be told, and the jobs of that, as the relay leaves them.
@LoopActor
struct WebhookRows {
  private static let jobsInCall = 500
  private static let rowsInTransaction = 100_000

  let installation: Installation
  let broker: RedisBroker

  init(_ installation: Installation) {
    self.installation = installation
    broker = RedisBroker(client: installation.redis)
  }

  /// Endpoints by number, from 1; those of before are gone.
  ///
  /// - Parameter urls: of each.
  func setUp(_ urls: [String]) async throws {
    try await installation.postgres.script("TRUNCATE endpoints, deliveries, delivery_attempts RESTART IDENTITY")
    _ = try await installation.redis.command("FLUSHALL")
    let store = try installation.store()
    let tenants = try await store.tenantNames()
    guard let tenant = tenants.keys.first else { throw ChildProgram.Failure("there is no tenant") }
    for (index, url) in urls.enumerated() {
      _ = try await EndpointStore(store: store).put(
        .init(tenantID: tenant, name: "endpoint-\(index + 1)", url: url, types: ["*"]))
    }
  }

  /// One line: an endpoint and an order.
  ///
  /// - Parameter number: the endpoints take turns by it.
  static func order(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return "01900000-0000-7000-8000-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }

  /// Puts events in line.
  ///
  /// - Parameters:
  ///   - lines: numbers of orders; their events' positions follow from these.
  ///   - perLine: events of an order, the first is 1.
  ///   - endpoint: what the endpoint's number is, in SQL of `line`.
  ///   - due: when an event is due, in SQL of `line`.
  func fill(_ lines: Range<Int>, perLine: Int, endpoint: String, due: String = "now()") async throws {
    for first in stride(from: lines.lowerBound, to: lines.upperBound, by: Self.rowsInTransaction) {
      let last = min(first + Self.rowsInTransaction, lines.upperBound) - 1
      try await installation.postgres.script(
        """
        INSERT INTO deliveries (endpoint_id, position, event_id, type, order_id, order_version, body, state, next_at)
        SELECT \(endpoint), line * \(perLine) + v, id || '/' || v, 'sevk.order.sent', id::uuid, v,
               replace(replace(\(Self.body), 'ORDER', id), 'VERSION', v::text), 'waiting', \(due)
        FROM generate_series(\(first), \(last)) AS line, generate_series(1, \(perLine)) AS v,
             lateral (SELECT '01900000-0000-7000-8000-' || lpad(to_hex(line), 12, '0') AS id) AS o
        """)
    }
    try await installation.postgres.script("VACUUM ANALYZE deliveries")
  }

  /// As long as those of orders are.
  private static let body = """
    '{"specversion":"1.0","id":"ORDER/VERSION","source":"sevk/shop","type":"sevk.order.sent","subject":"ORDER",\
    "time":"2026-11-29T09:30:00.123Z","sequence":"000000000VERSION","datacontenttype":"application/json",\
    "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","data":{"status":"sent",\
    "product":"pubg-60","reference":"shop-1000017","provider":"panel","version":VERSION,"refund_safe":"no",\
    "evidence":{"proof":"at_provider","text":"the provider has the order and may fulfil it"}}}'
    """

  /// Enqueues the jobs of lines.
  ///
  /// - Parameter delay: of each, asked right before it is enqueued.
  func enqueue(
    _ lines: Range<Int>, endpoint: (Int) -> Int, delay: (Int) -> Duration = { _ in .zero }
  ) async throws {
    for first in stride(from: lines.lowerBound, to: lines.upperBound, by: Self.jobsInCall) {
      let jobs = (first..<min(first + Self.jobsInCall, lines.upperBound)).map {
        DeliverEvent.planned(endpoint: Int64(endpoint($0)), order: Self.order($0), after: delay($0))
      }
      // A scheduler that runs may have found some of them owed.
      _ = try await broker.enqueue(jobs)
    }
  }

  /// How many events were delivered.
  func delivered() async throws -> Int {
    Int(try await installation.postgres.run(Self.countDelivered, []).single().int(0))
  }

  private static let countDelivered = PostgresStatement(
    name: "bench_delivered", sql: "SELECT count(*) FROM deliveries WHERE state = 'delivered'")
}
