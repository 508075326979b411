internal import Cipher
internal import EventLoop
public import Orders
internal import Postgres

/// What ops change and take back.
extension Setup {
  /// What became of a change of a provider's settings.
  public enum ProviderChange: Sendable, Equatable {
    case done
    /// So many orders are open or held there, so that nothing was changed.
    case ordersThere(Int)
    /// Somebody else changed the settings meanwhile, so that nothing was changed.
    case outdated
  }

  /// Writes a provider's settings over those that `old` was read with. The adapter stays, since open orders speak its
  /// language.
  ///
  /// - Parameters:
  ///   - toOtherAccount: whether address or login become those of another account. Then nothing is changed while an order
  ///     is open or held at the old one: the new one does not know it, and that would prove nothing. No send begins under
  ///     the old one afterwards either, whatever a process still has in memory: see `transition.sql`.
  ///   - terms: nil leaves them.
  public func replaceProvider(
    _ provider: NewProvider, over old: Provider, toOtherAccount: Bool, _ terms: ProviderTerms? = nil
  ) async throws -> ProviderChange {
    // One transaction: intents that hold the row are over before the orders are looked at, later ones see the change.
    var statements: [Bound] = [
      (Statements.lockProvider, [.text(provider.name)]),
      try replacement(by: provider, over: old, toOtherAccount: toOtherAccount),
      (Statements.ordersAtProvider, [.text(provider.name)]),
    ]
    if let terms { statements.append(noting(terms, provider.name)) }
    if let audit {
      statements.append(
        audit.row(
          where: "EXISTS (SELECT FROM providers WHERE name = $4 AND \(SetupAudit.changedNow))", .text(provider.name)))
    }
    let answers = try await store.pool.transaction(statements)
    if answers[1].count == 1 { return .done }
    let there = Int(try answers[2].single().int(0))
    return toOtherAccount && there > 0 ? .ordersThere(there) : .outdated
  }

  /// To follow ``Statements/lockProvider`` in its transaction; it changes one row, or none where the change is refused.
  func replacement(
    by provider: NewProvider, over old: Provider, toOtherAccount: Bool
  ) throws -> (PostgresStatement, [PostgresParameter]) {
    (
      Statements.replaceProvider,
      [
        .text(provider.name), .text(provider.baseURL), .bytea(try sealed(provider)),
        .int(provider.timeout.milliseconds),
        .int(provider.concurrencyMax), .int(provider.ratePerSecond.map(Int64.init)),
        .int(provider.trustNotFoundAfter?.milliseconds), .int(provider.checkFirst?.milliseconds),
        .int(provider.checkBackoff?.milliseconds), .int(provider.checkBackoffMax?.milliseconds),
        .int(provider.checkDeadline?.milliseconds), .text(provider.decimalMark?.rawValue),
        .text(old.settingsVersion), .bool(toOtherAccount),
      ]
    )
  }

  /// Orders that a provider may have: asked about there, or waiting for a person.
  public func orders(at provider: String) async throws -> Int {
    Int(try await store.pool.run(Statements.ordersAtProvider, [.text(provider)]).single().int(0))
  }

  /// Orders of a product that are not settled: they may still be sent by its route, or are judged by whether it asks
  /// for a PIN.
  public func unsettledOrders(tenant: String, product: String) async throws -> Int {
    let rows = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          SELECT count(*) FROM unsettled_orders u JOIN orders o ON o.id = u.order_id
          WHERE o.product = $2 AND u.tenant_id = (SELECT id FROM tenants WHERE name = $1)
          """), [.text(tenant), .text(product)])
    return Int(try rows.single().int(0))
  }

  /// - Returns: false when there is no such route.
  public func removeRoute(tenant: String, product: String, position: Int) async throws -> Bool {
    let (statement, parameters) = audited(
      """
      DELETE FROM routes WHERE tenant_id = (SELECT id FROM tenants WHERE name = $1) AND product = $2
        AND position = $3 RETURNING id
      """, [.text(tenant), .text(product), .int(position)])
    return try await store.pool.run(statement, parameters).count == 1
  }

  /// How many of a provider's orders that ended are looked at again; nil: as usual.
  public func secondLookShare(of provider: String) async throws -> Double? {
    let rows = try await store.pool.run(
      PostgresStatement(name: "", sql: "SELECT second_look_share::text FROM providers WHERE name = $1"),
      [.text(provider)])
    return try rows.first?.textOrNil(0).flatMap { Double($0) }
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
