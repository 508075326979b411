internal import EventLoop
internal import Orders
internal import Postgres

/// The whole set-up as it was at one stamp.
public struct SetupSnapshot: Sendable {
  /// Another one after each change of tenants, tokens, providers and routes.
  public let stamp: String
  public let tenants: [Setup.ListedTenant]
  public let providers: [Provider]
  /// The providers whose credentials can't be read, with the reason.
  public let unreadable: [String: String]
  /// Of the orders that ended, how many are looked at again: by the provider's name, where it says so.
  public let secondLookShares: [String: Double]
  public let routes: [Setup.ListedRoute]
  public let tokens: [Setup.ListedToken]
  public let endpoints: [EndpointRow]
  public let partners: [Partner]
  /// By the provider's name.
  public let desks: [String: Setup.Desk]
}

extension Setup {
  /// Reads all of it. Whoever changes it by what was read hands the stamp back to ``apply(_:seen:by:as:)``.
  ///
  /// - Parameter directory: one that has read nothing yet.
  public func snapshot(_ directory: Directory) async throws -> SetupSnapshot {
    // First, so that a change between this and the rest is noticed.
    let stamp = try await store.pool.run(Statements.setupStamp, []).single().text(0)
    let providers = try await directory.providers()
    let shares = try await store.pool.run(
      PostgresStatement(
        name: "", sql: "SELECT name, second_look_share::text FROM providers WHERE second_look_share IS NOT NULL"), [])
    var desks: [String: Desk] = [:]
    for provider in providers where provider.adapter == FulfilmentStore.adapter {
      desks[provider.name] = try await desk(provider.name)
    }
    return SetupSnapshot(
      stamp: stamp, tenants: try await tenants(), providers: providers, unreadable: directory.unreadable,
      secondLookShares: Dictionary(
        try shares.compactMap { row in try Double(row.text(1)).map { (try row.text(0), $0) } },
        uniquingKeysWith: { first, _ in first }),
      routes: try await routes(tenant: nil), tokens: try await tokens(tenant: nil),
      endpoints: try await endpoints.list(tenant: nil), partners: try await partners(tenant: nil), desks: desks)
  }
}
