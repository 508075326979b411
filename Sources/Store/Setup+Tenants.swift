internal import EventLoop
internal import Postgres

extension Setup {
  /// A tenant as `tenant list` shows it.
  public struct ListedTenant: Sendable {
    public let name: String
    /// RFC 3339, UTC.
    public let createdAt: String
    /// Those that work now.
    public let tokens: Int
    /// Those with a route.
    public let products: Int
    /// Of its orders' pages, where they are set.
    public let pageName: String?
    public let pageColour: String?
    public let pageLogoBytes: Int?
    public let pageShowsPin: Bool
  }

  /// Every tenant, by name.
  public func tenants() async throws -> [ListedTenant] {
    try await store.pool.run(Statements.listTenants, []).map {
      try ListedTenant(
        name: $0.text(0), createdAt: $0.text(1), tokens: Int($0.int(2)), products: Int($0.int(3)),
        pageName: $0.textOrNil(4), pageColour: $0.textOrNil(5), pageLogoBytes: $0.intOrNil(6).map { Int($0) },
        pageShowsPin: $0.bool(7))
    }
  }
}
