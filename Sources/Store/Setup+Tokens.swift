internal import Cipher
internal import EventLoop
internal import Orders
internal import Postgres

/// API tokens: made, rotated, listed, revoked.
extension Setup {
  /// What a token is made with.
  public struct NewToken: Sendable {
    public var tenant: String
    public var scopes: [String]
    /// What people call it; may be empty.
    public var name = ""
    /// Until it ends by itself; nil: never.
    public var lifetime: Duration?
    /// Requests a second in each dispatcher; nil: the dispatcher's setting; 0: no limit.
    public var ratePerSecond: Int?
    /// Requests at once after a pause; nil: as many as a second brings.
    public var rateBurst: Int?
    public init(tenant: String, scopes: [String]) { (self.tenant, self.scopes) = (tenant, scopes) }
  }

  /// A token just made: the only moment at which it is known.
  public struct MadeToken: Sendable {
    public let id: Int64
    /// `sevk_` and 48 hexadecimal digits, which scanners for secrets find by `sevk_[0-9a-f]{48}`.
    public let secret: String
    /// RFC 3339, UTC; nil: it never ends.
    public let expiresAt: String?
    /// The token's beginning, which logs and lists show; the 160 bits after it stay secret.
    public var prefix: String { Setup.prefix(of: secret) }
  }

  /// A token as `token list` shows it; the token itself is nowhere kept.
  public struct ListedToken: Sendable {
    public let id: Int64
    public let tenant: String
    public let scopes: String
    /// This and the other times: RFC 3339, UTC.
    public let createdAt: String
    public let revokedAt: String?
    public let name: String
    /// Empty for tokens of versions that did not keep it.
    public let prefix: String
    /// Up to an hour old.
    public let lastUsedAt: String?
    public let expiresAt: String?
    public let isExpired: Bool
    public let ratePerSecond: Int?
    public let rateBurst: Int?
    /// The token that it was rotated to.
    public let replacedBy: Int64?
  }

  public nonisolated static let tokenNameBytesMax = 63

  /// Makes a token and stores its hash.
  ///
  /// - Throws: ``StoreError/invalid(_:)`` when there is no such tenant.
  public func createToken(_ new: NewToken) async throws -> MadeToken {
    let secret = Self.newSecret()
    let rows = try await insert(
      Statements.insertToken, secret,
      [
        .text(new.tenant), .bytea(Digest.sha256(secret.utf8)), .textArray(new.scopes), .text(Self.prefix(of: secret)),
        .text(new.name), .int(new.lifetime?.milliseconds), .int(new.ratePerSecond), .int(new.rateBurst),
      ])
    guard rows.count == 1 else { throw StoreError.invalid(unknownTenant(new.tenant)) }
    return try MadeToken(id: rows[0].int(0), secret: secret, expiresAt: rows[0].textOrNil(1))
  }

  /// With what lists show of it in the row that says who made it.
  func insert(
    _ statement: PostgresStatement, _ secret: String, _ parameters: [PostgresParameter]
  ) async throws -> PostgresRows {
    guard var audit else { return try await store.pool.run(statement, parameters) }
    audit.lines.append("    begins with: \(Self.prefix(of: secret))")
    let (audited, all) = audit.with(statement.sql, parameters)
    return try await store.pool.run(audited, all)
  }

  /// Makes a token; only the token itself is returned.
  public func createToken(tenant: String, scopes: [String]) async throws -> String {
    try await createToken(NewToken(tenant: tenant, scopes: scopes)).secret
  }

  /// Makes a token in place of another, which ends after `overlap`.
  ///
  /// - Parameter lifetime: of the new one; nil: as long as the old one was made for.
  /// - Returns: the new token, whose it is, what it may do, and when the old one ends; nil when no such token works, or
  ///   it was rotated before.
  public func rotateToken(
    _ id: Int64, overlap: Duration, lifetime: Duration?
  ) async throws -> (made: MadeToken, tenant: String, scopes: String, oldEndsAt: String)? {
    let secret = Self.newSecret()
    let rotation: Bound = (
      Statements.rotateToken,
      [
        .int(id), .bytea(Digest.sha256(secret.utf8)), .text(Self.prefix(of: secret)), .int(overlap.milliseconds),
        .int(lifetime?.milliseconds),
      ]
    )
    let row = audit?.row(
      where: "EXISTS (SELECT FROM api_tokens WHERE id = $4 AND \(SetupAudit.changedNow))", .int(id))
    let rows = try await store.pool.transaction([rotation] + (row.map { [$0] } ?? []))[0]
    guard rows.count == 1 else { return nil }
    let made = try MadeToken(id: rows[0].int(0), secret: secret, expiresAt: rows[0].textOrNil(1))
    return (made, try rows[0].text(2), try rows[0].text(3), try rows[0].text(4))
  }

  /// - Parameter tenant: nil for the tokens of all.
  public func tokens(tenant: String?) async throws -> [ListedToken] {
    try await store.pool.run(Statements.listTokens, [.text(tenant)]).map {
      try ListedToken(
        id: $0.int(0), tenant: $0.text(1), scopes: $0.text(2), createdAt: $0.text(3), revokedAt: $0.textOrNil(4),
        name: $0.text(5), prefix: $0.text(6), lastUsedAt: $0.textOrNil(7), expiresAt: $0.textOrNil(8),
        isExpired: $0.bool(9), ratePerSecond: $0.intOrNil(10).map { Int($0) },
        rateBurst: $0.intOrNil(11).map { Int($0) },
        replacedBy: $0.intOrNil(12))
    }
  }

  /// Takes a token back; processes notice within ``Directory/ageMax``.
  ///
  /// - Returns: false when there is no such token that still works.
  public func revokeToken(_ id: Int64) async throws -> Bool {
    let (statement, parameters) = audited(
      "UPDATE api_tokens SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING id", [.int(id)])
    return try await store.pool.run(statement, parameters).count == 1
  }

  /// A token that nobody has yet.
  public nonisolated static func newSecret() -> String { "sevk_" + Hexadecimal.encode(RandomBytes.make(24)) }

  nonisolated static func prefix(of secret: String) -> String { String(secret.prefix(13)) }
}

extension Store {
  /// Notes that a token was used; the database keeps it once a minute.
  public func noteUse(ofToken id: Int64) async throws {
    _ = try await pool.run(Statements.tokenUsed, [.int(id)])
  }
}
