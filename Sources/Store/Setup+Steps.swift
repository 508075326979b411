internal import Cipher
internal import EventLoop
internal import Orders
internal import Postgres

/// The statements of each step.
extension Setup {
  typealias Bound = (PostgresStatement, [PostgresParameter])

  private func sql(_ text: String, _ parameters: PostgresParameter...) -> Bound {
    (PostgresStatement(name: "", sql: text), parameters)
  }

  /// - Parameter numbers: of all tenants, also of those that are added.
  func statements(of step: SetupStep, _ numbers: [String: Int64]) throws -> [Bound] {
    switch step {
    case .addTenant(let name):
      return [
        sql(
          "INSERT INTO tenants (id, name) OVERRIDING SYSTEM VALUE VALUES ($1, $2)", .int(numbers[name]), .text(name))
      ]
    case .removeTenant(let name): return removal(ofTenant: name)
    case .addProvider(let provider, let terms):
      return [try insertion(of: provider), noting(terms, provider.name)] + Self.noting(terms.desk, provider.name)
    case .changeProvider(let provider, let terms, let old, let toOtherAccount):
      return [
        try replacement(by: provider, over: old, toOtherAccount: toOtherAccount),
        // What has no effect was refused: by orders that are there, or since the row is another one.
        sql(
          "SELECT require_setup(EXISTS (SELECT FROM providers WHERE name = $1 AND updated_at::text <> $2), $3)::text",
          .text(provider.name), .text(old.settingsVersion),
          .text(
            toOtherAccount ? "orders are open or held at \(provider.name), or it has just been changed" : "outdated")),
        noting(terms, provider.name),
      ] + Self.noting(terms.desk, provider.name)
    case .removeProvider(let name): return removal(ofProvider: name)
    case .noteKnownSend(let reference, let provider): return [Self.noting(knownSend: reference, provider)]
    case .putRoute(let route): return try putting(route)
    case .removeRoute(let tenant, let product, let position, let isLast):
      let removal = sql(
        """
        DELETE FROM routes WHERE tenant_id = (SELECT id FROM tenants WHERE name = $1) AND product = $2
          AND position = $3
        """, .text(tenant), .text(product), .int(position))
      let needed = sql(
        """
        SELECT require_setup(NOT EXISTS (SELECT FROM unsettled_orders u JOIN orders o ON o.id = u.order_id
          WHERE o.product = $2 AND u.tenant_id = (SELECT id FROM tenants WHERE name = $1)), $3)::text
        """, .text(tenant), .text(product),
        .text("an order for \(product) has just come in, and this is its last route"))
      return isLast ? [removal, needed] : [removal]
    case .addToken(let new, let secret):
      return [
        (
          Statements.insertToken,
          [
            .text(new.tenant), .bytea(Digest.sha256(secret.utf8)), .textArray(new.scopes),
            .text(Self.prefix(of: secret)), .text(new.name), .int(new.lifetime?.milliseconds),
            .int(new.ratePerSecond), .int(new.rateBurst),
          ]
        )
      ]
    case .addDashboardToken(let name, let roles, let lifetime, let secret):
      return [
        (
          Statements.insertDashboardToken,
          [
            .bytea(Digest.sha256(secret.utf8)), .textArray(DashboardRole.scopes(of: roles)),
            .text(Self.prefix(of: secret)),
            .text(name), .int(lifetime?.milliseconds),
          ]
        )
      ]
    case .changeToken(let id, let scopes, let rate, let burst):
      return [
        sql(
          "UPDATE api_tokens SET scopes = $2::text[], rate_per_second = $3, rate_burst = $4 WHERE id = $1", .int(id),
          .textArray(scopes), .int(rate), .int(burst))
      ]
    case .revokeToken(let id):
      return [sql("UPDATE api_tokens SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL", .int(id))]
    case .putEndpoint(var wanted, let tenant):
      wanted.tenantID = numbers[tenant] ?? wanted.tenantID
      return [try endpoints.putting(wanted)]
    case .putPartner(let partner, let state): return [Self.putting(partner, state)]
    case .removePartner(let name, let tenant): return Self.removal(ofPartner: name, tenant: tenant)
    case .removeEndpoint(let endpoint): return [(Statements.removeEndpoint, [.int(endpoint.id)])]
    }
  }

  /// After the provider was added or changed in the same transaction.
  func noting(_ terms: ProviderTerms, _ name: String) -> Bound {
    sql(
      """
      UPDATE providers SET currency = $2, failover_after_ms = $3, second_look_ms = $4::text::bigint[],
        second_look_share = $5::text::real, second_person_above = $6::numeric, updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
      WHERE name = $1 AND \(SetupAudit.changedNow)
      """, .text(name), .text(terms.currency), .int(terms.failoverAfter?.milliseconds),
      .text(terms.secondLooks.map { "{\($0.map { "\($0.milliseconds)" }.joined(separator: ","))}" }),
      .text(terms.secondLookShare.map { "\($0)" }), .text(terms.secondPersonAbove?.description))
  }

  private func putting(_ route: NewRoute) throws -> [Bound] {
    let put = sql(
      """
      INSERT INTO routes (tenant_id, product, provider_id, parameters, pin_required, field_rules, player_field, position,
        failover_after_ms, share, cost_max, by_cost)
      SELECT t.id, $2, p.id, $4::jsonb, $6::boolean, $7::jsonb, $8, $5::int, $9, $10, $11, $12::boolean
      FROM tenants t, providers p WHERE t.name = $1 AND p.name = $3
      ON CONFLICT (tenant_id, product, position) DO UPDATE SET
        provider_id = excluded.provider_id, parameters = excluded.parameters, pin_required = excluded.pin_required,
        field_rules = excluded.field_rules, player_field = excluded.player_field,
        failover_after_ms = excluded.failover_after_ms, share = excluded.share, cost_max = excluded.cost_max
      """, .text(route.tenant), .text(route.product), .text(route.provider),
      .text(try OrderRow.encodeMap(route.parameters)), .int(route.position), .bool(route.isPinRequired),
      .text(try OrderRow.encodeMap(route.fieldRules.mapValues(\.words))), .text(route.playerField),
      .int(route.terms.failoverAfter?.milliseconds), .int(route.terms.share), .text(route.terms.costMax?.description),
      .bool(route.terms.isByCost))
    // Of all its product's routes.
    let order = sql(
      """
      UPDATE routes SET by_cost = $3::boolean
      WHERE tenant_id = (SELECT id FROM tenants WHERE name = $1) AND product = $2 AND by_cost <> $3::boolean
      """, .text(route.tenant), .text(route.product), .bool(route.terms.isByCost))
    return [put, order]
  }
}

extension EndpointStore {
  /// Makes the endpoint, or changes it to what is wanted; one that is there keeps its secret.
  func putting(_ wanted: Wanted) throws -> (PostgresStatement, [PostgresParameter]) {
    (
      Statements.putEndpoint,
      [
        .int(wanted.tenantID), .text(wanted.name), .text(wanted.url), .textArray(wanted.types),
        .int(wanted.ratePerSecond), .bool(wanted.latestOnly), .text(wanted.sealedTo),
        .bytea(
          try store.vault.seal(
            wanted.secret ?? RandomBytes.make(Self.secretBytes), context: Self.context(wanted.tenantID, wanted.name))),
        .bool(false), .int(Self.overlap.milliseconds),
      ]
    )
  }
}
