internal import Cipher
public import EventLoop
internal import Orders
internal import Postgres

/// What who needs a provider's token finds.
public enum StoredToken: Sendable {
  /// The token in clear, secret; how long it is good, from now on.
  case token(String, number: Int64, lifetime: Duration)
  /// The lease to ask for one.
  case renew
  /// Another process has the lease.
  case wait
  /// A login failed a moment ago.
  case failed
}

/// The tokens of providers in PostgreSQL, sealed.
@LoopActor
public struct ProviderTokens {
  private let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// - Parameter secrets: what tells one login from another, such as address and credentials.
  public func claim(
    provider: Int64, secrets: [UInt8], refused: Int64?, holder: String, lease: Duration
  ) async throws -> StoredToken {
    let row = try await store.pool.run(
      Statements.claimToken,
      [
        .int(provider), .bytea(try login(secrets)), .int(refused.map { Int($0) }), .text(holder),
        .int(Int(lease.milliseconds)),
      ]
    ).first
    // None: the row came in between.
    guard let row else { return .wait }
    switch try row.text(0) {
    case "renew": return .renew
    case "failed": return .failed
    case "token":
      let token: [UInt8]
      // One that was sealed under a key that is gone is no token: the login's hash hangs on the key as well.
      token = try store.vault.open(row.bytes(1), context: Self.context(provider))
      return .token(
        String(decoding: token, as: UTF8.self), number: try row.int(2), lifetime: .milliseconds(try row.int(3)))
    default: return .wait
    }
  }

  /// - Parameter renewIn: from then on it is renewed, though it is still good.
  /// - Returns: the token's number; nil where the lease is another's by now.
  public func keep(
    _ token: String, provider: Int64, secrets: [UInt8], holder: String, lifetime: Duration, renewIn: Duration
  ) async throws -> Int64? {
    let sealed = try store.vault.seal(Array(token.utf8), context: Self.context(provider))
    let login = try login(secrets)
    let rows = try await store.pool.run(
      Statements.keepToken,
      [
        .int(provider), .bytea(login), .text(holder), .bytea(sealed), .int(Int(lifetime.milliseconds)),
        .int(Int(renewIn.milliseconds)),
      ])
    _ = try await store.pool.run(Statements.dropTokens, [.int(provider), .bytea(login)])
    return try rows.first?.int(0)
  }

  /// - Parameter pause: nobody asks again before.
  public func giveUp(provider: Int64, secrets: [UInt8], holder: String, pause: Duration) async throws {
    _ = try await store.pool.run(
      Statements.giveUpToken,
      [.int(provider), .bytea(try login(secrets)), .text(holder), .int(Int(pause.milliseconds))])
  }

  private func login(_ secrets: [UInt8]) throws -> [UInt8] {
    try store.vault.fingerprint(of: secrets, purpose: "provider login")
  }

  private static func context(_ provider: Int64) -> String { "token of provider:\(provider)" }
}
