import EventLoop
public import Orders
internal import Postgres

/// What support looks for among the orders of all tenants.
public struct OrderSearch: Sendable {
  /// Empty for any.
  public var statuses: [Status] = []
  public var tenant: Int64?
  /// The provider that it was sent to last.
  public var provider: Int64?
  public var product: String?
  /// Whom it is for; goes without ``shopReference``.
  public var player: String?
  /// The shop's name for it.
  public var shopReference: String?
  /// Recorded so long ago or longer.
  public var olderThan: Duration?
  /// Recorded from this time on, in milliseconds of Unix time, by the database's clock.
  public var createdFrom: Int64?
  /// Recorded before this one.
  public var createdBefore: Int64?
  /// Why it is where it is.
  public var reason: ReasonCode?
  /// Goes on behind this order.
  public var after: OrderID?
  public var limit = 50

  public init() {}

  /// So many orders are looked at for one page, so that a rare thing among millions takes several pages and not the
  /// database's time.
  public static let lookedAtMax = 20_000
  /// Ids begin with the clock of who took the order in, which may have been wrong by so much.
  static let clockErrorMax = Duration.seconds(7200)
}

/// A page of what was found.
public struct OrderPage: Sendable {
  /// Newest first.
  public let orders: [Order]
  /// How many were looked at.
  public let lookedAt: Int
  /// Where the next page begins; nil when this was the last.
  public let next: OrderID?
}

extension Store {
  /// A page of the orders that fit, newest first.
  ///
  /// - Parameter nowMilliseconds: Unix time, for finding the place to begin; what is older is decided by the database.
  public func search(_ search: OrderSearch, nowMilliseconds: Int64) async throws -> OrderPage {
    var before = search.after
    if let older = search.olderThan {
      let latest = nowMilliseconds - older.milliseconds + OrderSearch.clockErrorMax.milliseconds
      let start = OrderID(atMilliseconds: UInt64(max(0, latest)))
      before = before.map { min($0, start) } ?? start
    }
    if let end = search.createdBefore {
      let start = OrderID.first(at: UInt64(max(0, min(end, .max / 2) + OrderSearch.clockErrorMax.milliseconds)))
      before = before.map { min($0, start) } ?? start
    }
    let statuses = search.statuses
    let statement =
      if search.player != nil {
        Statements.searchByPlayer
      } else if search.shopReference != nil {
        Statements.searchByReference
      } else if !statuses.isEmpty && !statuses.contains(.completed) {
        Statements.searchByStatus
      } else {
        search.tenant != nil ? Statements.searchByTenant : Statements.searchAll
      }
    let named = search.player ?? search.shopReference
    let rows = try await pool.run(
      statement,
      [
        .text(before?.description), .int(search.tenant), .int(search.provider), .text(search.product),
        .int(search.olderThan?.milliseconds), statuses.isEmpty ? .text(nil) : .textArray(statuses.map(\.rawValue)),
        .int(search.limit), .int(OrderSearch.lookedAtMax), .int(search.createdFrom), .int(search.createdBefore),
        .text(search.reason?.rawValue),
      ] + (named.map { [.text($0)] } ?? []))
    let found = try await orders(in: rows.compactMap { try $0.textOrNil(0).flatMap { OrderID($0) } })
    let lookedAt = Int(try rows.first?.int(1) ?? 0)
    let last = try rows.first?.textOrNil(2).flatMap { OrderID($0) }
    var next: OrderID?
    if found.count >= search.limit {
      next = found.last?.id
    } else if lookedAt >= OrderSearch.lookedAtMax {
      next = last
    }
    if let from = search.createdFrom, let end = next {
      let least = OrderID.first(at: UInt64(max(0, from - OrderSearch.clockErrorMax.milliseconds)))
      // Whatever is older was recorded before.
      if end < least { next = nil }
    }
    return OrderPage(orders: found, lookedAt: lookedAt, next: next)
  }

  /// The names of all tenants by id.
  public func tenantNames() async throws -> [Int64: String] {
    let statement = PostgresStatement(name: "tenant_names", sql: "SELECT id, name FROM tenants")
    var names: [Int64: String] = [:]
    for row in try await pool.run(statement, []) { names[try row.int(0)] = try row.text(1) }
    return names
  }
}

extension OrderID {
  /// The first id of a millisecond of Unix time.
  fileprivate init(atMilliseconds milliseconds: UInt64) {
    var zeros = Zeros()
    self.init(milliseconds: milliseconds, using: &zeros)
  }

  private struct Zeros: RandomNumberGenerator {
    func next() -> UInt64 { 0 }
  }
}
