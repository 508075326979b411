public import Orders
internal import EventLoop
internal import Postgres

/// What a person did to an order.
public struct Audit: Sendable {
  /// RFC 3339, UTC.
  public let time: String
  /// nil when a newer version of Sevk wrote it.
  public let choice: PersonChoice?
  /// As stored.
  public let from: String
  public let to: String
  public let who: String
  public let note: String
  /// The order's version after it.
  public let version: Int
}

/// One send of an order, as a person needs it who decides about the order.
public struct Send: Sendable {
  public let number: Int
  public let provider: String
  public let reference: String
  public let state: AttemptState
  public let cost: Money?
  /// RFC 3339, UTC.
  public let time: String
}

extension Store {
  /// What people did to an order, oldest first.
  public func audits(of id: OrderID) async throws -> [Audit] {
    try await pool.run(Statements.audits, [.text(id.description)]).map { row in
      Audit(
        time: row.text(6), choice: PersonChoice(rawValue: row.text(0)), from: row.text(1), to: row.text(2),
        who: row.text(3), note: row.text(4), version: Int(row.int(5)))
    }
  }

  /// Every send of an order, oldest first. A state that this version doesn't know counts as unknown.
  public func sends(of id: OrderID) async throws -> [Send] {
    try await pool.run(Statements.sends, [.text(id.description)]).map { row in
      Send(
        number: Int(row.int(0)), provider: row.text(1), reference: row.text(2),
        state: AttemptState(rawValue: row.text(3)) ?? .unknown, cost: row.textOrNil(4).flatMap { Money(parsing: $0) },
        time: row.text(5))
    }
  }

  /// What the catalogue says that the order's product costs; nil when it says nothing.
  public func catalogCost(of order: Order) async throws -> Money? {
    let rows = try await pool.run(Statements.catalogCost, [.int(order.tenantID), .text(order.product)])
    return rows.first?.textOrNil(0).flatMap { Money(parsing: $0) }
  }
}
