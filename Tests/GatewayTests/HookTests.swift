import Adapters
import CommandLine
import Cipher
import EventLoop
import Events
import Foundation
import HTTPClient
import HTTPServer
import Jobs
import Kinds
import OrderWork
import Orders
import Postgres
import Process
import Queue
import Redis
import Store
import Telemetry
import TestSupport
import Testing

@testable import Gateway

/// What providers post by themselves, at a gateway with PostgreSQL and Redis of its own.
@LoopActor
@Suite(.serialized, .timeLimit(.minutes(2)))
struct HookTests {
  private static let pin = "AB12-CD34-EF56"

  /// Brings an order forward, at most once in ten seconds, and settles nothing.
  @Test func aHintFromAnybodyOnlyAsks() async throws {
    let bench = try await HookBench()
    let order = try await bench.sent()
    #expect(try await bench.post(order, "DELIVERED", pin: Self.pin).status == 202)
    let asked = try await bench.load(order)
    #expect(
      asked.status == .sent && asked.witness == nil && (asked.untilDue ?? .seconds(1)) <= .zero && asked.asks == 1)
    #expect(try await bench.broker.counts(of: .check).ready == 1)
    for _ in 0..<20 { #expect(try await bench.post(order, "FAILED").status == 202) }
    let after = try await bench.load(order)
    #expect(after.asks == 1 && after.checks == asked.checks && after.status == .sent)
    await bench.close()
  }

  @Test func aReportIsOneWitnessAndNoMore() async throws {
    let bench = try await HookBench()
    let order = try await bench.sent()
    // Twice, as it comes when an answer of ours was lost.
    for _ in 0..<3 { #expect(try await bench.post(order, "DELIVERED", pin: Self.pin, signed: true).status == 202) }
    let kept = try await bench.load(order)
    #expect(kept.status == .sent && kept.witness?.kind == .completed && !kept.hasPin)
    #expect(try await bench.broker.counts(of: .check).ready == 1)
    // Another code for the same order: a person's.
    #expect(try await bench.post(order, "DELIVERED", pin: "ZZ99-ZZ99-ZZ99", signed: true).status == 202)
    let held = try await bench.load(order)
    #expect(held.status == .held && held.reasonCode == .contradicted)
    // From then on nothing.
    #expect(try await bench.post(order, "FAILED", signed: true).status == 202)
    #expect(try await bench.load(order).status == .held)
    #expect(!(try await bench.dump()).contains(Self.pin))
    await bench.close()
  }

  @Test func whatIsRefusedChangesNothing() async throws {
    let bench = try await HookBench()
    let order = try await bench.sent()
    let wrong = try await bench.post(order, "DELIVERED", pin: Self.pin, signature: "00")
    #expect(wrong.status == 403 && String(decoding: wrong.body, as: UTF8.self).contains("signature"))
    // Signed for another path, or with something behind it.
    #expect(
      try await bench.post(order, "DELIVERED", pin: Self.pin, signed: true, query: "?x=1", signs: "").status == 403)
    #expect(try await bench.post(order, "DELIVERED", pin: Self.pin, signed: true, query: "?x=%41").status == 202)
    let before = try await bench.load(order)
    // Answered like any: who may ask whether an order is somebody else's learns which orders there are.
    #expect(try await bench.post(order, "FAILED", signed: true, provider: "other").status == 202)
    #expect(try await bench.call("POST", "/hooks/providers/nobody").status == 404)
    #expect(try await bench.call("POST", "/hooks/providers/plain").status == 404)
    #expect(try await bench.call("GET", "/hooks/providers/friend").status == 405)
    #expect(try await bench.call("POST", "/hooks/providers/friend", body: "nonsense").status == 403)
    #expect(
      try await bench.call("POST", "/hooks/providers/friend", body: String(repeating: "x", count: 70_000)).status == 413
    )
    // An order that nobody knows is taken like any other: the answer tells nothing.
    #expect(try await bench.post(nil, "FAILED").status == 202)
    let after = try await bench.load(order)
    #expect(after.version == before.version && after.checks == before.checks)
    #expect(bench.instruments.metrics.render().contains(#"result="unknown_order""#))
    await bench.close()
  }

  /// A reversal after the end is a reason to look again.
  @Test func anEndIsLookedAtAgain() async throws {
    let bench = try await HookBench()
    let order = try await bench.sent()
    var end = Transition(order, to: .failed, Reason(.providerCancelled, "x"))
    end.sendState = .accepted
    try await bench.store.apply(end)
    #expect(try await bench.post(order, "DELIVERED", pin: Self.pin, signed: true).status == 202)
    #expect(try await SecondLooks(bench.store).look(at: order.id) != nil)
    #expect(try await bench.load(order).status == .failed)
    await bench.close()
  }

  @Test func whatIsBeingSentIsLeftAlone() async throws {
    let bench = try await HookBench()
    let order = try await bench.sending()
    #expect(try await bench.post(order, "DELIVERED", pin: Self.pin, signed: true).status == 202)
    let after = try await bench.load(order)
    #expect(after.status == .sending && after.version == order.version && after.witness == nil)
    await bench.close()
  }

  @Test func aFloodIsHeldBack() async throws {
    let bench = try await HookBench()
    var statuses: [Int] = []
    for _ in 0..<260 { statuses.append(try await bench.post(nil, "FAILED").status) }
    #expect(statuses.contains(429) && statuses.first == 202)
    // Another provider's are heard.
    #expect(try await bench.post(nil, "FAILED", provider: "other").status == 202)
    await bench.close()
  }

  @Test func aGatewayWithoutTheKeyTakesNone() async throws {
    let bench = try await HookBench(hasHooks: false)
    #expect(try await bench.post(nil, "FAILED").status == 503)
    await bench.close()
  }
}

/// Posts by itself, signed by a keyed hash over target and body.
private struct TellingProvider: SendingAdapter, QueryingAdapter, NoticeAdapter {
  static let name = "telling"
  static let credentialNames = ["secret"]
  var facts: ProviderFacts {
    ProviderFacts(notFound: .never, referenceDigits: 15, quantityMax: 1, requiredParameters: [])
  }
  func validate(parameters: [String: String]) -> [ParameterProblem] { [] }
  func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    WireRequest(url: account.baseURL, redacted: "")
  }
  func readSend(_ reply: WireReply) -> SendOutcome { .unknown("") }
  func query(reference: String, account: ProviderAccount) -> WireRequest {
    WireRequest(url: account.baseURL, redacted: "")
  }
  func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome { .queryFailed("") }
  func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] { [] }

  func readNotice(_ request: NoticeRequest, account: ProviderAccount) -> Notice {
    guard let json = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: String],
      let reference = json["ref"], let status = json["status"]
    else { return .rejected("no notice") }
    let subject = Notice.Subject(reference: reference, providerID: json["id"])
    guard let signature = request.header("x-signature") else { return .hint(subject) }
    let secret = Array((account.credentials["secret"] ?? "").utf8)
    guard request.isSigned(Array(request.target.utf8) + request.body, with: secret, as: signature) else {
      return .rejected("a wrong signature")
    }
    return .report(
      subject, status == "DELIVERED" ? .completed(json["pin"].map { Pin($0) }, note: "") : .cancelled("failed"))
  }
}

@LoopActor
private struct HookBench {
  static let secret = String(repeating: "s", count: 80)
  let pool: PostgresPool
  let store: Store
  let redis: PrivateRedis
  let client: RedisClient
  let broker: RedisBroker
  let instruments: Instruments
  private let gateway: GatewayService
  private let http = HTTPClient()
  private let provider: Int64

  init(hasHooks: Bool = true) async throws {
    let url = try await PrivatePostgres.shared.createDatabase()
    pool = PostgresPool(url: url, connectionsMax: 4, planner: Statements.planner)
    _ = try await Migrator(pool: pool).migrate()
    store = Store(pool: pool, vault: try Vault(keys: Data(repeating: 7, count: 32).base64EncodedString()))
    let setup = Setup(store: store)
    try await setup.addTenant("shop")
    for (name, adapter) in [("friend", "telling"), ("other", "telling"), ("plain", "znet")] {
      try await setup.addProvider(
        Setup.NewProvider(
          name: name, adapter: adapter, baseURL: "http://127.0.0.1:1", credentials: ["secret": Self.secret],
          timeout: .seconds(20), concurrencyMax: 16, ratePerSecond: nil, trustNotFoundAfter: nil, checkFirst: nil,
          checkBackoff: nil, checkBackoffMax: nil, checkDeadline: nil))
    }
    provider = try await pool.run(
      PostgresStatement(name: "", sql: "SELECT id FROM providers WHERE name = 'friend'"), []
    ).single().int(0)
    redis = try await PrivateRedis.start()
    client = try redis.client()
    broker = RedisBroker(client: client)
    let settings = Settings(try Arguments([], grammar: .init())) { _ in nil }
    instruments = Instruments(log: try Log(program: "test", settings), metrics: Metrics())
    let directory = Directory(store: store)
    let outbox = Outbox(pool: pool)
    let feed = EventFeed(redis: client.url, outbox: outbox, instruments)
    let hub = StreamHub(.init(), feed: feed, outbox: outbox, directory: directory, instruments)
    let taker = NoticeTaker(
      store: store, directory: directory, broker: broker, schedule: CheckSchedule(),
      adapters: AdapterRegistry([TellingProvider()] + AdapterRegistry.sevk.all), instruments)
    gateway = GatewayService(
      store, directory, redis: client, health: HealthEndpoints(store: store, redis: client) { "" }, hub: hub,
      feed: feed,
      outbox: outbox, hooks: hasHooks ? ProviderHooks(taker) : nil, address: ("127.0.0.1", 0), publicURL: "http://x",
      instruments)
    try await gateway.start()
  }

  func close() async {
    await gateway.stop()
    http.close()
    client.close()
    redis.stop()
    await pool.close()
  }

  func load(_ order: Order) async throws -> Order { try #require(try await store.order(order.id)) }

  func dump() async throws -> String {
    let rows = try await pool.run(
      PostgresStatement(
        name: "", sql: "SELECT coalesce(string_agg(o::text || e::text, ''), '') FROM orders o, events e"), [])
    return try rows[0].text(0)
  }

  func sending() async throws -> Order {
    var random = SystemRandomNumberGenerator()
    let id = OrderID(milliseconds: 1, using: &random)
    let tenant = try await pool.run(PostgresStatement(name: "", sql: "SELECT id FROM tenants"), []).single().int(0)
    _ = try await store.add(
      NewOrder(
        id: id, tenantID: tenant, product: "pubg-60", fields: ["player_id": "1"], shopReference: nil, priority: .normal,
        quantity: 1, idempotencyKey: id.description, requestHash: [UInt8](repeating: 1, count: 32), trace: nil))
    var intent = Transition(try #require(try await store.order(id)), to: .sending)
    intent.send = (provider, SendReference.make(digits: 15, using: &random))
    intent.terms = (true, 1)
    intent.dueIn = .seconds(60)
    try await store.apply(intent)
    return try #require(try await store.order(id))
  }

  func sent() async throws -> Order {
    var answer = Transition(try await sending(), to: .sent, Reason(.inProgress))
    answer.sendState = .accepted
    answer.providerOrderID = "own-1"
    answer.dueIn = .seconds(3600)
    try await store.apply(answer)
    return try #require(try await store.order(answer.id))
  }

  func post(
    _ order: Order?, _ status: String, pin: String? = nil, signed: Bool = false, signature: String? = nil,
    provider: String = "friend", query: String = "", signs: String? = nil
  ) async throws -> HTTPClientReply {
    var json = ["ref": order?.sendReference ?? "999999999999999", "status": status]
    json["pin"] = pin
    let body = try JSONSerialization.data(withJSONObject: json, options: .sortedKeys)
    let path = "/hooks/providers/\(provider)"
    var headers: [(String, String)] = []
    if let signature { headers.append(("X-Signature", signature)) }
    if signed {
      let text = Array((path + (signs ?? query)).utf8) + [UInt8](body)
      let mac = Digest.hmacSHA256(text, key: Digest.sha256(Array(Self.secret.utf8)))
      headers.append(("X-Signature", mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()))
    }
    return try await call(
      "POST", path + query, body: String(decoding: body, as: UTF8.self), headers: headers)
  }

  func call(
    _ method: String, _ path: String, body: String = "{}", headers: [(String, String)] = []
  ) async throws -> HTTPClientReply {
    try await http.perform(
      HTTPClientRequest(
        method: method, url: "http://127.0.0.1:\(gateway.port)\(path)", headers: headers,
        body: method == "GET" ? nil : Array(body.utf8), connection: .fresh))
  }
}
