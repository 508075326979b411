internal import Cipher
internal import EventLoop
public import Orders
internal import Postgres

/// Partners and their tokens.
extension Setup {
  /// What a partner is added with.
  public struct NewPartner: Sendable {
    public var tenant: String
    public var name: String
    public var phone: PhoneNumber
    public var telegram: String?
    public var language: String

    public init(tenant: String, name: String, phone: PhoneNumber, telegram: String? = nil, language: String = "en") {
      (self.tenant, self.name, self.phone) = (tenant, name, phone)
      (self.telegram, self.language) = (telegram, language)
    }
  }

  /// What changes of a partner; nil leaves it, `.some(nil)` takes it back.
  public struct PartnerChange: Sendable {
    public var phone: PhoneNumber?
    public var telegram: String??
    public var language: String?
    public var state: Partner.State?
    public init() {}
  }

  /// A partner's token as it is listed; the token itself is nowhere kept.
  public struct PartnerToken: Sendable {
    public let id: Int64
    public let tenant: String
    public let partner: String
    public let prefix: String
    public let name: String
    /// This and the others: RFC 3339, UTC.
    public let createdAt: String
    public let lastUsedAt: String?
    public let revokedAt: String?
  }

  /// - Throws: ``StoreError/invalid(_:)`` where there is no such tenant, or the name is taken or no name.
  @discardableResult
  public func addPartner(_ new: NewPartner) async throws -> Int64 {
    let rows: PostgresRows
    do {
      rows = try await store.pool.run(
        PostgresStatement(
          name: "",
          sql: """
            INSERT INTO partners (tenant_id, name, phone, telegram, language)
            SELECT id, $2, $3, $4, $5 FROM tenants WHERE name = $1 RETURNING id
            """),
        [
          .text(new.tenant), .text(new.name), .text(new.phone.text), .text(new.telegram), .text(new.language),
        ])
    } catch { throw Self.refusal(error, new.name, new.tenant) }
    guard let row = rows.first else { throw StoreError.invalid(unknownTenant(new.tenant)) }
    return try row.int(0)
  }

  /// Those of a tenant, or of all, by name.
  public func partners(tenant: String?) async throws -> [Partner] {
    try await PartnerStore(store).partners(tenant: tenant)
  }

  /// - Returns: false when there is no such partner.
  public func changePartner(_ name: String, tenant: String, _ change: PartnerChange) async throws -> Bool {
    do {
      return try await store.pool.run(
        PostgresStatement(
          name: "",
          sql: """
            UPDATE partners SET
              phone = coalesce($3, phone), telegram = CASE WHEN $4::boolean THEN $5 ELSE telegram END,
              language = coalesce($6, language), state = coalesce($7, state), updated_at = now()
            WHERE name = $1 AND tenant_id = (SELECT id FROM tenants WHERE name = $2) AND state <> 'removed'
            RETURNING id
            """),
        [
          .text(name), .text(tenant), .text(change.phone?.text), .bool(change.telegram != nil),
          .text(change.telegram.flatMap { $0 }), .text(change.language), .text(change.state?.rawValue),
        ]
      ).count == 1
    } catch { throw Self.refusal(error, name, tenant) }
  }

  /// Takes a partner out: no desk names them, no token of theirs works. What they did stays written.
  ///
  /// - Returns: false when there is no such partner.
  /// - Throws: ``StoreError/invalid(_:)`` while they have an order that is not done.
  public func removePartner(_ name: String, tenant: String) async throws -> Bool {
    guard let partner = try await PartnerStore(store).partners(tenant: tenant, name: name).first else { return false }
    let open = try await FulfilmentStore(store).orders(of: partner.id, .mine, limit: 1)
    if let id = open.first {
      throw StoreError.invalid(
        "\(name) has the order \(id); it has to be completed or given up first: worker partner show \(name)")
    }
    _ = try await store.pool.transaction([
      Self.bound("UPDATE partners SET state = 'removed', updated_at = now() WHERE id = $1", [.int(partner.id)]),
      Self.bound(
        "UPDATE partner_tokens SET revoked_at = now() WHERE partner_id = $1 AND revoked_at IS NULL", [.int(partner.id)]),
      Self.bound("DELETE FROM desk_partners WHERE partner_id = $1", [.int(partner.id)]),
    ])
    return true
  }

  nonisolated static func putting(_ partner: NewPartner, _ state: Partner.State) -> Bound {
    bound(
      """
      INSERT INTO partners (tenant_id, name, phone, telegram, language, state)
      SELECT id, $2, $3, $4, $5, $6 FROM tenants WHERE name = $1
      ON CONFLICT (tenant_id, name) WHERE state <> 'removed' DO UPDATE SET
        phone = excluded.phone, telegram = excluded.telegram, language = excluded.language, state = excluded.state,
        updated_at = now()
      """,
      [
        .text(partner.tenant), .text(partner.name), .text(partner.phone.text), .text(partner.telegram),
        .text(partner.language), .text(state.rawValue),
      ])
  }

  /// As ``removePartner(_:tenant:)``, in the statements of a transaction.
  nonisolated static func removal(ofPartner name: String, tenant: String) -> [Bound] {
    let id =
      "(SELECT p.id FROM partners p JOIN tenants t ON t.id = p.tenant_id"
      + " WHERE p.name = $1 AND t.name = $2 AND p.state <> 'removed')"
    let names: [PostgresParameter] = [.text(name), .text(tenant)]
    return [
      bound(
        """
        SELECT require_setup(NOT EXISTS (SELECT FROM fulfilments f JOIN orders o ON o.id = f.order_id AND o.attempt = f.attempt
          WHERE f.partner_id = \(id) AND o.status = 'sent'), $3)::text
        """, names + [.text("\(name) has an order that is not done; it has to be completed or given up first")]),
      bound("UPDATE partner_tokens SET revoked_at = now() WHERE partner_id = \(id) AND revoked_at IS NULL", names),
      bound("DELETE FROM desk_partners WHERE partner_id = \(id)", names),
      bound("UPDATE partners SET state = 'removed', updated_at = now() WHERE id = \(id)", names),
    ]
  }

  /// Makes a token for a partner and stores its hash; only here it is known.
  ///
  /// - Throws: ``StoreError/invalid(_:)`` where there is no such partner.
  public func createPartnerToken(of name: String, tenant: String, called label: String = "") async throws -> MadeToken {
    let secret = Self.newSecret()
    let rows = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          INSERT INTO partner_tokens (partner_id, hash, prefix, name)
          SELECT p.id, $3, $4, $5 FROM partners p JOIN tenants t ON t.id = p.tenant_id
          WHERE p.name = $1 AND t.name = $2 AND p.state <> 'removed'
          RETURNING id
          """),
      [
        .text(name), .text(tenant), .bytea(Digest.sha256(secret.utf8)), .text(Self.prefix(of: secret)), .text(label),
      ])
    guard let row = rows.first else { throw StoreError.invalid(Self.unknownPartner(name, tenant)) }
    return MadeToken(id: try row.int(0), secret: secret, expiresAt: nil)
  }

  public func partnerTokens(tenant: String?, partner: String?) async throws -> [PartnerToken] {
    let time = "AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    return try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          SELECT k.id, t.name, p.name, k.prefix, k.name, to_char(k.created_at \(time), to_char(k.last_used_at \(time),
            to_char(k.revoked_at \(time)
          FROM partner_tokens k JOIN partners p ON p.id = k.partner_id JOIN tenants t ON t.id = p.tenant_id
          WHERE ($1::text IS NULL OR t.name = $1) AND ($2::text IS NULL OR p.name = $2) ORDER BY k.id
          """), [.text(tenant), .text(partner)]
    ).map {
      try PartnerToken(
        id: $0.int(0), tenant: $0.text(1), partner: $0.text(2), prefix: $0.text(3), name: $0.text(4),
        createdAt: $0.text(5), lastUsedAt: $0.textOrNil(6), revokedAt: $0.textOrNil(7))
    }
  }

  /// - Returns: false when there is no such token that still works.
  public func revokePartnerToken(_ id: Int64) async throws -> Bool {
    try await store.pool.run(
      PostgresStatement(
        name: "", sql: "UPDATE partner_tokens SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING id"),
      [.int(id)]
    ).count == 1
  }

  nonisolated static func unknownPartner(_ name: String, _ tenant: String) -> String {
    "the tenant \(tenant) has no partner named \(name); add them with: dispatcher partner add \(name) --tenant \(tenant)"
      + " --phone +905551234567"
  }

  nonisolated static func bound(_ sql: String, _ parameters: [PostgresParameter]) -> Bound {
    (PostgresStatement(name: "", sql: sql), parameters)
  }

  private nonisolated static func refusal(_ error: any Error, _ name: String, _ tenant: String) -> any Error {
    guard let error = error as? PostgresError else { return error }
    if error.sqlstate == "23505" {
      return StoreError.invalid("the tenant \(tenant) already has a partner named \(name)")
    }
    guard error.sqlstate == "23514" else { return error }
    return switch error.constraint {
    case "partners_telegram_check":
      StoreError.invalid("--telegram is the number of a chat, such as 123456789, or the @name of one")
    case "partners_language_check":
      StoreError.invalid("--language is one of \(Partner.languages.joined(separator: ", "))")
    default:
      StoreError.invalid(
        "a partner's name is 1 to 63 characters: a-z, 0-9, - and _, and begins with a letter or digit; \(name) is not")
    }
  }
}
