internal import Cipher
public import EventLoop
internal import Postgres

/// The secret keys that the database knows, by their fingerprints, and which processes have which.
///
/// One key is active: it seals, in every process. So a process that was started with another key is noticed before it seals
/// anything that the others can't read, and a new key is used only once all have it.
@LoopActor
public struct KeyBook {
  /// A key by its fingerprint.
  public struct Key: Sendable, Equatable {
    public enum State: String, Sendable {
      /// Somebody has it; nothing is sealed with it yet.
      case known
      /// Seals.
      case active
      /// Sealed before.
      case old
      /// Nobody has it any more: what it sealed can't be read.
      case lost
      /// Nothing is sealed with it any more, and nobody needs it.
      case dropped
    }
    public let id: String
    public let state: State
    /// UTC, to the minute.
    public let since: String
  }

  /// A process that runs, and the keys it has.
  public struct Holder: Sendable, Equatable {
    public let process: String
    public let keys: [String]
    public let sealing: String
  }

  /// A process that was not heard of for so long is gone.
  public nonisolated static let holderSecondsMax = 60

  let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// Holds the keys of this process against the database's, and seals with the one that is active from then on. The first
  /// process of all makes its first key the active one.
  ///
  /// - Throws: ``StoreError/invalid(_:)`` in words for who started it with another key.
  public func meet() async throws {
    let vault = try store.vault
    var known: [(key: Key, proof: [UInt8])]
    do { known = try await rows() } catch {
      // A login that may not see them, as a gateway's: it may not read what is sealed either.
      guard (error as? PostgresError)?.sqlstate == "42501" else { throw error }
      return
    }
    for (id, proof) in known.map({ ($0.key.id, $0.proof) }) where vault.keyIDs.contains(id) {
      guard vault.proof(of: id) == proof else {
        throw StoreError.invalid("its key \(id) is not the key that the database knows by that name; make another one")
      }
    }
    if !known.contains(where: { $0.key.state == .active }) {
      try await claim(vault)
      known = try await rows()
    }
    // None: the database takes no writes, or this login may not write.
    guard let active = known.first(where: { $0.key.state == .active })?.key else { return }
    guard vault.seal(with: active.id) else { throw StoreError.invalid(Self.stranger(vault, active)) }
    for id in vault.keyIDs where !known.contains(where: { $0.key.id == id }) {
      try await add(id, .known, vault)
    }
  }

  private static func stranger(_ vault: Vault, _ active: Key) -> String {
    "it has \(words(vault.keyIDs)), and what is in this database is sealed with the key \(active.id) (since"
      + " \(active.since)); give the key that the other processes have (/etc/sevk/secret-key.env). See:"
      + " dispatcher key status; if that key is lost: dispatcher key rotate --lost \(active.id)"
  }

  /// `the key 1a2b3c4d`, `the keys 1a2b3c4d and 5e6f7a8b`.
  public nonisolated static func words(_ ids: [String]) -> String {
    (ids.count == 1 ? "the key " : "the keys ") + ids.joined(separator: " and ")
  }

  /// Makes the first key the active one, unless what is there already was sealed with none of ours.
  private func claim(_ vault: Vault) async throws {
    let statement = PostgresStatement(
      name: "",
      sql: """
        SELECT DISTINCT encode(substring(s.bytes FROM 2 FOR 4), 'hex')
        FROM (SELECT credentials AS bytes FROM providers UNION ALL SELECT secret FROM endpoints) AS s
        """)
    let there = try await store.pool.run(statement, []).map { try $0.text(0) }
    if !there.isEmpty, !there.contains(where: vault.keyIDs.contains) {
      throw StoreError.invalid(
        "it has \(Self.words(vault.keyIDs)), and what is in this database is sealed with \(Self.words(there.sorted()));"
          + " give that key (a backup of /etc/sevk/secret-key.env has it), before the new one and a comma")
    }
    if let first = vault.keyIDs.first { try await add(first, .active, vault) }
  }

  private func add(_ id: String, _ state: Key.State, _ vault: Vault) async throws {
    guard let proof = vault.proof(of: id) else { return }
    let statement = PostgresStatement(
      name: "",
      sql: "INSERT INTO secret_keys (id, proof, state) VALUES ($1::text, $2::bytea, $3::text) ON CONFLICT DO NOTHING")
    do {
      _ = try await store.pool.run(statement, [.text(id), .bytea(proof), .text(state.rawValue)])
    } catch {
      // A database that is read-only for now, a login that only looks: whoever seals nothing needs no fingerprint there.
      guard let sqlstate = error.sqlstate, ["25006", "42501"].contains(sqlstate) else { throw error }
    }
  }

  private func rows() async throws -> [(key: Key, proof: [UInt8])] {
    let statement = PostgresStatement(name: "", sql: "SELECT id, state, \(Self.sinceSQL), proof FROM secret_keys")
    return try await store.pool.run(statement, []).map { (try Self.key($0), try $0.bytes(3)) }
  }

  private nonisolated static let sinceSQL = "to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"')"

  private static func key(_ row: PostgresRow) throws -> Key {
    guard let state = Key.State(rawValue: try row.text(1)) else { throw row.unreadable(1, "is no state of a key") }
    return try Key(id: row.text(0), state: state, since: row.text(2))
  }

  /// Every key that was ever known here, the oldest first.
  public func keys() async throws -> [Key] {
    let statement = PostgresStatement(
      name: "", sql: "SELECT id, state, \(Self.sinceSQL) FROM secret_keys ORDER BY secret_keys.since, id")
    return try await store.pool.run(statement, []).map { try Self.key($0) }
  }

  // MARK: Processes

  /// Says which keys a process has, and follows the active one.
  ///
  /// - Returns: the id of the active key where this process does not have it; nil when all is well.
  public func report(_ process: String) async throws -> String? {
    let vault = try store.vault
    let statement = PostgresStatement(
      name: "key_report",
      sql: """
        WITH gone AS (
          DELETE FROM key_holders WHERE seen_at < now() - interval '1 hour' AND process <> $1::text
        ), here AS (
          INSERT INTO key_holders (process, keys, sealing) VALUES ($1::text, $2::text[], $3::text)
          ON CONFLICT (process) DO UPDATE SET keys = excluded.keys, sealing = excluded.sealing, seen_at = now()
        )
        SELECT id FROM secret_keys WHERE state = 'active'
        """)
    func note() async throws -> String? {
      try await store.pool.run(
        statement, [.text(process), .textArray(vault.keyIDs), .text(vault.currentKeyID)]
      ).first?.text(0)
    }
    guard let active = try await note(), active != vault.currentKeyID else { return nil }
    guard vault.seal(with: active) else { return active }
    // At once, so that nobody waits for it.
    _ = try await note()
    return nil
  }

  /// Takes a process off the list, since it stops.
  public func leave(_ process: String) async throws {
    let statement = PostgresStatement(name: "", sql: "DELETE FROM key_holders WHERE process = $1::text")
    _ = try await store.pool.run(statement, [.text(process)])
  }

  /// The processes that were heard of within ``holderSecondsMax``.
  public func holders() async throws -> [Holder] {
    let statement = PostgresStatement(
      name: "",
      sql: "SELECT process, array_to_string(keys, ','), sealing FROM key_holders WHERE \(Self.isAlive) ORDER BY process"
    )
    return try await store.pool.run(statement, []).map {
      try Holder(
        process: $0.text(0), keys: $0.text(1).split(separator: ",").map(String.init), sealing: $0.text(2))
    }
  }

  private nonisolated static let isAlive = "seen_at > now() - interval '\(holderSecondsMax) seconds'"

  // MARK: Changes, each refused by itself where a process came in between

  /// Lets a key of this process seal, from within seconds on in all processes: only while each that runs has it.
  ///
  /// - Parameter lost: whether nobody has the key any more that was active until now.
  /// - Returns: false when nothing was changed.
  public func activate(_ id: String, lost: Bool = false) async throws -> Bool {
    let vault = try store.vault
    guard vault.keyIDs.contains(id) else { return false }
    if try await !rows().contains(where: { $0.key.id == id }) { try await add(id, .known, vault) }
    let allHaveIt =
      "EXISTS (SELECT FROM secret_keys WHERE id = $1::text)"
      + " AND NOT EXISTS (SELECT FROM key_holders WHERE \(Self.isAlive) AND $1::text <> ALL (keys))"
    let answers = try await store.pool.transaction([
      (
        PostgresStatement(
          name: "",
          sql: """
            UPDATE secret_keys SET state = $2::text, since = now() WHERE state = 'active' AND id <> $1::text AND \(allHaveIt)
            RETURNING id
            """), [.text(id), .text(lost ? "lost" : "old")]
      ),
      (
        PostgresStatement(
          name: "",
          sql: """
            UPDATE secret_keys SET state = 'active', since = now()
            WHERE id = $1::text AND state <> 'active' AND NOT EXISTS (SELECT FROM secret_keys WHERE state = 'active')
            RETURNING id
            """), [.text(id)]
      ),
    ])
    guard answers[1].count == 1 else { return false }
    vault.seal(with: id)
    return true
  }

  /// Notes that a key is needed no more.
  ///
  /// - Returns: false when it is active, or a process that runs seals with it.
  public func drop(_ id: String) async throws -> Bool {
    let statement = PostgresStatement(
      name: "",
      sql: """
        UPDATE secret_keys SET state = 'dropped', since = CASE state WHEN 'dropped' THEN since ELSE now() END
        WHERE id = $1::text AND state <> 'active'
          AND NOT EXISTS (SELECT FROM key_holders WHERE \(Self.isAlive) AND sealing = $1::text)
        RETURNING id
        """)
    return try await store.pool.run(statement, [.text(id)]).count == 1
  }
}
