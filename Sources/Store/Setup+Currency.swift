import EventLoop
internal import Postgres

extension Setup {
  /// Notes what a provider's account is kept in.
  ///
  /// - Parameter currency: three capital letters (ISO 4217); nil for not known.
  public func setCurrency(_ currency: String?, provider: String) async throws {
    _ = try await store.pool.run(
      PostgresStatement(
        name: "", sql: "UPDATE providers SET currency = $2, updated_at = now() WHERE name = $1"),
      [.text(provider), .text(currency)])
  }
}
