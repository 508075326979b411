internal import EventLoop
internal import Orders
internal import Postgres

/// Providers and tenants are removed only where nothing ever came of them: the story of an order names both.
extension Setup {
  /// What a provider is used for.
  public struct ProviderUse: Sendable {
    /// Open or held there.
    public let openOrders: Int
    /// An order was sent to it once, or codes were given to it.
    public let hasHistory: Bool
  }

  /// What a tenant is used for.
  public struct TenantUse: Sendable {
    public let hasOrders: Bool
    public let hasSandbox: Bool
  }

  public func use(ofProvider name: String) async throws -> ProviderUse {
    let row = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          SELECT EXISTS (SELECT FROM attempts WHERE provider_id = p.id)
            OR EXISTS (SELECT FROM stock_files WHERE provider_id = p.id)
            OR EXISTS (SELECT FROM stock_codes WHERE provider_id = p.id)
          FROM providers p WHERE name = $1
          """), [.text(name)]
    ).single()
    return ProviderUse(openOrders: try await orders(at: name), hasHistory: try row.bool(0))
  }

  public func use(ofTenant name: String) async throws -> TenantUse {
    let row = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          SELECT EXISTS (SELECT FROM orders WHERE tenant_id = t.id), EXISTS (SELECT FROM tenants s WHERE s.sandbox_of = t.id)
          FROM tenants t WHERE name = $1
          """), [.text(name)]
    ).single()
    return TenantUse(hasOrders: try row.bool(0), hasSandbox: try row.bool(1))
  }

  /// After ``Statements/lockProvider``. What was only learned about it goes with it; whatever else names it keeps it, by
  /// its foreign keys.
  func removal(ofProvider name: String) -> [Bound] {
    let learned = [
      "desks", "catalog", "unfamiliar_replies", "settled_sends", "provider_troubles", "statements", "stock_products",
    ]
    return learned.map { table in
      (
        PostgresStatement(
          name: "", sql: "DELETE FROM \(table) WHERE provider_id = (SELECT id FROM providers WHERE name = $1)"),
        [.text(name)]
      )
    } + [(PostgresStatement(name: "", sql: "DELETE FROM providers WHERE name = $1"), [.text(name)])]
  }

  /// Tokens that work no more go with it, and partners that were removed; whatever else names it keeps it.
  func removal(ofTenant name: String) -> [Bound] {
    [
      """
      DELETE FROM api_tokens WHERE tenant_id = (SELECT id FROM tenants WHERE name = $1)
        AND (revoked_at IS NOT NULL OR expires_at <= now())
      """, "DELETE FROM notify_texts WHERE tenant_id = (SELECT id FROM tenants WHERE name = $1)",
      """
      DELETE FROM partner_tokens WHERE partner_id IN (
        SELECT id FROM partners WHERE state = 'removed' AND tenant_id = (SELECT id FROM tenants WHERE name = $1))
      """,
      "DELETE FROM partners WHERE state = 'removed' AND tenant_id = (SELECT id FROM tenants WHERE name = $1)",
      "DELETE FROM tenants WHERE name = $1",
    ].map { (PostgresStatement(name: "", sql: $0), [.text(name)]) }
  }
}
