import EventLoop
import FoundationEssentials
import HTTPClient
import Postgres
import PrivateServers
import Redis
import Seeded

/// Everything that stands around Sevk as shops do who want to be told: receivers of endpoints, and subscribers by position.
@LoopActor
final class Outside {
  private static let illnesses = Set(ShopReceiver.Mode.allCases).subtracting([.gone])
  /// One that nothing is done to, so that it is seen what the others' faults do to it; one that is told to be gone; and others.
  private static let sufferers: [(name: String, tenant: Int, types: [String], suffers: Set<ShopReceiver.Mode>)] = [
    ("good", 0, [], []),
    ("sick", 0, [], illnesses),
    ("ends", 0, ["sevk.order.completed", "sevk.order.failed"], illnesses),
    ("tired", 0, [], [.gone]),
    ("sick", 1, [], illnesses),
  ]
  /// Until nothing is in line after the last fault: a minute until a lost job is looked for, half a minute until an endpoint that
  /// failed is tried with everything again.
  private static let settleLimit = Duration.seconds(120)
  /// What a turned clock has put off is not waited for.
  private static let settleWithClocks = Duration.seconds(45)
  private static let replayLimit = Duration.seconds(60)
  private static let liveLimit = Duration.seconds(60)

  private let options: ChaosOptions
  private let servers: Servers
  private let fleet: Fleet
  private let http = HTTPClient()
  private let ledger = PostLedger()
  private var receivers: [ShopReceiver] = []
  private var subscribers: [LiveSubscriber] = []
  private var kept: Set<String> = []
  private var late = 0
  private var upTo: Int64 = 0
  /// The endpoints that were asked for what they had not got, what they were and how much it was.
  private(set) var replayed: [String] = []
  private(set) var secrets: [String] = []

  init(_ options: ChaosOptions, _ servers: Servers, _ fleet: Fleet) {
    (self.options, self.servers, self.fleet) = (options, servers, fleet)
  }

  private var turnsClocks: Bool { options.faults.contains { $0.rawValue.hasPrefix("clock-") } }

  /// Makes the endpoints, before there are orders.
  func setUp(tenants: [String]) async throws {
    for (number, one) in Self.sufferers.enumerated() {
      let tenant = tenants[one.tenant]
      let receiver = try ShopReceiver(
        .init(name: "\(tenant)/\(one.name)", tenant: tenant, types: one.types), suffers: one.suffers, ledger: ledger,
        seed: options.seed &* 31 &+ UInt64(number), anyTime: turnsClocks,
        address: servers.hosts?.shop.address ?? "127.0.0.1")
      let printed = try await fleet.command(
        "dispatcher",
        ["endpoint", "put", one.name, "--tenant", tenant, "--url", receiver.url]
          + one.types.flatMap { ["--type", $0] })
      let secret = printed.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
      try receiver.start(secret: secret)
      secrets.append(secret)
      receivers.append(receiver)
    }
  }

  /// Has subscribers follow, each tenant's in all ways.
  func follow(tenants: [String], tokens: [String]) {
    for (number, tenant) in tenants.enumerated() {
      for (index, way) in LiveSubscriber.Way.allCases.enumerated() {
        subscribers.append(
          LiveSubscriber(
            way, tenant: tenant, token: tokens[number], dispatchers: fleet.addresses, gateways: fleet.gateways,
            http: http, seed: options.seed &* 37 &+ UInt64(number * 10 + index)))
      }
    }
    for subscriber in subscribers { subscriber.start() }
  }

  // MARK: Faults

  /// - Returns: whether the fault is one of receivers or subscribers.
  func inject(_ fault: FaultPlan.Planned) async throws -> Bool {
    if fault.kind == .liveCut {
      for subscriber in subscribers { subscriber.cut() }
      return true
    }
    guard let mode = fault.kind.receiverMode else { return false }
    var hit = receivers.filter { $0.suffers.contains(mode) }
    // One of them, and now and then all of them.
    if !fault.pick.isMultiple(of: 4) { hit = [hit[fault.pick % hit.count]] }
    for receiver in hit { try await receiver.set(mode, share: mode == .down ? 1 : fault.share) }
    try await EventLoop.sleep(for: .milliseconds(fault.lastsMilliseconds))
    // Who is gone stays so: nobody asks any more.
    for receiver in hit where mode != .gone { try await receiver.set(.good) }
    return true
  }

  // MARK: The end

  private static let state = PostgresStatement(
    name: "chaos_deliveries",
    sql: """
      SELECT (SELECT count(*) FROM deliveries d JOIN endpoints p ON p.id = d.endpoint_id
              WHERE d.state = 'waiting' AND p.state = 'active' AND d.next_at < now() + interval '10 seconds'),
             (SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'kept')),
             (SELECT min(position) FROM event_sinks) >= last, last
      FROM event_tail
      """)
  private static let unhappy = PostgresStatement(
    name: "chaos_endpoints",
    sql: """
      SELECT t.name, p.name, p.state,
             coalesce((SELECT array_to_string(array_agg(position), ' ') FROM deliveries d
                       WHERE d.endpoint_id = p.id AND d.state = 'kept'), ''),
             (SELECT count(*) FROM deliveries d WHERE d.endpoint_id = p.id AND d.state = 'waiting')
      FROM endpoints p JOIN tenants t ON t.id = p.tenant_id
      WHERE p.state <> 'active'
        OR EXISTS (SELECT FROM deliveries d WHERE d.endpoint_id = p.id AND d.state IN ('waiting', 'kept'))
      ORDER BY p.id
      """)

  /// Waits until everybody was told everything, and has what was kept posted as a person would.
  func settle() async throws {
    for receiver in receivers { try await receiver.set(.good) }
    let isDone = await waits(turnsClocks ? Self.settleWithClocks : Self.settleLimit) { soon, _, isPlaced, _ in
      soon == 0 && isPlaced
    }
    // Where not even that can be read, it is not done.
    if !isDone { late = (try? await state()).map { Int($0.soon) } ?? 1 }
    for row in try await servers.postgres.run(Self.unhappy, []) {
      let (tenant, name, state) = (try row.text(0), try row.text(1), try row.text(2))
      let positions = try row.text(3).split(separator: " ")
      kept.formUnion(positions.map { "\(tenant)/\(name) \($0)" })
      replayed.append("\(tenant)/\(name) (\(state), \(positions.count) kept, \(try row.int(4)) put off)")
      try await replay(name, tenant, state)
    }
    _ = await waits(Self.replayLimit) { _, left, isPlaced, last in
      self.upTo = last
      return left == 0 && isPlaced
    }
    let placed = try await placed().filter { $0.position <= upTo }
    let last = Dictionary(placed.map { ($0.tenant, $0.position) }, uniquingKeysWith: max)
    try? await Waiting.until("the subscribers had everything", within: Self.liveLimit) {
      self.subscribers.allSatisfy { $0.position >= last[$0.feed.tenant] ?? 0 }
    }
  }

  private func state() async throws -> (soon: Int64, left: Int64, isPlaced: Bool, last: Int64) {
    let row = try await servers.postgres.run(Self.state, []).single()
    return (try row.int(0), try row.int(1), try row.bool(2), try row.int(3))
  }

  private func waits(
    _ limit: Duration, _ isDone: @LoopActor (_ soon: Int64, _ left: Int64, _ isPlaced: Bool, _ last: Int64) -> Bool
  ) async -> Bool {
    do {
      try await Waiting.until("everybody was told", within: limit) {
        try await EventLoop.sleep(for: .milliseconds(200))
        guard let state = try? await self.state() else { return false }
        return isDone(state.soon, state.left, state.isPlaced, state.last)
      }
      return true
    } catch { return false }
  }

  private func replay(_ name: String, _ tenant: String, _ state: String) async throws {
    struct Answer: Decodable { let next: Int64? }
    let which = [name, "--tenant", tenant, "--json"]
    if state != "active" { try await fleet.command("worker", ["endpoint", "resume"] + which) }
    var after: [String] = []
    repeat {
      let answer = try await fleet.command("worker", ["endpoint", "replay"] + which + after)
      let next = try JSONDecoder().decode(Answer.self, from: Data(answer.utf8)).next
      after = next.map { ["--after", "\($0)"] } ?? []
    } while !after.isEmpty
  }

  func stop() async {
    for subscriber in subscribers { await subscriber.stop() }
    for receiver in receivers { await receiver.stop() }
    http.close()
  }

  // MARK: What was seen

  private static let placed = PostgresStatement(
    name: "chaos_placed",
    sql: """
      SELECT p.position, t.name, e.order_id::text, e.version, e.type
      FROM (\(Collector.placed)) p JOIN events e ON e.id = p.id JOIN orders o ON o.id = e.order_id
      JOIN tenants t ON t.id = o.tenant_id
      ORDER BY p.position
      """)

  private func placed() async throws -> [Evidence.Outside.Placed] {
    try await servers.postgres.run(Self.placed, []).map {
      .init(
        position: try $0.int(0), tenant: try $0.text(1), order: try $0.text(2), version: Int(try $0.int(3)),
        type: try $0.text(4))
    }
  }

  func read(into evidence: inout Evidence) async throws {
    evidence.outside = Evidence.Outside(
      placed: try await placed(), endpoints: receivers.map(\.endpoint), posts: ledger.posts,
      feeds: subscribers.map(\.feed), upTo: upTo, kept: kept, late: late, clocksWereTurned: turnsClocks)
  }

  /// For the report.
  var tally: [String: Int] {
    let posts = ledger.posts
    return [
      "posts": posts.count, "taken": posts.count { $0.ended != nil }, "about no order": posts.count { $0.told == nil },
      "kept and asked for": kept.count, "events by position": subscribers.reduce(0) { $0 + $1.feed.seen.count },
      "connections of \(subscribers.count) subscribers": subscribers.reduce(0) { $0 + $1.connections },
    ]
  }
}
