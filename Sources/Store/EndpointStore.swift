internal import Cipher
public import EventLoop
internal import Orders
internal import Postgres

/// Endpoints as shops and support set them up and look at them. What is posted to them, ``DeliveryStore`` knows.
@LoopActor
public struct EndpointStore {
  /// What an endpoint is to be.
  public struct Wanted: Sendable {
    public var tenantID: Int64
    public var name: String
    public var url: String
    public var types: [String]
    public var ratePerSecond: Int?
    public var latestOnly = false
    public var sealedTo: String?
    /// One that the shop brings; nil: what it has, or a new one.
    public var secret: [UInt8]?

    public init(tenantID: Int64, name: String, url: String, types: [String]) {
      (self.tenantID, self.name, self.url, self.types) = (tenantID, name, url, types)
    }
  }

  /// How long the secret before goes on signing.
  public nonisolated static let overlap = Duration.seconds(24 * 3600)
  /// Most deliveries that one replay puts in line.
  public nonisolated static let replayMax = 10_000
  public nonisolated static let secretBytes = 32

  let store: Store
  /// Who of those that run Sevk changes it; nil: a shop does, and it is not written down.
  var audit: SetupAudit?
  public nonisolated init(store: Store) { self.store = store }

  /// Endpoints by tenant and name.
  ///
  /// - Parameters:
  ///   - tenant: nil for those of all.
  ///   - name: nil for all.
  public func list(tenant: Int64?, name: String? = nil) async throws -> [EndpointRow] {
    try await store.pool.run(Statements.listEndpoints, [.int(tenant), .text(name)]).map { try EndpointRow($0) }
  }

  /// Makes an endpoint, or changes it to what is wanted. A secret that it has not yet is a rotation, as ``rotate(_:)``.
  ///
  /// - Returns: whether it is new, and its secret if that is new.
  public func put(_ wanted: Wanted) async throws -> (isNew: Bool, secret: [UInt8]?) {
    let secret = wanted.secret ?? RandomBytes.make(Self.secretBytes)
    let isOther = wanted.secret == nil ? false : try await !has(secret, wanted)
    let change: Setup.Bound = (
      Statements.putEndpoint,
      [
        .int(wanted.tenantID), .text(wanted.name), .text(wanted.url), .textArray(wanted.types),
        .int(wanted.ratePerSecond), .bool(wanted.latestOnly), .text(wanted.sealedTo),
        .bytea(try seal(secret, wanted.tenantID, wanted.name)), .bool(isOther),
        .int(Self.overlap.milliseconds),
      ]
    )
    let row = try await store.pool.transaction([change] + (audit.map { [$0.row()] } ?? []))[0].single()
    let isNew = try row.bool(1)
    return (isNew, isNew || wanted.secret != nil ? secret : nil)
  }

  /// Removes an endpoint with all that it was told.
  public func remove(_ endpoint: EndpointRow) async throws {
    let removal: Setup.Bound = (Statements.removeEndpoint, [.int(endpoint.id)])
    guard let audit else {
      _ = try await store.pool.run(removal.0, removal.1)
      return
    }
    // Once it is locked nobody else removes it, so that the row says what is true.
    let lock = PostgresStatement(name: "", sql: "SELECT id FROM endpoints WHERE id = $1 FOR UPDATE")
    _ = try await store.pool.transaction([
      (lock, [.int(endpoint.id)]),
      audit.row(where: "EXISTS (SELECT FROM endpoints WHERE id = $4)", .int(endpoint.id)), removal,
    ])
  }

  /// Pauses it, or lets it go on.
  public func set(_ endpoint: EndpointRow, to state: EndpointRow.State) async throws {
    _ = try await store.pool.run(Statements.endpointState, [.int(endpoint.id), .text(state.rawValue)])
  }

  /// - Returns: the new secret.
  public func rotate(_ endpoint: EndpointRow) async throws -> [UInt8] {
    let secret = RandomBytes.make(Self.secretBytes)
    let parameters: [PostgresParameter] = [
      .int(endpoint.id), .bytea(try seal(secret, endpoint.tenantID, endpoint.name)), .int(Self.overlap.milliseconds),
    ]
    let change = audit?.with(Statements.rotateEndpoint.sql, parameters) ?? (Statements.rotateEndpoint, parameters)
    _ = try await store.pool.run(change.0, change.1)
    return secret
  }

  // MARK: What it was told

  /// Which deliveries are put in line again.
  public struct Replay: Sendable {
    /// Behind this position.
    public var after: Int64
    /// Up to this position.
    public var until: Int64
    /// Also what it has.
    public var all: Bool

    public init(after: Int64, until: Int64, all: Bool) { (self.after, self.until, self.all) = (after, until, all) }
  }

  /// How many a replay would put in line, at most ``replayMax``, and the last position of these.
  public func count(_ replay: Replay, of endpoint: EndpointRow) async throws -> (count: Int, last: Int64?) {
    let row = try await store.pool.run(Statements.countReplay, parameters(replay, endpoint)).single()
    return (Int(try row.int(0)), try row.intOrNil(1))
  }

  /// Puts deliveries in line again, the oldest ``replayMax`` of those that are meant.
  ///
  /// - Returns: how many, the last position of these, and their orders.
  public func replay(
    _ replay: Replay, of endpoint: EndpointRow
  ) async throws -> (count: Int, last: Int64?, orders: Set<String>) {
    let rows = try await store.pool.run(Statements.replayDeliveries, parameters(replay, endpoint))
    return (rows.count, try rows.map { try $0.int(0) }.max(), Set(try rows.map { try $0.text(1) }))
  }

  private func parameters(_ replay: Replay, _ endpoint: EndpointRow) -> [PostgresParameter] {
    [.int(endpoint.id), .int(replay.after), .int(replay.until), .bool(replay.all), .int(Self.replayMax)]
  }

  /// Puts one delivery in line again.
  ///
  /// - Parameter tenant: whose it has to be; nil for anybody's.
  /// - Returns: its order and its endpoint's state; nil when there is no such delivery.
  public func resend(_ id: DeliveryID, tenant: Int64?) async throws -> (order: String, state: EndpointRow.State)? {
    let rows = try await store.pool.run(
      Statements.resendDelivery, [.int(tenant), .int(id.endpoint), .int(id.position)])
    guard let row = rows.first, let state = EndpointRow.State(rawValue: try row.text(1)) else { return nil }
    return (try row.text(0), state)
  }

  /// Puts an event in line that is no order's.
  public func addTest(
    to endpoint: EndpointRow, eventID: String, type: String, subject: String, body: String
  ) async throws -> DeliveryID {
    let row = try await store.pool.run(
      Statements.testDelivery,
      [.int(endpoint.id), .text(eventID), .text(type), .text(subject), .text(body)]
    ).single()
    return DeliveryID(endpoint: endpoint.id, position: try row.int(0))
  }

  /// A page of what an endpoint is told, by position.
  public func deliveries(
    of endpoint: EndpointRow, state: DeliveryRow.State?, after: Int64, limit: Int
  ) async throws -> [DeliveryRow] {
    try await store.pool.run(
      Statements.listDeliveries, [.int(endpoint.id), .text(state?.rawValue), .int(after), .int(limit)]
    ).map { try DeliveryRow($0) }
  }

  /// What endpoints are told of an order, by endpoint and position.
  public func deliveries(ofOrder id: String) async throws -> [DeliveryRow] {
    try await store.pool.run(Statements.orderDeliveries, [.text(id)]).map { try DeliveryRow($0) }
  }

  /// The failed attempts at deliveries of one endpoint, oldest first.
  public func attempts(_ endpoint: Int64, in positions: ClosedRange<Int64>) async throws -> [DeliveryAttempt] {
    try await store.pool.run(
      Statements.deliveryAttempts, [.int(endpoint), .int(positions.lowerBound), .int(positions.upperBound)]
    ).map { try DeliveryAttempt($0) }
  }

  // MARK: The secret

  /// Whether an endpoint signs with `secret` already. One that can't be read is another one.
  private func has(_ secret: [UInt8], _ wanted: Wanted) async throws -> Bool {
    let rows = try await store.pool.run(Statements.endpointSecret, [.int(wanted.tenantID), .text(wanted.name)])
    guard let sealed = try rows.first?.bytes(0) else { return false }
    let known = try? store.vault.open(sealed, context: Self.context(wanted.tenantID, wanted.name))
    return known.map { Digest.constantTimeEquals($0, secret) } ?? false
  }

  private func seal(_ secret: [UInt8], _ tenant: Int64, _ name: String) throws -> [UInt8] {
    try store.vault.seal(secret, context: Self.context(tenant, name))
  }

  /// Those whose secret this process can't read.
  public func unreadable() async throws -> [(tenant: String, name: String)] {
    let vault = try store.vault
    return try await store.pool.run(Statements.endpointSecrets, []).compactMap { row in
      let (tenant, name) = (try row.text(1), try row.text(2))
      do {
        _ = try vault.open(row.bytes(3), context: Self.context(row.int(0), name))
        return nil
      } catch is VaultError {
        return (tenant, name)
      }
    }
  }

  nonisolated static func context(_ tenant: Int64, _ name: String) -> String { "endpoint:\(tenant)/\(name)" }
}

extension Setup {
  /// The endpoints of all tenants.
  public var endpoints: EndpointStore {
    var endpoints = EndpointStore(store: store)
    endpoints.audit = audit
    return endpoints
  }

  /// - Throws: ``StoreError/invalid(_:)`` when there is no such tenant.
  public func tenantID(_ name: String) async throws -> Int64 {
    guard let id = try await store.tenantNames().first(where: { $0.value == name })?.key else {
      throw StoreError.invalid(unknownTenant(name))
    }
    return id
  }
}
