internal import Cipher
public import EventLoop
public import Orders
internal import Postgres

/// What ops set up: tenants, tokens, providers, routes.
@LoopActor
public struct Setup {
  let store: Store
  /// Who changes it; nil: it is not written down.
  var audit: SetupAudit?
  public nonisolated init(store: Store) { self.store = store }

  /// What a token may be allowed.
  public nonisolated static let scopes = [
    "orders:write", "orders:read", "pins:read", "orders:resolve", "endpoints:write",
    EventReach.operatorScope,
  ]

  public func addTenant(_ name: String) async throws {
    try await naming("tenant", name) {
      let (statement, parameters) = audited("INSERT INTO tenants (name) VALUES ($1) RETURNING id", [.text(name)])
      _ = try await self.store.pool.run(statement, parameters)
    }
  }

  /// What a provider is set up with.
  public struct NewProvider: Sendable {
    public var name: String
    public var adapter: String
    public var baseURL: String
    public var credentials: [String: String]
    public var timeout: Duration
    public var concurrencyMax: Int
    public var ratePerSecond: Int?
    public var trustNotFoundAfter: Duration?
    public var checkFirst: Duration?
    public var checkBackoff: Duration?
    public var checkBackoffMax: Duration?
    public var checkDeadline: Duration?
    public var decimalMark: Money.DecimalMark?
    public init(
      name: String, adapter: String, baseURL: String, credentials: [String: String], timeout: Duration,
      concurrencyMax: Int, ratePerSecond: Int?, trustNotFoundAfter: Duration?, checkFirst: Duration?,
      checkBackoff: Duration?, checkBackoffMax: Duration?, checkDeadline: Duration?,
      decimalMark: Money.DecimalMark? = nil
    ) {
      self.name = name
      self.adapter = adapter
      self.baseURL = baseURL
      self.credentials = credentials
      self.timeout = timeout
      self.concurrencyMax = concurrencyMax
      self.ratePerSecond = ratePerSecond
      self.trustNotFoundAfter = trustNotFoundAfter
      self.checkFirst = checkFirst
      self.checkBackoff = checkBackoff
      self.checkBackoffMax = checkBackoffMax
      self.checkDeadline = checkDeadline
      self.decimalMark = decimalMark
    }
  }

  /// - Parameter knownSend: as of ``noteKnownSend(_:provider:)``.
  public func addProvider(
    _ provider: NewProvider, _ terms: ProviderTerms = ProviderTerms(), knownSend: String? = nil
  ) async throws {
    let statements =
      [try insertion(of: provider), noting(terms, provider.name)] + Self.noting(terms.desk, provider.name)
      + (knownSend.map { [Self.noting(knownSend: $0, provider.name)] } ?? []) + (audit.map { [$0.row()] } ?? [])
    try await naming("provider", provider.name) { _ = try await self.store.pool.transaction(statements) }
  }

  func insertion(of provider: NewProvider) throws -> (PostgresStatement, [PostgresParameter]) {
    let statement = PostgresStatement(
      name: "",
      sql: """
        INSERT INTO providers (name, adapter, base_url, credentials, timeout_ms, concurrency_max, rate_per_second,
          trust_not_found_after_ms, check_first_ms, check_backoff_ms, check_backoff_max_ms, check_deadline_ms,
          decimal_mark)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """)
    return (
      statement,
      [
        .text(provider.name), .text(provider.adapter), .text(provider.baseURL), .bytea(try sealed(provider)),
        .int(provider.timeout.milliseconds), .int(provider.concurrencyMax),
        .int(provider.ratePerSecond.map(Int64.init)),
        .int(provider.trustNotFoundAfter?.milliseconds), .int(provider.checkFirst?.milliseconds),
        .int(provider.checkBackoff?.milliseconds), .int(provider.checkBackoffMax?.milliseconds),
        .int(provider.checkDeadline?.milliseconds), .text(provider.decimalMark?.rawValue),
      ]
    )
  }

  func sealed(_ provider: NewProvider) throws -> [UInt8] {
    let credentials = try OrderRow.encodeMap(provider.credentials)
    return try store.vault.seal(Array(credentials.utf8), context: "provider:\(provider.name)")
  }

  /// Adds a route; the first free position when none is given.
  ///
  /// - Parameter isByCost: for all routes of the product; nil leaves it.
  public func addRoute(
    tenant: String, product: String, provider: String, parameters: [String: String], position: Int?,
    isPinRequired: Bool = false, fieldRules: [String: FieldRule] = [:],
    playerField: String = Route.playerFieldUsual, terms: RouteTerms = RouteTerms(), isByCost: Bool? = nil
  ) async throws -> Int {
    do {
      let insertion = audited(
        """
        INSERT INTO routes (tenant_id, product, provider_id, parameters, pin_required, field_rules, player_field, position,
          failover_after_ms, share, cost_max, by_cost)
        SELECT t.id, $2, p.id, $4::jsonb, $6::boolean, $7::jsonb, $8, coalesce($5::int,
          (SELECT coalesce(max(position), 0) + 1 FROM routes WHERE tenant_id = t.id AND product = $2)), $9, $10, $11,
          $12::boolean OR EXISTS (SELECT FROM routes WHERE tenant_id = t.id AND product = $2 AND by_cost)
        FROM tenants t, providers p WHERE t.name = $1 AND p.name = $3
        RETURNING position
        """,
        [
          .text(tenant), .text(product), .text(provider), .text(try OrderRow.encodeMap(parameters)),
          .int(position.map(Int64.init)), .bool(isPinRequired),
          .text(try OrderRow.encodeMap(fieldRules.mapValues(\.words))), .text(playerField),
          .int(terms.failoverAfter?.milliseconds), .int(terms.share.map(Int64.init)), .text(terms.costMax?.description),
          .bool(terms.isByCost),
        ])
      let order = isByCost.map { isByCost in
        (
          PostgresStatement(
            name: "",
            sql: """
              UPDATE routes r SET by_cost = $3::boolean
              WHERE tenant_id = (SELECT id FROM tenants WHERE name = $1) AND product = $2 AND by_cost <> $3::boolean
                AND EXISTS (
                  SELECT FROM routes n WHERE n.tenant_id = r.tenant_id AND n.product = $2 AND n.\(SetupAudit.changedNow))
              """), [PostgresParameter.text(tenant), .text(product), .bool(isByCost)]
        )
      }
      let rows = try await store.pool.transaction([insertion] + (order.map { [$0] } ?? []))[0]
      if rows.count == 1 { return Int(try rows[0].int(0)) }
    } catch let error as PostgresError where error.sqlstate == "23505" {
      throw StoreError.invalid("tenant \(tenant) already has a route for \(product) at position \(position ?? 1)")
    } catch let error as PostgresError where error.sqlstate == "23514" {
      throw StoreError.invalid("--product must be 1 to 100 characters and --position at least 1")
    }
    let known = try await store.pool.run(
      PostgresStatement(name: "", sql: "SELECT 1::bigint FROM tenants WHERE name = $1"), [.text(tenant)])
    throw StoreError.invalid(
      known.count == 0
        ? unknownTenant(tenant)
        : "there is no provider named \(provider); see: dispatcher provider list, or add it with: dispatcher provider add"
    )
  }

  /// A route as `route list` shows it.
  public struct ListedRoute: Sendable {
    public let tenant: String
    public let product: String
    public let provider: String
    public let position: Int
    public let parameters: [String: String]
    public let isPinRequired: Bool
    public let fieldRules: [String: FieldRule]
    public let playerField: String
    public let terms: RouteTerms
    /// Of its provider, where the route has none of its own.
    public let providerFailoverAfter: Duration?
  }

  public func routes(tenant: String?) async throws -> [ListedRoute] {
    let rows = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          SELECT t.name, r.product, p.name, r.position, r.parameters, r.pin_required, r.field_rules, r.player_field,
            r.failover_after_ms, r.share, r.cost_max, r.by_cost, p.failover_after_ms
          FROM routes r JOIN tenants t ON t.id = r.tenant_id JOIN providers p ON p.id = r.provider_id
          WHERE $1::text IS NULL OR t.name = $1 ORDER BY t.name, r.product, r.position
          """), [.text(tenant)])
    return try rows.map {
      try ListedRoute(
        tenant: $0.text(0), product: $0.text(1), provider: $0.text(2), position: Int($0.int(3)),
        parameters: OrderRow.decodeMap($0.text(4)), isPinRequired: $0.bool(5),
        fieldRules: OrderRow.decodeMap($0.text(6)).mapValues { FieldRule(stored: $0) }, playerField: $0.text(7),
        terms: RouteTerms($0, from: 8), providerFailoverAfter: $0.intOrNil(12).map { .milliseconds($0) })
    }
  }

  /// Keeps what a provider's catalogue and balance said.
  public func recordProbe(provider: Int64, balance: Money) async throws {
    _ = try await store.pool.run(
      PostgresStatement(name: "", sql: "UPDATE providers SET balance = $2::numeric, balance_at = now() WHERE id = $1"),
      [.int(provider), .text(balance.description)])
  }

  func unknownTenant(_ name: String) -> String {
    "there is no tenant named \(name); add it with: dispatcher tenant add \(name)"
  }

  private func naming(_ what: String, _ name: String, _ body: @LoopActor () async throws -> Void) async throws {
    do {
      try await body()
    } catch let error as PostgresError where error.sqlstate == "23505" {
      throw StoreError.invalid("there already is a \(what) named \(name)")
    } catch let error as PostgresError
      where error.sqlstate == "23514" && error.constraint?.hasSuffix("name_check") == true
    {
      throw StoreError.invalid(
        "a \(what)'s name is 1 to 63 characters: a-z, 0-9, - and _, and begins with a letter or digit; \(name) is not")
    }
  }
}
