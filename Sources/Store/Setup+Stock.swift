internal import EventLoop
internal import Postgres

extension Setup {
  /// Notes a send that a provider has always known: what was never received is told by comparing with one that was.
  public func noteKnownSend(_ reference: String, provider: String) async throws {
    _ = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          INSERT INTO settled_sends (provider_id, account_epoch, reference)
          SELECT id, account_epoch, $2 FROM providers WHERE name = $1 ON CONFLICT (provider_id) DO NOTHING
          """),
      [.text(provider), .text(reference)])
  }
}
