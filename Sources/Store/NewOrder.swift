internal import EventLoop
public import Orders
internal import Postgres

/// An order as it comes in.
public struct NewOrder: Sendable {
  public var id: OrderID
  public var tenantID: Int64
  public var product: String
  public var fields: [String: String]
  public var shopReference: String?
  /// Whom it is for; nil where the field ``Route/playerFieldUsual`` says so.
  public var player: String?
  /// JSON, as the shop wrote it.
  public var metadata: String?
  public var priority: Priority
  public var quantity: Int
  public var idempotencyKey: String
  /// SHA-256 of the request, to tell a repeat from another request under the same key.
  public var requestHash: [UInt8]
  public var trace: String?
  /// Whose orders it was passed on from.
  public var chain = OrderChain()

  public init(
    id: OrderID, tenantID: Int64, product: String, fields: [String: String], shopReference: String?, priority: Priority,
    quantity: Int, idempotencyKey: String, requestHash: [UInt8], trace: String?
  ) {
    self.id = id
    self.tenantID = tenantID
    self.product = product
    self.fields = fields
    self.shopReference = shopReference
    self.priority = priority
    self.quantity = quantity
    self.idempotencyKey = idempotencyKey
    self.requestHash = requestHash
    self.trace = trace
  }
}

/// What became of an order that came in.
public enum Intake: Sendable, Equatable {
  /// Recorded, as the database has it.
  case created(Order)
  /// The key already stands for this order, and the request is the same.
  case repeated(OrderID)
  /// The key already stands for another request.
  case keyReused(OrderID)
}

extension NewOrder {
  private struct Key: Hashable {
    let tenantID: Int64
    /// As the database compares it. To a `String` two spellings of one letter are the same, and one shop's order would
    /// be taken for the repeat of another.
    let key: ExactText
  }

  /// For `insert_orders.sql`.
  static func parameters(_ orders: [NewOrder]) throws -> [PostgresParameter] {
    [
      .textArray(orders.map(\.id.description)), .intArray(orders.map(\.tenantID)),
      .textArray(orders.map(\.product)), .textArray(try orders.map { try OrderRow.encodeMap($0.fields) }),
      .textArray(orders.map(\.shopReference)), .textArray(orders.map(\.priority.rawValue)),
      .intArray(orders.map { Int64($0.quantity) }), .textArray(orders.map(\.idempotencyKey)),
      .byteaArray(orders.map(\.requestHash)), .textArray(orders.map(\.trace)), .textArray(orders.map(\.player)),
      .textArray(orders.map(\.metadata)), .textArray(orders.map { $0.chain.ids.isEmpty ? nil : $0.chain.text }),
    ]
  }

  /// What became of each, all of it committed: what can't be told of one is no reason to fail the others.
  ///
  /// - Parameter rows: what `insert_orders.sql` answered.
  @LoopActor
  static func answers(
    _ orders: [NewOrder], _ rows: PostgresRows, _ pool: PostgresPool
  ) async -> [Result<Intake, any Error>] {
    var created: [OrderID: Result<Order, any Error>] = [:]
    for row in rows {
      if let id = (try? row.text(0)).flatMap({ OrderID($0) }) { created[id] = Result { try OrderRow.decode(row) } }
    }
    let others = orders.filter { created[$0.id] == nil }
    var existing: Result<[Key: (id: OrderID, hash: [UInt8])], any Error> = .success([:])
    if !others.isEmpty {
      do { existing = .success(try await find(others, pool)) } catch { existing = .failure(error) }
    }
    return orders.map { order in
      if let result = created[order.id] { return result.map { .created($0) } }
      return Result {
        guard let other = try existing.get()[order.key] else {
          throw StoreError.invalid("the idempotency key was taken by an order that is no longer there; send it again")
        }
        return order.meets(other)
      }
    }
  }

  private var key: Key { Key(tenantID: tenantID, key: ExactText(idempotencyKey)) }

  private func meets(_ other: (id: OrderID, hash: [UInt8])) -> Intake {
    other.hash == requestHash ? .repeated(other.id) : .keyReused(other.id)
  }

  /// The orders that hold the same idempotency keys.
  @LoopActor
  private static func find(
    _ orders: [NewOrder], _ pool: PostgresPool
  ) async throws -> [Key: (id: OrderID, hash: [UInt8])] {
    let rows = try await pool.run(
      Statements.findByKey, [.intArray(orders.map(\.tenantID)), .textArray(orders.map(\.idempotencyKey))])
    var found: [Key: (id: OrderID, hash: [UInt8])] = [:]
    for row in rows {
      guard let id = OrderID(try row.text(2)) else { continue }
      found[try Key(tenantID: row.int(0), key: ExactText(row.text(1)))] = (id, try row.bytes(3))
    }
    return found
  }

  /// What a repeat of this order would be answered; nil when its key is free.
  @LoopActor
  func existing(_ pool: PostgresPool) async throws -> Intake? {
    try await Self.find([self], pool)[key].map(meets)
  }
}
