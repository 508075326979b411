internal import EventLoop
public import Orders
internal import Postgres

/// What a person did to an order.
public struct Audit: Sendable {
  /// RFC 3339, UTC.
  public let time: String
  /// nil for what is no choice of a person's, or was written by a newer version of Sevk.
  public let choice: PersonChoice?
  /// As stored.
  public let from: String
  public let to: String
  public let who: String
  public let note: String
  /// The order's version after it.
  public let version: Int
  /// Milliseconds of Unix time.
  public let at: Int64
  /// Its shop claimed the refund.
  public var isRefundClaim = false
  /// What is neither, as stored: ``askName`` and ``secondWantedName``, and what newer versions write.
  public var otherName: String?
  /// What was done to a code of a stock that was set aside for it; the note names the code.
  public var stockMove: StockStore.Move?

  /// Somebody had its provider asked.
  public static let askName = "ask"
  /// Somebody wants it sent again, which takes a second person.
  public static let secondWantedName = "second_wanted"
}

/// One send of an order, as a person needs it who decides about the order.
public struct Send: Sendable {
  public let number: Int
  public let provider: String
  public let sendReference: String
  public let state: SendState
  public let cost: Money?
  /// When it was begun: RFC 3339, UTC.
  public let time: String
  /// When it was begun, in milliseconds of Unix time.
  public let begunAt: Int64
  /// When its outcome was noted, in milliseconds of Unix time; nil when it never was.
  public let answeredAt: Int64?
  /// Since it was begun, by the database's clock.
  public let age: Duration
  /// The provider once accepted it, whatever a person said of it afterwards.
  public let wasAccepted: Bool
  /// A person said that the provider did not receive it; nothing proved that.
  public let isDeniedByPerson: Bool
  /// `sevk-restore` assumes it: no provider ever saw its reference.
  public var isMadeUp = false
  /// The provider's own name for the order, where it said one.
  public var providerOrderID: String?
  /// Why the order took this route, and in words; nil where there was no other.
  public var choice: RouteChoice.Why?
  public var choiceWords: String?
  /// What the provider's catalogue asked when it was sent; nil where it did not say.
  public var catalogCost: Money?

  /// What it cost and the catalogue said, where that is not the same.
  public var costOffCatalog: (cost: Money, catalog: Money)? {
    guard let cost, let catalogCost, cost != catalogCost else { return nil }
    return (cost, catalogCost)
  }

  /// Whether its money may have been taken: no proof, and no more than a person's word, says otherwise.
  public var mayHaveCost: Bool { !state.provesNothingThere || (state == .notReceived && wasAccepted) }
}

extension Store {
  /// What people did to an order, oldest first.
  public func audits(of id: OrderID) async throws -> [Audit] {
    try await pool.run(Statements.audits, [.text(id.description)]).map { row in
      try Audit(
        time: row.text(6), choice: PersonChoice(rawValue: row.text(0)), from: row.text(1), to: row.text(2),
        who: row.text(3), note: row.text(4), version: Int(row.int(5)), at: row.int(7),
        isRefundClaim: row.text(0) == RefundClaim.auditName,
        otherName: [Audit.askName, Audit.secondWantedName].contains(row.text(0)) ? row.text(0) : nil,
        stockMove: StockStore.Move(audit: row.text(0)))
    }
  }

  /// Every send of an order, oldest first. A state that this version doesn't know counts as unknown.
  public func sends(of id: OrderID) async throws -> [Send] {
    try await pool.run(Statements.sends, [.text(id.description)]).map { row in
      try Send(
        number: Int(row.int(0)), provider: row.text(1), sendReference: row.text(2),
        state: SendState(rawValue: row.text(3)) ?? .unknown, cost: row.textOrNil(4).flatMap { Money(parsing: $0) },
        time: row.text(5), begunAt: row.int(6), answeredAt: row.intOrNil(7), age: .milliseconds(row.int(8)),
        wasAccepted: row.bool(9), isDeniedByPerson: row.bool(10), isMadeUp: row.bool(11),
        providerOrderID: row.textOrNil(12),
        choice: row.textOrNil(13).flatMap { RouteChoice.Why(rawValue: $0) }, choiceWords: row.textOrNil(14),
        catalogCost: row.textOrNil(15).flatMap { Money(parsing: $0) })
    }
  }

  /// What the catalogue says that the order's product costs; nil when it says nothing.
  public func catalogCost(of order: Order) async throws -> Money? {
    let rows = try await pool.run(Statements.catalogCost, [.int(order.tenantID), .text(order.product)])
    return try rows.first?.textOrNil(0).flatMap { Money(parsing: $0) }
  }

  /// The orders that wait for a person because the provider gave them the PIN that this order has.
  public func ordersWaiting(withPinOf id: OrderID) async throws -> [OrderID] {
    try await pool.run(Statements.heldForPin, [.text(id.description)]).compactMap { OrderID(try $0.text(0)) }
  }
}
