public import EventLoop
public import Orders
internal import Postgres

/// Who the partners are: for the partner API, the desk and channels, which ask at each request.
@LoopActor
public struct PartnerStore {
  private let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// Whose token this is, by its SHA-256; nil when it is unknown or revoked, or its partner was removed. Notes the use, once a
  /// minute.
  public func partner(tokenHash: [UInt8]) async throws -> Partner? {
    let rows = try await store.pool.run(
      Self.select(
        "partner_by_token", "WHERE k.hash = $1 AND k.revoked_at IS NULL AND p.state <> 'removed'",
        join: "JOIN partner_tokens k ON k.partner_id = p.id"),
      [.bytea(tokenHash)])
    guard let row = rows.first else { return nil }
    let partner = try Self.decode(row)
    _ = try await store.pool.run(
      PostgresStatement(
        name: "partner_token_used",
        sql: """
          UPDATE partner_tokens SET last_used_at = now()
          WHERE hash = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
          """), [.bytea(tokenHash)])
    return partner
  }

  public func partner(_ id: Int64) async throws -> Partner? {
    try await store.pool.run(Self.select("partner_by_id", "WHERE p.id = $1"), [.int(id)]).first.map(Self.decode)
  }

  /// Who writes from a chat.
  public func partner(telegram chat: String, tenant: Int64) async throws -> Partner? {
    try await store.pool.run(
      Self.select("partner_by_chat", "WHERE p.telegram = $1 AND p.tenant_id = $2 AND p.state <> 'removed'"),
      [.text(chat), .int(tenant)]
    ).first.map(Self.decode)
  }

  /// Those of a tenant, or of all, by name.
  ///
  /// - Parameter name: only those called so.
  public func partners(tenant: String? = nil, name: String? = nil) async throws -> [Partner] {
    try await store.pool.run(
      Self.select(
        "partners",
        """
        WHERE p.state <> 'removed' AND ($1::text IS NULL OR t.name = $1) AND ($2::text IS NULL OR p.name = $2)
        ORDER BY t.name, p.name
        """), [.text(tenant), .text(name)]
    ).map(Self.decode)
  }

  private static func select(_ name: String, _ rest: String, join: String = "") -> PostgresStatement {
    PostgresStatement(
      name: name,
      sql: """
        SELECT p.id, p.tenant_id, t.name, p.name, p.phone, p.telegram, p.language, p.state
        FROM partners p JOIN tenants t ON t.id = p.tenant_id \(join) \(rest)
        """)
  }

  private static func decode(_ row: PostgresRow) throws -> Partner {
    try Partner(
      id: row.int(0), tenantID: row.int(1), tenant: row.text(2), name: row.text(3), phone: row.text(4),
      telegram: row.textOrNil(5), language: row.text(6), state: Partner.State(rawValue: row.text(7)) ?? .away)
  }
}
