import Adapters
import Calls
import Cipher
import EventLoop
import Foundation
import HTTPClient
import Kinds
import OrderWork
import Orders
import Postgres
import ProviderGate
import Queue
import Redis
import Store
import Telemetry
import TestSupport

@testable import Jobs

/// A desk with three partners in a database and a Redis of its own, with what a dispatcher, a worker and a gateway have.
@LoopActor
final class DeskBench {
  let redis: PrivateRedis
  let client: RedisClient
  let broker: RedisBroker
  let pool: PostgresPool
  let store: Store
  let directory: Directory
  let tools: OrderTools
  let fulfilments: Fulfilments
  let http = HTTPClient(connectionsMax: 2)
  let sender: Sender
  let checker: OrderChecker
  let tenant: Int64
  /// By name.
  let partners: [String: Int64]

  /// - Parameters:
  ///   - desk: without its partners, which are ali, veli and can.
  ///   - second: whether another desk is the second route.
  init(
    _ desk: Setup.Desk = Setup.Desk(), flow: Flow = .pickup, _ handOver: HandOver = .none, second: Bool = false,
    deadline: Duration = .seconds(86_400)
  ) async throws {
    redis = try await PrivateRedis.start()
    client = try redis.client()
    broker = RedisBroker(client: client)
    pool = PostgresPool(
      url: try await PrivatePostgres.shared.createDatabase(), connectionsMax: 4, planner: Statements.planner)
    _ = try await Migrator(pool: pool).migrate()
    store = Store(pool: pool, vault: try Vault(keys: Data(repeating: 7, count: 32).base64EncodedString()))
    let setup = Setup(store: store)
    try await setup.addTenant("shop")
    var partners: [String: Int64] = [:]
    for (name, number) in [("ali", 1), ("veli", 2), ("can", 3)] {
      guard let phone = PhoneNumber("+90555123456\(number)") else { continue }
      partners[name] = try await setup.addPartner(.init(tenant: "shop", name: name, phone: phone))
    }
    self.partners = partners
    for name in ["kitchen"] + (second ? ["other"] : []) {
      try await setup.addProvider(
        .init(
          name: name, adapter: "desk", baseURL: "desk:", credentials: [:], timeout: .seconds(5), concurrencyMax: 16,
          ratePerSecond: nil, trustNotFoundAfter: nil, checkFirst: nil, checkBackoff: nil, checkBackoffMax: nil,
          checkDeadline: deadline))
      var own = desk
      own.partners = name == "other" ? ["can"] : ["ali", "veli", "can"]
      try await setup.note(own, provider: name)
      try await setup.noteKnownSend(Desk.knownReference, provider: name)
      _ = try await setup.addRoute(
        tenant: "shop", product: "lunch", provider: name,
        parameters: ["flow": flow.rawValue, "handover": handOver.rawValue], position: nil)
    }
    tenant = try await pool.run(PostgresStatement(name: "", sql: "SELECT id FROM tenants"), [])[0].int(0)
    let log = Log(program: "test", format: .text, level: .error)
    let instruments = Instruments(log: log, metrics: Metrics())
    directory = Directory(store: store)
    tools = OrderTools(
      store: store, directory: directory, planner: JobPlanner(broker: broker, log: log), schedule: CheckSchedule(),
      instruments: instruments)
    let provider = ProviderClient(http: http, desk: StoredDesk(store))
    let gate = ProviderGate(
      process: "test", slots: 4, redis: client, store: store, directory: directory, client: provider, instruments)
    sender = Sender(tools, client: provider, gate: gate)
    checker = OrderChecker(tools, client: provider, gate: gate, questions: QuestionGate(redis: client, instruments))
    fulfilments = Fulfilments(
      store: store, directory: directory, broker: broker, schedule: CheckSchedule(), instruments)
  }

  func end() async {
    http.close()
    await client.close()
    await pool.close()
    redis.stop()
  }

  func sql(_ text: String) async throws -> PostgresRows {
    try await pool.run(PostgresStatement(name: "", sql: text), [])
  }

  func partner(_ name: String) -> Int64 { partners[name] ?? 0 }

  // MARK: An order

  /// A new order that has a job.
  func order() async throws -> OrderID {
    var random = SystemRandomNumberGenerator()
    let id = OrderID(milliseconds: UInt64(Date().timeIntervalSince1970 * 1000), using: &random)
    _ = try await store.add(
      NewOrder(
        id: id, tenantID: tenant, product: "lunch",
        fields: ["address": "Elm 3", "phone": "905551234567", "note": "no onions", "delivery_cost": "12.50"],
        shopReference: nil, priority: .normal, quantity: 1, idempotencyKey: "\(id)",
        requestHash: [UInt8](repeating: 1, count: 32), trace: nil))
    return id
  }

  /// An order that was handed to the desk.
  func sent() async throws -> OrderID {
    let id = try await order()
    _ = try await dispatch(id)
    return id
  }

  func dispatch(_ id: OrderID) async throws -> Outcome {
    try await sender.run(DispatchOrder(order: "\(id)"), context(id))
  }
  func check(_ id: OrderID) async throws -> Outcome { try await checker.run(CheckOrder(order: "\(id)"), context(id)) }

  private func context(_ id: OrderID) -> JobContext {
    JobContext(record: JobRecord(id: "\(id)", kind: CheckOrder.kind), lease: Lease(endsAt: .now + .seconds(60)))
  }

  func load(_ id: OrderID) async throws -> Fulfilment {
    guard let loaded = try await FulfilmentStore(store).load(id) else { throw Missing() }
    return loaded.now
  }

  func now(_ id: OrderID) async throws -> Order {
    guard let order = try await store.order(id) else { throw Missing() }
    return order
  }

  struct Missing: Error {}

  /// Lets the order's time at its present stage be over.
  func letTimePass(_ id: OrderID) async throws {
    _ = try await sql("UPDATE fulfilments SET deadline = now() WHERE order_id = '\(id)'")
    _ = try await sql("UPDATE orders SET due_at = now() WHERE id = '\(id)'")
  }

  func say(
    _ name: String, _ id: OrderID, _ to: PartnerWord.Target, expecting version: Int? = nil, code: String? = nil,
    note: String = "", price: Money? = nil
  ) async throws -> String {
    let answer = try await fulfilments.partner(
      partner(name), id, expecting: version, to, note: note, price: price, code: code)
    return switch answer {
    case .done(let loaded): "done \(loaded.now.stage.rawValue)"
    case .conflict(let loaded): "conflict \(loaded.now.version)"
    case .refused(let why, let allowed, _): "refused \(why) \(allowed.map(\.rawValue))"
    case .wrongCode(let left, _, _): "wrong \(left)"
    case .notFound: "not found"
    }
  }

  /// Of each event: type and stage.
  func events(_ id: OrderID) async throws -> [String] {
    try await sql(
      "SELECT coalesce(type, '-'), coalesce(stage, '-') FROM events WHERE order_id = '\(id)' ORDER BY version"
    ).map { "\(try $0.text(0)) \(try $0.text(1))" }
  }
}
