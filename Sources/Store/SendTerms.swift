internal import EventLoop
public import Orders
internal import Postgres

/// Under which terms a send began. They are kept with it: a route that is removed or changed later, or a login that
/// becomes another account's, does not change what its answers mean.
public struct SendTerms: Sendable, Equatable {
  /// Whether the product is a code; nil for sends of programs that did not keep it.
  public let isPinRequired: Bool?
  /// ``Provider/accountEpoch`` as it was; of sends that did not keep it, the first.
  public let accountEpoch: Int
  /// ``Transition/sentPrint``; nil where it was not kept.
  public var sentPrint: [UInt8]?
  /// How often it was repeated under its reference.
  public var resends = 0
  /// The provider's own name for the order; nil where it has not said one.
  public let providerOrderID: String?
  /// When it was under way; nil where nobody asked for it.
  public let window: Unaskable.Window?

  public init(
    isPinRequired: Bool?, accountEpoch: Int, providerOrderID: String? = nil, window: Unaskable.Window? = nil
  ) {
    self.isPinRequired = isPinRequired
    self.accountEpoch = accountEpoch
    self.providerOrderID = providerOrderID
    self.window = window
  }
}

extension Store {
  /// The terms of an order's current send; nil before its first.
  public func sendTerms(of order: Order) async throws -> SendTerms? {
    let rows = try await pool.run(Statements.sendTerms, [.text(order.id.description), .int(order.sends)])
    return try rows.first.map { row in
      var terms = try SendTerms(
        isPinRequired: row.isNull(0) ? nil : row.bool(0), accountEpoch: row.intOrNil(1).map { Int($0) } ?? 1,
        providerOrderID: row.textOrNil(2), window: .init(from: row.text(3), to: row.text(4)))
      terms.sentPrint = try row.bytesOrNil(5)
      terms.resends = Int(try row.int(6))
      return terms
    }
  }

  /// What the catalogue of a provider asks for a product of a tenant; nil when it does not say.
  public func catalogCost(tenant: Int64, product: String, provider: Int64) async throws -> Money? {
    try await catalogPrice(tenant: tenant, product: product, provider: provider)?.cost
  }

  /// The same, with how long ago the catalogue was read.
  public func catalogPrice(
    tenant: Int64, product: String, provider: Int64
  ) async throws -> (cost: Money, age: Duration)? {
    let rows = try await pool.run(Statements.catalogCostAt, [.int(tenant), .text(product), .int(provider)])
    return try rows.first.flatMap { row in
      try row.textOrNil(0).flatMap { Money(parsing: $0) }.map { ($0, .milliseconds(max(try row.int(1), 0))) }
    }
  }
}
