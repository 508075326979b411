public import Orders
internal import Postgres

/// What people see of all orders at once.
extension Store {
  /// Most orders that ``endedOrders()`` looks at: it is asked every two seconds.
  public nonisolated static let endedOrdersMax = 20_000

  /// How the orders ended that were posted within a day, the newest ``endedOrdersMax`` of them. A status without orders is
  /// left out.
  public func endedOrders() async throws -> [Status: Int] {
    var counts: [Status: Int] = [:]
    for row in try await pool.run(Statements.endedOrders, [.int(Self.endedOrdersMax)]) {
      if let status = Status(rawValue: try row.text(0)) { counts[status] = Int(try row.int(1)) }
    }
    return counts
  }

  /// Orders that wait for a person, the longest known first.
  public func heldOrders(limit: Int) async throws -> [Order] {
    try await load(Statements.heldOrders, limit: limit).sorted { $0.id < $1.id }
  }

  /// The orders that were posted last, newest first.
  public func newestOrders(limit: Int) async throws -> [Order] {
    try await load(Statements.newestOrders, limit: limit).sorted { $0.id > $1.id }
  }

  private func load(_ statement: PostgresStatement, limit: Int) async throws -> [Order] {
    let ids = try await pool.run(statement, [.int(limit)]).map { try $0.text(0) }
    guard !ids.isEmpty else { return [] }
    return try await pool.run(Statements.loadOrders, [.textArray(ids)]).map { try OrderRow.decodeLoaded($0) }
  }
}
