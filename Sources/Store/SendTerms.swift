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

  public init(isPinRequired: Bool?, accountEpoch: Int) {
    self.isPinRequired = isPinRequired
    self.accountEpoch = accountEpoch
  }
}

extension Store {
  /// The terms of an order's current send; nil before its first.
  public func sendTerms(of order: Order) async throws -> SendTerms? {
    let rows = try await pool.run(Statements.sendTerms, [.text(order.id.description), .int(order.sends)])
    return try rows.first.map {
      SendTerms(
        isPinRequired: try $0.isNull(0) ? nil : $0.bool(0), accountEpoch: try $0.intOrNil(1).map { Int($0) } ?? 1)
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
