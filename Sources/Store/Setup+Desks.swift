internal import EventLoop
public import Orders
internal import Postgres

/// Desks: whom a provider with the adapter `desk` offers orders to, and how.
extension Setup {
  /// What a desk has beside what every provider has.
  public struct Desk: Sendable, Equatable {
    public var rule: OfferRule
    public var acceptWithin: Duration
    public var whenNobody: WhenNobody
    /// In the order in which they are asked; `TENANT/NAME`, or `NAME` where only one tenant has one of that name.
    public var partners: [String]

    public init(
      rule: OfferRule = .all, acceptWithin: Duration = .seconds(900), whenNobody: WhenNobody = .held,
      partners: [String] = []
    ) {
      (self.rule, self.acceptWithin, self.whenNobody) = (rule, acceptWithin, whenNobody)
      self.partners = partners
    }
  }

  /// The partners that such names mean, in their order.
  ///
  /// - Throws: ``StoreError/invalid(_:)`` for a name that is nobody's, or of several.
  public func partners(named names: [String]) async throws -> [Partner] {
    var found: [Partner] = []
    for name in names {
      let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let (tenant, own) = parts.count == 2 ? (parts[0], parts[1]) : (nil, name)
      let those = try await PartnerStore(store).partners(tenant: tenant, name: own)
      guard let first = those.first else {
        throw StoreError.invalid(
          tenant.map { Self.unknownPartner(own, $0) }
            ?? "there is no partner named \(own); add them with: dispatcher partner add \(own) --tenant NAME --phone +905551234567"
        )
      }
      guard those.count == 1 else {
        let all = those.map { "\($0.tenant)/\($0.name)" }.joined(separator: ", ")
        throw StoreError.invalid("several tenants have a partner named \(own); say which: \(all)")
      }
      guard !found.contains(first) else { throw StoreError.invalid("--partner \(name) is given twice") }
      found.append(first)
    }
    return found
  }

  /// The same with each partner as `TENANT/NAME`.
  ///
  /// - Throws: as ``partners(named:)``.
  public func whole(_ desk: Desk) async throws -> Desk {
    var whole = desk
    whole.partners = try await partners(named: desk.partners).map { "\($0.tenant)/\($0.name)" }
    return whole
  }

  /// Notes what a desk is: all of it.
  ///
  /// - Throws: ``StoreError/invalid(_:)`` for partners that are none.
  public func note(_ desk: Desk, provider: String) async throws {
    _ = try await store.pool.transaction(
      Self.noting(desk, try await partners(named: desk.partners), provider: provider))
  }

  nonisolated static func noting(_ desk: Desk, _ partners: [Partner], provider: String) -> [Bound] {
    let id = "(SELECT id FROM providers WHERE name = $1)"
    return [
      bound(
        """
        INSERT INTO desks (provider_id, rule, accept_within_ms, when_nobody)
        SELECT id, $2, $3, $4 FROM providers WHERE name = $1
        ON CONFLICT (provider_id) DO UPDATE SET
          rule = excluded.rule, accept_within_ms = excluded.accept_within_ms, when_nobody = excluded.when_nobody
        """,
        [
          .text(provider), .text(desk.rule.rawValue), .int(desk.acceptWithin.milliseconds),
          .text(desk.whenNobody.rawValue),
        ]),
      bound("DELETE FROM desk_partners WHERE provider_id = \(id)", [.text(provider)]),
      bound(
        """
        INSERT INTO desk_partners (provider_id, partner_id, place)
        SELECT \(id), p.id, p.place FROM unnest($2::bigint[]) WITH ORDINALITY AS p (id, place)
        """, [.text(provider), .intArray(partners.map(\.id))]),
    ]
  }

  /// As ``note(_:provider:)``, with partners that the same transaction may have added: each `TENANT/NAME`.
  nonisolated static func noting(_ desk: Desk?, _ provider: String) -> [Bound] {
    guard let desk else { return [] }
    let added = bound(
      """
      INSERT INTO desk_partners (provider_id, partner_id, place)
      SELECT (SELECT id FROM providers WHERE name = $1), p.id, n.place
      FROM unnest($2::text[]) WITH ORDINALITY AS n (name, place)
      JOIN tenants t ON t.name = split_part(n.name, '/', 1)
      JOIN partners p ON p.tenant_id = t.id AND p.name = split_part(n.name, '/', 2) AND p.state <> 'removed'
      """, [.text(provider), .textArray(desk.partners)])
    let whole = bound(
      """
      SELECT require_setup((SELECT count(*) FROM desk_partners k JOIN providers r ON r.id = k.provider_id WHERE r.name = $1) = $2, $3)::text
      """, [.text(provider), .int(desk.partners.count), .text("a partner of \(provider) is not there")])
    return noting(desk, [], provider: provider).dropLast() + [added, whole]
  }

  /// What a desk is; nil where the provider is none. Its partners are named `TENANT/NAME`.
  public func desk(_ provider: String) async throws -> Desk? {
    let rows = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          SELECT d.rule, d.accept_within_ms, d.when_nobody, t.name || '/' || p.name
          FROM desks d JOIN providers r ON r.id = d.provider_id
          LEFT JOIN desk_partners k ON k.provider_id = d.provider_id LEFT JOIN partners p ON p.id = k.partner_id
          LEFT JOIN tenants t ON t.id = p.tenant_id
          WHERE r.name = $1 ORDER BY k.place
          """), [.text(provider)])
    guard let first = rows.first else { return nil }
    return try Desk(
      rule: OfferRule(rawValue: first.text(0)) ?? .all, acceptWithin: .milliseconds(first.int(1)),
      whenNobody: WhenNobody(rawValue: first.text(2)) ?? .held, partners: rows.compactMap { try $0.textOrNil(3) })
  }
}
