internal import Cipher
internal import EventLoop
internal import Orders
internal import Postgres

extension Setup {
  /// Makes a token that opens the dashboard, which shows the orders of all tenants, and nothing else. Its hash is stored;
  /// the token itself is returned once and nowhere kept.
  ///
  /// - Parameters:
  ///   - roles: what it may do there; all of them may look.
  ///   - lifetime: until it ends by itself; nil: never.
  public func createDashboardToken(
    name: String = "", roles: Set<DashboardRole> = [.look], lifetime: Duration? = nil
  ) async throws -> MadeToken {
    let secret = Self.newSecret()
    let rows = try await insert(
      Statements.insertDashboardToken, secret,
      [
        .bytea(Digest.sha256(secret.utf8)), .textArray(DashboardRole.scopes(of: roles)), .text(Self.prefix(of: secret)),
        .text(name), .int(lifetime?.milliseconds),
      ])
    let row = try rows.single()
    return try MadeToken(id: row.int(0), secret: secret, expiresAt: row.textOrNil(1))
  }
}
