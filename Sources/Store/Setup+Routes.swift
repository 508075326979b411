import EventLoop
internal import Orders
internal import Postgres

extension Setup {
  /// Changes when an order takes a route.
  ///
  /// - Parameter position: of the route; what all routes of the product have in common changes without it as well.
  /// - Returns: false when there is no such route.
  public func changeRoute(
    tenant: String, product: String, position: Int?, _ change: RouteChange
  ) async throws -> Bool {
    // Outer nil: not to be changed.
    func given<T>(_ value: T??) -> PostgresParameter { .bool(value != nil) }
    let (statement, parameters) = audited(
      """
      UPDATE routes SET
        failover_after_ms = CASE WHEN $4::boolean AND position = $3 THEN $5 ELSE failover_after_ms END,
        share = CASE WHEN $6::boolean AND position = $3 THEN $7 ELSE share END,
        cost_max = CASE WHEN $8::boolean AND position = $3 THEN $9 ELSE cost_max END,
        by_cost = coalesce($10::boolean, by_cost)
      WHERE tenant_id = (SELECT id FROM tenants WHERE name = $1) AND product = $2
        AND ($3::int IS NULL OR EXISTS (
          SELECT FROM routes o WHERE o.tenant_id = routes.tenant_id AND o.product = $2 AND o.position = $3))
        AND ($10::boolean IS NOT NULL OR position = $3)
      RETURNING id
      """,
      [
        .text(tenant), .text(product), .int(position.map(Int64.init)), given(change.failoverAfter),
        .int(change.failoverAfter.flatMap { $0 }?.milliseconds), given(change.share),
        .int(change.share.flatMap { $0 }.map(Int64.init)), given(change.costMax),
        .text(change.costMax.flatMap { $0 }?.description), .bool(change.isByCost),
      ])
    return try await store.pool.run(statement, parameters).count > 0
  }
}
