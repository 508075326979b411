internal import Cipher
internal import EventLoop
internal import Orders
internal import Postgres

extension Setup {
  /// What a token of the dashboard may do; no tenant's token may.
  public nonisolated static let dashboardScope = "dashboard:read"

  /// Makes a token that opens the dashboard, which shows the orders of all tenants, and nothing else. Its hash is stored;
  /// the token itself is returned once and nowhere kept.
  ///
  /// - Parameter lifetime: until it ends by itself; nil: never.
  public func createDashboardToken(name: String = "", lifetime: Duration? = nil) async throws -> MadeToken {
    let secret = Self.newSecret()
    let rows = try await store.pool.run(
      Statements.insertDashboardToken,
      [
        .bytea(Digest.sha256(secret.utf8)), .textArray([Self.dashboardScope]), .text(Self.prefix(of: secret)),
        .text(name), .int(lifetime?.milliseconds),
      ])
    let row = try rows.single()
    return try MadeToken(id: row.int(0), secret: secret, expiresAt: row.textOrNil(1))
  }
}
