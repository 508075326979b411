public import Orders
internal import Postgres

/// Which of a tenant's orders a shop asks for, a page at a time, newest first.
public struct OrderFilter: Sendable {
  public var tenantID: Int64
  /// Only orders in these; all, when it is empty.
  public var statuses: Set<Status> = []
  public var shopReference: String?
  public var idempotencyKey: String?
  /// Whom they are for, at the provider.
  public var player: String?
  /// Recorded at this time or later, in milliseconds of Unix time.
  public var createdFrom: Int64?
  /// Recorded before this time.
  public var createdBefore: Int64?
  /// Older than this order: where the page before ended.
  public var before: OrderID?
  public var limit: Int

  public init(tenantID: Int64, limit: Int) { (self.tenantID, self.limit) = (tenantID, limit) }

  /// How far the clock of the dispatcher that made an id may be from that of the database, which says when the order was
  /// recorded. Ids only narrow what is looked through.
  private static let clockMargin: Int64 = 600_000

  /// The first id that can be of ``createdFrom``.
  private var least: OrderID? {
    createdFrom.map { .first(at: UInt64(max(0, $0 - Self.clockMargin))) }
  }

  /// The first id that is of no use.
  private var end: OrderID? {
    let end = createdBefore.map {
      OrderID.first(at: UInt64(max(0, min($0, .max - Self.clockMargin) + Self.clockMargin)))
    }
    return [before, end].compactMap(\.self).min()
  }

  /// What a page is found by.
  var statement: PostgresStatement? {
    if idempotencyKey != nil { return Statements.listOrdersByKey }
    if shopReference != nil { return Statements.listOrdersByReference }
    return player == nil ? nil : Statements.listOrdersByPlayer
  }

  /// For ``statement``.
  var parameters: [PostgresParameter] {
    [
      .int(tenantID), .textArray(wanted.map(\.rawValue)), .text(end?.description), .int(limit), .int(createdFrom),
      .int(createdBefore), .text(shopReference), .text(idempotencyKey), .text(player),
    ]
  }

  /// For the lists of all orders of a status; nil stands for all statuses.
  func parameters(status: Status?) -> [PostgresParameter] {
    [
      .int(tenantID), .text(status?.rawValue), .text(end?.description), .int(limit), .text(least?.description),
      .int(createdFrom), .int(createdBefore),
    ]
  }

  /// The statuses asked for, in an order that is always the same.
  var wanted: [Status] { Status.allCases.filter { statuses.isEmpty || statuses.contains($0) } }
}

extension Store {
  /// A page of one tenant's orders, newest first.
  public func orders(_ filter: OrderFilter) async throws -> [Order] {
    if let statement = filter.statement {
      return try await orders(in: Self.ids(try await pool.run(statement, filter.parameters)))
    }
    // Each status has its own plan, and the newest of each are enough to find the newest of all.
    let all = filter.wanted.count == Status.allCases.count
    var ids: [OrderID] = []
    for status in all ? [nil] : filter.wanted.map(Optional.some) {
      // One statement for all would have one plan for all, and read every order of the tenant for a rare one.
      let isRare = status != nil && status != .completed
      ids += try Self.ids(
        try await pool.run(
          isRare ? Statements.listOrdersByStatus : Statements.listOrders, filter.parameters(status: status)))
    }
    return try await orders(in: Array(ids.sorted(by: >).prefix(filter.limit)))
  }

  private static func ids(_ rows: PostgresRows) throws -> [OrderID] {
    try rows.compactMap { OrderID(try $0.text(0)) }
  }
}
