public import Orders
internal import Cipher
internal import EventLoop
internal import Postgres

/// What ops change and take back.
extension Setup {
  /// Orders that a provider may have and that must still be asked about there.
  public func ordersAt(provider: String) async throws -> Int {
    let rows = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          SELECT count(*) FROM orders
          WHERE status IN ('sending', 'sent', 'unresolved') AND provider_id = (SELECT id FROM providers WHERE name = $1)
          """), [.text(provider)])
    return Int(try rows.single().int(0))
  }

  /// Writes a provider's settings over those of its name. The adapter stays, since open orders speak its language.
  public func replaceProvider(_ provider: NewProvider) async throws {
    let credentials = try OrderRow.encodeMap(provider.credentials)
    let sealed = try store.vault.seal(Array(credentials.utf8), context: "provider:\(provider.name)")
    _ = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          UPDATE providers SET base_url = $2, credentials = $3, timeout_ms = $4, concurrency_max = $5,
            rate_per_second = $6, trust_not_found_after_ms = $7, check_first_ms = $8, check_backoff_ms = $9,
            check_backoff_max_ms = $10, check_deadline_ms = $11, updated_at = now()
          WHERE name = $1
          """),
      [
        .text(provider.name), .text(provider.baseURL), .bytea(sealed), .int(provider.timeout.milliseconds),
        .int(provider.concurrencyMax), .int(provider.ratePerSecond.map(Int64.init)),
        .int(provider.trustNotFoundAfter?.milliseconds), .int(provider.checkFirst?.milliseconds),
        .int(provider.checkBackoff?.milliseconds), .int(provider.checkBackoffMax?.milliseconds),
        .int(provider.checkDeadline?.milliseconds),
      ])
  }

  /// Orders of a product that are not settled: they may still be sent by its route, or are judged by whether it asks
  /// for a PIN.
  public func unsettledOrders(tenant: String, product: String) async throws -> Int {
    let rows = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          SELECT count(*) FROM orders
          WHERE status IN ('pending', 'sending', 'sent', 'unresolved', 'held') AND product = $2 AND tenant_id = (SELECT id FROM tenants WHERE name = $1)
          """), [.text(tenant), .text(product)])
    return Int(try rows.single().int(0))
  }

  /// - Returns: false when there is no such route.
  public func removeRoute(tenant: String, product: String, position: Int) async throws -> Bool {
    try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          DELETE FROM routes WHERE tenant_id = (SELECT id FROM tenants WHERE name = $1) AND product = $2
            AND position = $3 RETURNING id
          """), [.text(tenant), .text(product), .int(position)]
    ).count == 1
  }

  /// One row of a provider's catalogue.
  public struct CatalogRow: Sendable {
    let name: String
    let game: String
    let cost: Money?
    let parameters: [String: String]
    public init(name: String, game: String, cost: Money?, parameters: [String: String]) {
      self.name = name
      self.game = game
      self.cost = cost
      self.parameters = parameters
    }
  }

  /// Keeps what a provider's catalogue says, so that people see what an order costs before they decide about it.
  public func saveCatalog(provider: Int64, _ rows: [CatalogRow]) async throws {
    _ = try await store.pool.run(
      Statements.saveCatalog,
      [
        .int(provider), .textArray(rows.map(\.name)), .textArray(rows.map(\.game)),
        .textArray(rows.map { $0.cost?.description }),
        .textArray(try rows.map { try OrderRow.encodeMap($0.parameters) }),
      ])
  }
}
