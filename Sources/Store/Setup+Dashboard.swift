internal import Cipher
internal import EventLoop
internal import Postgres

extension Setup {
  /// What a token of the dashboard may do; no tenant's token may.
  public nonisolated static let dashboardScope = "dashboard:read"

  /// Makes a token that opens the dashboard, which shows the orders of all tenants, and nothing else. Its hash is stored;
  /// the token itself is returned once and nowhere kept.
  public func createDashboardToken() async throws -> String {
    let token = "sevk_" + Hexadecimal.encode(RandomBytes.make(24))
    _ = try await store.pool.run(
      PostgresStatement(
        name: "", sql: "INSERT INTO api_tokens (tenant_id, hash, scopes) VALUES (NULL, $1, $2::text[])"),
      [.bytea(Digest.sha256(token.utf8)), .textArray([Self.dashboardScope])])
    return token
  }
}
