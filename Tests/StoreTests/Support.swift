import Cipher
import EventLoop
import Foundation
import Orders
import Postgres
import Store
import TestSupport

/// A migrated database of the test's own, with a tenant and a provider.
@LoopActor
struct Bench {
  nonisolated static let key = Data(repeating: 7, count: 32).base64EncodedString()

  let url: String
  let pool: PostgresPool
  let store: Store
  let tenant: Int64
  let provider: Int64

  init(server: PrivatePostgres? = nil, connectionsMax: Int = 4) async throws {
    let server = if let server { server } else { try await PrivatePostgres.shared }
    url = try await server.createDatabase()
    pool = PostgresPool(url: url, connectionsMax: connectionsMax, planner: Statements.planner)
    _ = try await Migrator(pool: pool).migrate()
    store = Store(pool: pool, vault: try Vault(keys: Self.key))
    let setup = Setup(store: store)
    try await setup.addTenant("shop")
    try await setup.addProvider(.sample("znet"))
    tenant = try await Self.rows("SELECT id FROM tenants", pool)[0].int(0)
    provider = try await Self.rows("SELECT id FROM providers", pool)[0].int(0)
  }

  private init(_ other: Bench, pool: PostgresPool) throws {
    (url, tenant, provider) = (other.url, other.tenant, other.provider)
    self.pool = pool
    store = Store(pool: pool, vault: try Vault(keys: Self.key))
  }

  /// The same database over connections of which none was broken.
  func reconnected() throws -> Bench {
    try Bench(self, pool: PostgresPool(url: url, planner: Statements.planner))
  }

  func sql(_ text: String, _ parameters: PostgresParameter...) async throws -> PostgresRows {
    try await pool.run(PostgresStatement(name: "", sql: text), parameters)
  }

  func count(_ table: String, where condition: String = "true") async throws -> Int64 {
    try await sql("SELECT count(*) FROM \(table) WHERE \(condition)")[0].int(0)
  }

  private static func rows(_ sql: String, _ pool: PostgresPool) async throws -> PostgresRows {
    try await pool.run(PostgresStatement(name: "", sql: sql), [])
  }

  // MARK: Orders

  func newOrder(key: String? = nil, tenant other: Int64? = nil, hash: UInt8 = 1) -> NewOrder {
    let id = OrderID.random()
    return NewOrder(
      id: id, tenantID: other ?? tenant, product: "pubg-60", fields: ["player_id": "5123", "note": "ğ \"x\" \\"],
      shopReference: "shop-778", priority: .high, quantity: 1, idempotencyKey: key ?? id.description,
      requestHash: [UInt8](repeating: hash, count: 32), trace: "00-trace")
  }

  /// A new order, as the database has it.
  func order() async throws -> Order {
    let new = newOrder()
    _ = try await store.add(new)
    return try await load(new.id)
  }

  /// An order that was moved along `path`.
  func order(_ path: Status...) async throws -> Order {
    var order = try await order()
    for status in path {
      try await store.apply(move(order, to: status))
      order = try await load(order.id)
    }
    return order
  }

  func load(_ id: OrderID) async throws -> Order {
    guard let order = try await store.order(id) else { throw Missing(id: id) }
    return order
  }

  struct Missing: Error { let id: OrderID }

  /// The move with what the database asks for with it.
  func move(_ order: Order, to status: Status, reason: String? = nil) -> Transition {
    var move = Transition(order, to: status, Reason(.other, reason ?? "because"))
    if status.isOpen { move.dueIn = .seconds(60) }
    if status == .sending { move.send = (provider, .randomReference()) }
    return move
  }
}

extension OrderID {
  static func random() -> OrderID {
    var random = SystemRandomNumberGenerator()
    return OrderID(milliseconds: UInt64(Date().timeIntervalSince1970 * 1000), using: &random)
  }
}

extension String {
  static func randomReference() -> String {
    var random = SystemRandomNumberGenerator()
    return SendReference.make(digits: 18, using: &random)
  }
}

extension Exchange {
  static func sample(_ kind: Kind) -> Exchange {
    Exchange(
      kind: kind, request: "GET /servis", status: 200, reply: [0, 255, 65], error: nil, duration: .milliseconds(12))
  }
}

extension Setup.NewProvider {
  static func sample(_ name: String) -> Setup.NewProvider {
    Setup.NewProvider(
      name: name, adapter: "znet", baseURL: "http://127.0.0.1:1",
      credentials: ["kod": "me", "sifre": "SECRET-PASSWORD"],
      timeout: .seconds(20), concurrencyMax: 16, ratePerSecond: 5, trustNotFoundAfter: .seconds(300), checkFirst: nil,
      checkBackoff: .seconds(7), checkBackoffMax: nil, checkDeadline: nil)
  }
}

/// Runs `body` for each number at once, and gathers what came of each.
func atOnce<T: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Int) async throws -> T
) async -> [Result<T, any Error>] {
  await withTaskGroup(of: (Int, Result<T, any Error>).self) { group in
    for number in 0..<count {
      group.addTask {
        do { return (number, .success(try await body(number))) } catch { return (number, .failure(error)) }
      }
    }
    var results: [(Int, Result<T, any Error>)] = []
    for await result in group { results.append(result) }
    return results.sorted { $0.0 < $1.0 }.map(\.1)
  }
}

extension Store {
  /// A page of one tenant's orders, newest first.
  func orders(
    tenant: Int64, statuses: Set<Status>, shopReference: String?, before: OrderID?, limit: Int
  ) async throws -> [Order] {
    var filter = OrderFilter(tenantID: tenant, limit: limit)
    (filter.statuses, filter.shopReference, filter.before) = (statuses, shopReference, before)
    return try await orders(filter)
  }
}
