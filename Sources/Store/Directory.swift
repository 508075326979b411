internal import Cipher
public import EventLoop
internal import Orders
internal import Postgres

/// Tenants' tokens, providers and routes, kept in memory and read again when they have changed.
///
/// What is looked up is never older than ``ageMax``; what is not found is looked for again at once (at most every
/// ``missPause``), so a route added a moment ago works for the next order. Whether anything changed, the stamp of the
/// set-up says (``setup_stamp.sql``), which each change renews in its own transaction: only then is all of it read.
@LoopActor
public final class Directory {
  public nonisolated static let ageMax = Duration.seconds(2)
  nonisolated static let missPause = Duration.milliseconds(200)
  /// All of it is read once in so long whatever the stamp says: a provider's balance, of which it says nothing.
  private nonisolated static let wholeAgeMax = Duration.seconds(60)

  private struct RouteKey: Hashable {
    let tenantID: Int64
    let product: ExactText
  }

  private let store: Store
  private var providersByID: [Int64: Provider] = [:]
  private var routesByKey: [RouteKey: [Route]] = [:]
  private var sendersByProvider: [Int64: ProviderSenders] = [:]
  /// The tenants that are sandboxes.
  private var sandboxes: Set<Int64> = []
  private var tenantsByID: [Int64: String] = [:]
  private var grantsByHash: [[UInt8]: TokenGrant] = [:]
  private var dashboardTokens: [[UInt8]: DashboardToken] = [:]
  private var readAt: ContinuousClock.Instant?
  /// The stamp of what is in memory; nil before the first read.
  private var stamp: String?
  /// When all of it has to be read again, since it is old or a token ends.
  private var wholeUntil = ContinuousClock.now
  /// How often all of it was read.
  private(set) var wholeReads = 0
  private let reading = SingleFlight<Void, any Error>()
  /// The providers that are left out since their credentials can't be read: their names, with the reason.
  public private(set) var unreadable: [String: String] = [:]
  private var unreadableProviders: [String: Provider] = [:]
  /// A provider that is left out since its credentials can't be read, without them; as it was read last.
  public func unreadableProvider(_ name: String) -> Provider? { unreadableProviders[name] }
  /// Called when the providers whose credentials can't be read change: their names, with the reason.
  public var onUnreadable: (@LoopActor ([String: String]) -> Void)?

  public nonisolated init(store: Store) { self.store = store }

  /// What the token with this SHA-256 hash may do; nil when it is unknown, revoked or expired.
  ///
  /// - Parameter mayBeNew: false looks for it once only, so that unknown tokens don't make this read the database.
  public func grant(tokenHash: [UInt8], mayBeNew: Bool = true) async throws -> TokenGrant? {
    guard !mayBeNew else { return try await find { self.grantsByHash[tokenHash] } }
    try await refresh(ifOlderThan: Self.ageMax)
    return grantsByHash[tokenHash]
  }

  /// Whether the token with this SHA-256 hash opens the dashboard: it was made for that, and is neither revoked nor
  /// expired.
  public func opensDashboard(tokenHash: [UInt8]) async throws -> Bool {
    try await dashboardToken(tokenHash) != nil
  }

  /// The token that opens the dashboard; nil when it does not. See ``opensDashboard(tokenHash:)``.
  public func dashboardToken(_ tokenHash: [UInt8]) async throws -> DashboardToken? {
    try await find { self.dashboardTokens[tokenHash] }
  }

  /// The routes of a tenant's product, first choice first; empty when there is none.
  public func routes(tenant: Int64, product: String) async throws -> [Route] {
    try await find { self.routesByKey[RouteKey(tenantID: tenant, product: ExactText(product))] } ?? []
  }

  /// The first choice of each product of a tenant, by product.
  public func firstRoutes(tenant: Int64) async throws -> [Route] {
    try await refresh(ifOlderThan: Self.ageMax)
    return routesByKey.compactMap { $0.key.tenantID == tenant ? $0.value.first : nil }
      .sorted { $0.product < $1.product }
  }

  /// Whether a tenant is a sandbox, as far as this was read before; its routes were read with it.
  public func isSandboxKnown(_ tenant: Int64) -> Bool { sandboxes.contains(tenant) }

  /// The name of a tenant and of a provider, as far as this was read before: for logs and metrics.
  public func tenantNameKnown(_ tenant: Int64) -> String? { tenantsByID[tenant] }
  public func providerNameKnown(_ provider: Int64) -> String? { providersByID[provider]?.name }

  /// Where a product goes first, as far as this was read before: for what must not wait for the database.
  public func firstProviderKnown(tenant: Int64, product: String) -> Int64? {
    routesByKey[RouteKey(tenantID: tenant, product: ExactText(product))]?.first?.providerID
  }

  /// Who has routes to a provider, as far as this was read before.
  public func sendersKnown(to provider: Int64) -> ProviderSenders {
    sendersByProvider[provider] ?? ProviderSenders()
  }

  /// A provider; nil when it is unknown.
  public func provider(_ id: Int64) async throws -> Provider? {
    try await find { self.providersByID[id] }
  }

  /// Every provider, by id.
  public func providers() async throws -> [Provider] {
    try await refresh(ifOlderThan: Self.ageMax)
    return providersByID.values.sorted { $0.id < $1.id }
  }

  /// Whether what is in memory may be used as it is.
  private var isFresh: Bool { readAt.map { ContinuousClock.now - $0 < Self.ageMax } ?? false }

  private func find<T>(_ lookUp: @LoopActor () -> T?) async throws -> T? {
    // Nearly always: each order asks several times.
    if isFresh, let found = lookUp() { return found }
    let asked = ContinuousClock.now
    try await refresh(ifOlderThan: Self.ageMax)
    while true {
      if let found = lookUp() { return found }
      // What is not there may have been added a moment ago: so it is not there only if that was read since it was asked
      // for. One read answers all who wait, and no two begin sooner after each other than allowed.
      guard let readAt, readAt < asked else { return nil }
      let age = ContinuousClock.now - readAt
      if age < Self.missPause { try await EventLoop.sleep(for: Self.missPause - age) }
      if self.readAt == readAt { try await refresh(ifOlderThan: .zero) }
    }
  }

  private func refresh(ifOlderThan age: Duration) async throws {
    if let readAt, ContinuousClock.now - readAt < age { return }
    // Many callers find it old at once: one reads for all.
    try await reading.run { try await self.read() }
  }

  private func read() async throws {
    let begun = ContinuousClock.now
    if let stamp, begun < wholeUntil,
      try await store.pool.run(Statements.setupStamp, []).single().text(0) == stamp
    {
      readAt = begun
      return
    }
    try await readAll(begun)
  }

  private func readAll(_ begun: ContinuousClock.Instant) async throws {
    let answers = try await store.pool.transaction([
      // First, so that a change between this and the rest is seen as one the next time.
      (Statements.setupStamp, []),
      (Statements.directory, []),
      (
        PostgresStatement(
          name: "routes",
          sql:
            "SELECT id, tenant_id, product, provider_id, parameters, position, pin_required, field_rules, player_field,"
            + " failover_after_ms, share, cost_max, by_cost"
            + " FROM routes ORDER BY position"
        ),
        []
      ),
      (Statements.workingTokens, []),
      (Statements.dashboardTokens, []),
      (
        PostgresStatement(
          name: "tenants", sql: "SELECT id, sandbox_of, name FROM tenants"), []
      ),
    ])
    var providers: [Int64: Provider] = [:]
    var unreadable: [String: String] = [:]
    var unreadableProviders: [String: Provider] = [:]
    for row in answers[1] {
      let name = try row.text(1)
      var credentials = Array("{}".utf8)
      do {
        if store.hasVault { credentials = try store.vault.open(row.bytes(4), context: "provider:\(name)") }
      } catch {
        // One that was added under another key must not stop the others.
        unreadable[name] = "\(error)"
      }
      var provider = try Provider(
        id: row.int(0), name: name, adapter: row.text(2), baseURL: row.text(3),
        credentials: OrderRow.decodeMap(String(decoding: credentials, as: UTF8.self)),
        timeout: .milliseconds(row.int(5)), concurrencyMax: Int(row.int(6)),
        ratePerSecond: row.intOrNil(7).map { Int($0) },
        trustNotFoundAfter: row.durationOrNil(8), checkFirst: row.durationOrNil(9), checkBackoff: row.durationOrNil(10),
        checkBackoffMax: row.durationOrNil(11), checkDeadline: row.durationOrNil(12),
        balance: row.textOrNil(13).flatMap { Money(parsing: $0) }, pausedAt: row.intOrNil(14),
        pauseNote: row.textOrNil(15), pausedBefore: row.durationOrNil(21), readAt: .now,
        failoverAfter: row.durationOrNil(22), accountEpoch: Int(row.int(16)),
        decimalMark: row.textOrNil(17).flatMap { Money.DecimalMark(rawValue: $0) }, settingsVersion: row.text(18),
        currency: row.textOrNil(19),
        secondLooks: row.textOrNil(20).map { text in
          text.split(separator: ",").compactMap { Int64($0) }.map { .milliseconds($0) }
        })
      provider.secondPersonAbove = try row.textOrNil(23).flatMap { Money(parsing: $0) }
      if unreadable[name] == nil { providers[provider.id] = provider } else { unreadableProviders[name] = provider }
    }
    var routes: [RouteKey: [Route]] = [:]
    for row in answers[2] {
      let route = try Route(
        id: row.int(0), tenantID: row.int(1), product: row.text(2), providerID: row.int(3),
        parameters: OrderRow.decodeMap(row.text(4)), position: Int(row.int(5)), isPinRequired: row.bool(6),
        fieldRules: OrderRow.decodeMap(row.text(7)).mapValues { FieldRule(stored: $0) }, playerField: row.text(8),
        terms: RouteTerms(row, from: 9))
      routes[RouteKey(tenantID: route.tenantID, product: ExactText(route.product)), default: []].append(route)
    }
    var sandboxes: [Int64: Int64] = [:]
    var tenants: [Int64: String] = [:]
    for row in answers[5] {
      tenants[try row.int(0)] = try row.text(2)
      if let shop = try row.intOrNil(1) { sandboxes[try row.int(0)] = shop }
    }
    routes = Self.withSandboxes(routes, sandboxes, providers.values)
    var grants: [[UInt8]: TokenGrant] = [:]
    for row in answers[3] {
      grants[try row.bytes(0)] = try TokenGrant(
        tenantID: row.int(1), tenant: row.text(2), scopes: Set(row.text(3).split(separator: ",").map(String.init)),
        tokenID: row.int(4), name: row.text(9), prefix: row.text(5), ratePerSecond: row.intOrNil(6).map { Int($0) },
        rateBurst: row.intOrNil(7).map { Int($0) })
    }
    (providersByID, routesByKey, grantsByHash) = (providers, routes, grants)
    self.sandboxes = Set(sandboxes.keys)
    tenantsByID = tenants
    sendersByProvider = ProviderSenders.all(routes.values.joined())
    dashboardTokens = Dictionary(
      try answers[4].map { (try $0.bytes(0), try DashboardToken($0)) }, uniquingKeysWith: { first, _ in first })
    if unreadable != self.unreadable { onUnreadable?(unreadable) }
    (self.unreadable, self.unreadableProviders) = (unreadable, unreadableProviders)
    let ends = try answers[3].compactMap { try $0.intOrNil(8) } + answers[4].compactMap { try $0.intOrNil(2) }
    wholeUntil = begun + min(Self.wholeAgeMax, .milliseconds(max(0, ends.min() ?? .max)))
    stamp = try answers[0].single().text(0)
    wholeReads += 1
    readAt = begun
  }
}

extension Directory {
  /// The routes as they count: a sandbox has those of its tenant, all to the sandbox's panel; nothing real goes there, and
  /// nothing of a sandbox goes anywhere else, whatever the tables say.
  private static func withSandboxes(
    _ all: [RouteKey: [Route]], _ sandboxes: [Int64: Int64], _ providers: some Sequence<Provider>
  ) -> [RouteKey: [Route]] {
    let panels = Set(providers.filter { $0.adapter == Setup.sandboxAdapter }.map(\.id))
    var routes: [RouteKey: [Route]] = [:]
    for (key, list) in all where sandboxes[key.tenantID] == nil {
      let real = list.filter { !panels.contains($0.providerID) }
      if !real.isEmpty { routes[key] = real }
    }
    guard let panel = panels.min() else { return routes }
    for (sandbox, tenant) in sandboxes {
      for (key, list) in routes where key.tenantID == tenant {
        guard let first = list.first else { continue }
        routes[RouteKey(tenantID: sandbox, product: key.product)] = [first.inSandbox(tenant: sandbox, provider: panel)]
      }
    }
    return routes
  }
}

extension RouteTerms {
  /// - Parameter column: the first of the four that follow each other.
  init(_ row: PostgresRow, from column: Int) throws(PostgresError) {
    try self.init(
      failoverAfter: row.durationOrNil(column), share: row.intOrNil(column + 1).map { Int($0) },
      costMax: row.textOrNil(column + 2).flatMap { Money(parsing: $0) }, isByCost: row.bool(column + 3))
  }
}

extension PostgresRow {
  /// A column of milliseconds.
  fileprivate func durationOrNil(_ column: Int) throws(PostgresError) -> Duration? {
    try intOrNil(column).map { .milliseconds($0) }
  }
}
