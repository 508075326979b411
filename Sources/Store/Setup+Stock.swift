internal import EventLoop
internal import Postgres

extension Setup {
  /// Notes a send that a provider has always known: what was never received is told by comparing with one that was.
  public func noteKnownSend(_ reference: String, provider: String) async throws {
    let (statement, parameters) = Self.noting(knownSend: reference, provider)
    _ = try await store.pool.run(statement, parameters)
  }

  nonisolated static func noting(knownSend reference: String, _ provider: String) -> Bound {
    (
      PostgresStatement(
        name: "",
        sql: """
          INSERT INTO settled_sends (provider_id, account_epoch, reference)
          SELECT id, account_epoch, $2 FROM providers WHERE name = $1 ON CONFLICT (provider_id) DO NOTHING
          """),
      [.text(provider), .text(reference)]
    )
  }
}
