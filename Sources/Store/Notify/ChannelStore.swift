internal import Cipher
public import EventLoop
internal import Orders
internal import Postgres

/// Channels as ops set them up, and who is told what by them. What is told, ``NotifyStore`` knows.
@LoopActor
public struct ChannelStore {
  let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  // MARK: Channels

  /// All channels by name, or the one of a name.
  public func channels(name: String? = nil) async throws -> [ChannelRow] {
    try await run(
      """
      SELECT id, name, adapter, base_url, \(Self.time("created_at")), trouble, \(Self.time("trouble_since")), credentials
      FROM channels WHERE $1::text IS NULL OR name = $1 ORDER BY name
      """, .text(name)
    ).map { try ChannelRow($0) }
  }

  /// - Throws: ``StoreError/invalid(_:)`` when the name is taken or is none.
  public func add(name: String, adapter: String, baseURL: String, credentials: [String: String]) async throws {
    do {
      _ = try await run(
        "INSERT INTO channels (name, adapter, base_url, credentials) VALUES ($1, $2, $3, $4)", .text(name),
        .text(adapter), .text(baseURL), .bytea(try seal(credentials, name)))
    } catch {
      guard let error = error as? PostgresError else { throw error }
      switch error.sqlstate {
      case "23505": throw StoreError.invalid("there already is a channel named \(name)")
      case "23514":
        throw StoreError.invalid(
          "a channel's name is 1 to 63 characters: a-z, 0-9, - and _, and begins with a letter or digit; \(name) is not"
        )
      default: throw error
      }
    }
  }

  /// Changes where a channel is and what it logs in with. What was wrong with it is forgotten: it is tried again at once.
  public func set(_ channel: ChannelRow, baseURL: String, credentials: [String: String]) async throws {
    _ = try await run(
      """
      UPDATE channels SET base_url = $2, credentials = $3, updated_at = now(), held_until = NULL, trouble = NULL,
        trouble_since = NULL
      WHERE id = $1
      """, .int(channel.id), .text(baseURL), .bytea(try seal(credentials, channel.name)))
  }

  /// - Returns: false when somebody is told something by it; then nothing is removed.
  public func remove(_ channel: ChannelRow) async throws -> Bool {
    try await run(
      """
      DELETE FROM channels WHERE id = $1 AND NOT EXISTS (SELECT FROM notify_targets WHERE channel_id = $1) RETURNING id
      """, .int(channel.id)
    ).count == 1
  }

  /// - Throws: `VaultError` when this process's keys don't open them.
  public func credentials(of channel: ChannelRow) throws -> [String: String] {
    try Self.open(channel.credentials, channel.name, store)
  }

  static func open(_ sealed: [UInt8], _ name: String, _ store: Store) throws -> [String: String] {
    let plain = try store.vault.open(sealed, context: Self.context(name))
    return try OrderRow.decodeMap(String(decoding: plain, as: UTF8.self))
  }

  private func seal(_ credentials: [String: String], _ name: String) throws -> [UInt8] {
    try store.vault.seal(Array(try OrderRow.encodeMap(credentials).utf8), context: Self.context(name))
  }

  private nonisolated static func context(_ name: String) -> String { "channel:\(name)" }

  // MARK: Who is told what

  public func targets(tenant: String? = nil) async throws -> [NotifyTarget] {
    try await run(
      """
      SELECT p.id, t.name, p.audience, c.name, c.adapter, p.address, p.language, array_to_string(p.types, ',')
      FROM notify_targets p JOIN tenants t ON t.id = p.tenant_id JOIN channels c ON c.id = p.channel_id
      WHERE $1::text IS NULL OR t.name = $1 ORDER BY t.name, p.audience, c.name, p.address
      """, .text(tenant)
    ).map { try NotifyTarget($0) }
  }

  /// Tells a target of types of events from now on, beside those that it hears of already.
  public func tell(
    tenant: Int64, audience: NotifyAudience, channel: ChannelRow, address: String, language: String?, types: [String]
  ) async throws {
    _ = try await run(
      """
      INSERT INTO notify_targets AS p (tenant_id, audience, channel_id, address, language, types)
      VALUES ($1, $2, $3, $4, $5, $6::text[])
      ON CONFLICT (tenant_id, audience, channel_id, address) DO UPDATE SET
        language = coalesce(excluded.language, p.language),
        types = ARRAY(SELECT DISTINCT unnest(p.types || excluded.types) ORDER BY 1)
      """, .int(tenant), .text(audience.rawValue), .int(channel.id), .text(address), .text(language),
      .textArray(types))
  }

  /// Tells a target of some types no longer; of none left it is forgotten, with what was in line for it.
  public func untell(_ target: NotifyTarget, types: [String]) async throws {
    let left = target.types.filter { !types.contains($0) }
    if left.isEmpty {
      _ = try await run("DELETE FROM notify_targets WHERE id = $1", .int(target.id))
    } else {
      _ = try await run(
        "UPDATE notify_targets SET types = $2::text[] WHERE id = $1", .int(target.id), .textArray(left))
    }
  }

  // MARK: A tenant's own words

  public func texts(tenant: String? = nil) async throws -> [NotifyText] {
    try await run(
      """
      SELECT t.name, x.audience, x.type, x.language, x.words FROM notify_texts x JOIN tenants t ON t.id = x.tenant_id
      WHERE $1::text IS NULL OR t.name = $1 ORDER BY 1, 2, 3, 4
      """, .text(tenant)
    ).map { try NotifyText($0) }
  }

  /// - Parameter words: nil takes them back.
  public func set(
    words: String?, tenant: Int64, audience: NotifyAudience, type: String, language: String
  ) async throws {
    let key: [PostgresParameter] = [.int(tenant), .text(audience.rawValue), .text(type), .text(language)]
    let sql =
      words == nil
      ? "DELETE FROM notify_texts WHERE tenant_id = $1 AND audience = $2 AND type = $3 AND language = $4"
      : """
      INSERT INTO notify_texts (tenant_id, audience, type, language, words) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (tenant_id, audience, type, language) DO UPDATE SET words = excluded.words
      """
    _ = try await store.pool.run(
      PostgresStatement(name: "", sql: sql), key + (words.map { [.text($0)] } ?? []))
  }

  /// The words of a tenant for a type of event, by language.
  public func words(tenant: Int64, audience: NotifyAudience, type: String) async throws -> [String: String] {
    let rows = try await run(
      "SELECT language, words FROM notify_texts WHERE tenant_id = $1 AND audience = $2 AND type = $3", .int(tenant),
      .text(audience.rawValue), .text(type))
    return Dictionary(try rows.map { (try $0.text(0), try $0.text(1)) }, uniquingKeysWith: { first, _ in first })
  }

  /// A channel as metrics tell of it.
  public struct Tally: Sendable {
    public let channel: String
    public let adapter: String
    public let troubledFor: Duration?
    /// Counted up to ``waitingMax``.
    public let waiting: Int
    public let trouble: String?
  }

  public nonisolated static let waitingMax = 10_000

  public func tallies() async throws -> [Tally] {
    try await store.pool.run(Statements.channelTally, [.int(Self.waitingMax)]).map {
      try Tally(
        channel: $0.text(0), adapter: $0.text(1), troubledFor: $0.intOrNil(2).map { .milliseconds($0) },
        waiting: Int($0.int(3)), trouble: $0.textOrNil(4))
    }
  }

  private nonisolated static func time(_ column: String) -> String {
    "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
  }

  private func run(_ sql: String, _ parameters: PostgresParameter...) async throws -> PostgresRows {
    try await store.pool.run(PostgresStatement(name: "", sql: sql), parameters)
  }
}

extension Setup {
  public var channels: ChannelStore { ChannelStore(store) }
}
