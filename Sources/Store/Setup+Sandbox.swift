internal import EventLoop
internal import Postgres

/// Sandboxes: tenants beside the real ones, whose orders go to a panel inside the programs.
extension Setup {
  /// The adapter of the one provider that sandboxes have.
  public nonisolated static let sandboxAdapter = "sandbox"
  /// A minute after the story of a reversal has its turn.
  private nonisolated static let sandboxSecondLook = Duration.seconds(120)
  /// The provider's names; the second where the first is a real provider's already.
  private nonisolated static let sandboxProviders = ["sandbox", "sevk-sandbox"]

  /// Sets up a tenant's sandbox, if it has none yet.
  ///
  /// - Parameter knownSend: the reference of a send that the panel has always known.
  /// - Returns: its name, as a tenant.
  /// - Throws: ``StoreError/invalid(_:)`` when there is no such tenant, or it is a sandbox itself.
  public func addSandbox(of tenant: String, knownSend: String) async throws -> String {
    let known = try await store.pool.run(
      PostgresStatement(name: "", sql: "SELECT sandbox_of IS NOT NULL FROM tenants WHERE name = $1"), [.text(tenant)])
    guard let row = known.first else { throw StoreError.invalid(unknownTenant(tenant)) }
    guard try !row.bool(0) else {
      throw StoreError.invalid("\(tenant) is a sandbox; name the tenant that it belongs to")
    }
    let name = SandboxTenant.name(of: tenant)
    let sandbox = (audit.map { SetupAudit(who: $0.who, command: $0.command, lines: ["+ tenant \(name)"]) })
    let insertion = """
      INSERT INTO tenants (name, sandbox_of) SELECT $2, id FROM tenants WHERE name = $1
      ON CONFLICT (name) DO NOTHING RETURNING id
      """
    let parameters: [PostgresParameter] = [.text(tenant), .text(name)]
    let change = sandbox?.with(insertion, parameters) ?? (PostgresStatement(name: "", sql: insertion), parameters)
    _ = try await store.pool.run(change.0, change.1)
    try await addSandboxProvider(knownSend: knownSend)
    return name
  }

  private func addSandboxProvider(knownSend known: String) async throws {
    let there = PostgresStatement(name: "", sql: "SELECT name FROM providers WHERE adapter = $1 ORDER BY id LIMIT 1")
    let taken = PostgresStatement(name: "", sql: "SELECT name FROM providers WHERE name = $1")
    if try await store.pool.run(there, [.text(Self.sandboxAdapter)]).isEmpty {
      var free: String?
      for name in Self.sandboxProviders where free == nil {
        if try await store.pool.run(taken, [.text(name)]).isEmpty { free = name }
      }
      guard let name = free else {
        throw StoreError.invalid(
          "the names \(Self.sandboxProviders.joined(separator: ", ")) are taken by real providers")
      }
      // Quick, since somebody looks on: an answer is still believed only when it comes twice.
      let audit = (audit.map { SetupAudit(who: $0.who, command: $0.command, lines: ["+ provider \(name)"]) })
      try await (audit.map { noted($0) } ?? self).addProvider(
        NewProvider(
          name: name, adapter: Self.sandboxAdapter, baseURL: "sandbox:", credentials: [:], timeout: .seconds(2),
          concurrencyMax: 64, ratePerSecond: nil, trustNotFoundAfter: .seconds(10), checkFirst: .seconds(1),
          checkBackoff: .seconds(2), checkBackoffMax: .seconds(10), checkDeadline: nil))
      try await setSecondLook(delays: [Self.sandboxSecondLook], share: nil, provider: name)
    }
    // What was never received is told by comparing with a send that was.
    _ = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          INSERT INTO settled_sends (provider_id, account_epoch, reference)
          SELECT id, account_epoch, $2 FROM providers WHERE adapter = $1 ON CONFLICT (provider_id) DO NOTHING
          """),
      [.text(Self.sandboxAdapter), .text(known)])
  }
}
