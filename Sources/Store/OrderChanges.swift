public import Orders
internal import Postgres

/// A place in the list of a tenant's orders by their last change.
public struct ChangePlace: Sendable, Equatable, CustomStringConvertible {
  /// The change; see `schema_0012.sql`.
  public let change: Int64
  public let id: OrderID

  /// Before everything.
  public static let start = ChangePlace(change: -1, id: OrderID.least)

  public init(change: Int64, id: OrderID) { (self.change, self.id) = (change, id) }

  /// Reads what ``description`` wrote; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let change = Int64(parts[0]),
      let id = OrderID(parts[1])
    else { return nil }
    (self.change, self.id) = (change, id)
  }

  public var description: String { "\(max(change, 0))-\(id)" }
}

extension Store {
  /// What a page by changes looks at, whatever it shows of it: for a rare status the page may be short, never slow.
  static let changesLookedAtMax = 1000
  /// No transaction begins this long before its first write: so far the times of changes may be out of order.
  static let changeMargin = Duration.seconds(60)

  /// A page of one tenant's orders in the order of their last changes, oldest first. An order that changes moves to the
  /// end, so whoever goes on from the place that the page ends at misses nothing.
  ///
  /// - Parameters:
  ///   - statuses: only orders in these; all, when it is empty.
  ///   - updatedAfter: only orders that were written after this, in milliseconds of Unix time.
  /// - Returns: the orders, and the place to go on from; nil when `after` is a place of another database than this, such
  ///   as one that was restored since: then a list must begin anew.
  public func changedOrders(
    tenant: Int64, statuses: Set<Status>, updatedAfter: Int64? = nil, after: ChangePlace, limit: Int
  ) async throws -> (orders: [Order], next: ChangePlace)? {
    // Every place that was ever given out lies before what was the horizon then, and the horizon only grows.
    let horizon = try await pool.run(Statements.changeHorizon, []).single().int(0)
    guard after.change < horizon else { return nil }
    let looked = statuses.isEmpty && updatedAfter == nil ? limit : Self.changesLookedAtMax
    let rows = try await pool.run(
      Statements.listChangedOrders, [.int(tenant), .int(after.change), .text(after.id.description), .int(looked)])
    // One that ended and was contested since stands in both lists: the later change counts.
    var places: [OrderID: Int] = [:]
    var next = after
    for (place, row) in rows.enumerated() {
      guard places.count < limit, let id = try OrderID(row.text(0)) else { break }
      next = ChangePlace(change: try row.int(1), id: id)
      if let updatedAfter, try row.int(3) <= updatedAfter * 1000 { continue }
      let status = Status(rawValue: try row.text(2))
      if statuses.isEmpty || status.map(statuses.contains) ?? false { places[id] = place }
    }
    let loaded = try await orders(in: Array(places.keys))
    // One that has changed meanwhile comes again, at its new place.
    let orders = loaded.filter { statuses.isEmpty || statuses.contains($0.status) }
      .sorted { places[$0.id, default: 0] < places[$1.id, default: 0] }
    return (orders, next)
  }

  /// A place before which no order of the tenant changed after a moment, so that a list of what changed since can begin
  /// there: it may be up to ``changeMargin`` before the first that did.
  ///
  /// - Parameter milliseconds: of Unix time.
  public func changePlace(tenant: Int64, at milliseconds: Int64) async throws -> ChangePlace {
    let row = try await pool.run(
      Statements.changeAt, [.int(tenant), .int(milliseconds), .int(Self.changeMargin.milliseconds)]
    ).single()
    return try ChangePlace(change: row.int(0), id: .least)
  }
}
