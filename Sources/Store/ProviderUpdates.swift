public import EventLoop
public import Orders
internal import Postgres

/// What changes of a provider while it is in use.
@LoopActor
public struct ProviderUpdates {
  /// Longest note of a pause, in bytes of UTF-8; the rest is left out.
  public nonisolated static let noteBytesMax = 400

  private let store: Store
  public nonisolated init(store: Store) { self.store = store }

  /// Stops or restarts sends to a provider; every process follows within ``Directory/ageMax``.
  ///
  /// - Returns: false when there is no provider of that name.
  public func setPaused(_ name: String, _ isPaused: Bool, note: String?) async throws -> Bool {
    let rows = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          UPDATE providers SET
            paused_at = CASE WHEN $2 THEN coalesce(paused_at, now()) END, pause_note = CASE WHEN $2 THEN $3 END,
            updated_at = now()
          WHERE name = $1 RETURNING id
          """),
      [.text(name), .bool(isPaused), .text(note.map { $0.prefix(bytes: Self.noteBytesMax) })])
    return rows.count == 1
  }

  /// Keeps the balance that a provider reported so long ago, unless a newer one is there.
  public func keepBalance(_ balance: Money, of provider: Int64, age: Duration) async throws {
    _ = try await store.pool.run(
      PostgresStatement(
        name: "keep_balance",
        sql: """
          UPDATE providers SET balance = $2::numeric, balance_at = now() - $3::bigint * interval '1 millisecond'
          WHERE id = $1 AND (balance_at IS NULL OR balance_at < now() - $3::bigint * interval '1 millisecond')
          """),
      [.int(provider), .text(balance.description), .int(age.milliseconds)])
  }
}
