import Cipher
import Foundation
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// What holds for all that an endpoint is told: by the books alone, no receiver.
@Suite(.timeLimit(.minutes(1))) struct EndpointRuleTests {
  private static let start = DeliveryStore.Line(endpoint: 0, order: OrderID.least.description)

  @Test func whoAsksToBeLeftAloneIsSoForAllOrders() async throws {
    let shop = try await Shop()
    let first = try await shop.line(.sending)
    let second = try await shop.line(.sending)
    let due = try #require(try await shop.book.due(first))
    #expect(!due.isHeld && due.untilDue <= .zero)
    var refusal = Shop.failure
    refusal.hold = .seconds(600)
    try await shop.book.record(refusal, of: due)
    let other = try #require(try await shop.book.due(second))
    #expect(other.isHeld && other.untilDue > .seconds(500) && other.attempts == 0)
    #expect(try await shop.endpoint().heldFor.map { $0 > .seconds(500) } == true)
    let owed = try await shop.book.owed(after: Self.start, limit: 10)
    #expect(owed.count == 2 && owed.allSatisfy { $0.untilDue > .seconds(500) })
    // A shorter one, of an answer that was under way, takes nothing away.
    refusal.hold = .seconds(5)
    try await shop.book.record(refusal, of: other)
    #expect(try await shop.endpoint().heldFor.map { $0 > .seconds(500) } == true)
    // A person knows better.
    try await shop.endpoints.set(shop.endpoint(), to: .active)
    #expect(try await shop.book.due(second).map { !$0.isHeld && $0.untilDue <= .zero } == true)
  }

  @Test func timeInAPauseDoesNotCountForGivingUp() async throws {
    let shop = try await Shop()
    let line = try await shop.line(.sending)
    try await shop.book.record(Shop.failure, of: #require(try await shop.book.due(line)))
    _ = try await shop.bench.sql("UPDATE deliveries SET tried_at = now() - interval '9 days'")
    // To go on with what goes on is no pause.
    try await shop.endpoints.set(shop.endpoint(), to: .active)
    #expect(try await shop.book.due(line)?.triedFor.map { $0 > .seconds(8 * 86_400) } == true)
    try await shop.endpoints.set(shop.endpoint(), to: .paused)
    try await shop.endpoints.set(shop.endpoint(), to: .active)
    let due = try #require(try await shop.book.due(line))
    #expect(due.triedFor == nil && due.attempts == 0 && due.untilDue <= .zero)
  }

  @Test func aSecretThatIsBroughtIsARotation() async throws {
    let shop = try await Shop()
    let line = try await shop.line(.sending)
    let made = try #require(try await shop.book.due(line)).secrets
    let (first, second) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
    for (brought, signing) in [
      (first, [first] + made), (first, [first] + made), (second, [second, first]), (second, [second, first]),
      (first, [first, second]),
    ] {
      #expect(try await shop.put { $0.secret = brought }.secret == brought)
      #expect(try await shop.book.due(line)?.secrets == signing)
      #expect(try await shop.endpoint().previousSecretFor.map { $0 > .seconds(86_000) } == true)
    }
    // Without one it keeps what it has.
    #expect(try await shop.put { _ in }.secret == nil)
    #expect(try await shop.book.due(line)?.secrets == [first, second])
  }

  @Test func aSecretBeforeThatCantBeReadStopsNothing() async throws {
    let shop = try await Shop()
    let line = try await shop.line(.sending)
    #expect(try await shop.endpoints.unreadable().isEmpty)
    let stranger = Store(
      pool: shop.bench.pool, vault: try Vault(keys: Data(repeating: 9, count: 32).base64EncodedString()))
    #expect(try await EndpointStore(store: stranger).unreadable().map(\.name) == ["books"])
    await #expect(throws: VaultError.self) { _ = try await DeliveryStore(store: stranger).due(line) }
    // What the doctor advises then.
    let new = try await EndpointStore(store: stranger).rotate(shop.endpoint())
    #expect(try await DeliveryStore(store: stranger).due(line)?.secrets == [new])
  }

  /// Two workers come to the same at once.
  @Test func newsOfAnEndpointIsToldOnce() async throws {
    let shop = try await Shop()
    let line = try await shop.line(.sending)
    let due = try #require(try await shop.book.due(line))
    var warning = Shop.failure
    for (percent, told) in [(50, 1), (70, 2), (70, 2)] {
      warning.warnedPercent = percent
      let notice = EndpointNotice(
        type: .endpointWarned, subject: "endpoint/\(due.endpoint)", percent: percent, data: "{}")
      let ending = warning
      let results = await atOnce(8) { _ in try await shop.book.record(ending, of: due, telling: notice) }
      for result in results { try result.get() }
      #expect(try await shop.bench.count("notices", where: "subject = 'endpoint/\(due.endpoint)'") == Int64(told))
    }
    // A time of failures after one that is over.
    _ = try await shop.bench.sql("UPDATE endpoints SET failing_since = failing_since + interval '1 day'")
    try await shop.book.record(
      warning, of: due,
      telling: EndpointNotice(type: .endpointWarned, subject: "endpoint/\(due.endpoint)", percent: 50, data: "{}"))
    let events = try await Outbox(pool: shop.bench.pool).place(limit: 100).events.filter { $0.notice != nil }
    #expect(events.map(\.version) == [1, 2, 3] && Set(events.map(\.name)).count == 3)
  }

  /// A post was under way while somebody paused the endpoint, or had it lead elsewhere.
  @Test(arguments: [false, true]) func whatTheReceiverOfBeforeSaidGivesNothingUp(isMoved: Bool) async throws {
    let shop = try await Shop()
    let first = try await shop.line(.sending)
    _ = try await shop.line(.sending)
    let due = try #require(try await shop.book.due(first))
    if isMoved {
      _ = try await shop.put { $0.url = "https://shop.example/new" }
    } else {
      try await shop.endpoints.set(shop.endpoint(), to: .paused)
    }
    var gone = Shop.failure
    (gone.state, gone.endpoint, gone.pause, gone.hold) = (.kept, .gone, nil, .seconds(600))
    try await shop.book.record(
      gone, of: due,
      telling: EndpointNotice(type: .endpointDisabled, subject: "endpoint/books", percent: 100, data: "{}"))
    let endpoint = try await shop.endpoint()
    #expect(endpoint.state == (isMoved ? .active : .paused) && endpoint.heldFor == nil)
    let rows = try await shop.rows()
    #expect(rows.count >= 2 && rows.allSatisfy { $0.state == .waiting }, "\(rows)")
    #expect(try await shop.bench.count("notices") == 0)
    if isMoved { #expect(try #require(try await shop.book.due(first)).untilDue <= .zero) }
  }

  @Test func aTestTakesThePlaceOfOneBefore() async throws {
    let shop = try await Shop()
    for _ in 0..<3 {
      let order = OrderID.random().description
      _ = try await shop.endpoints.addTest(
        to: shop.endpoint(), eventID: "\(order)/1", type: "sevk.test", subject: order, body: "{}")
    }
    #expect(try await shop.rows().map(\.state.rawValue) == ["dropped", "dropped", "waiting"])
  }

  @Test func aPinIsToldOfACompletedOrderAlone() async throws {
    let shop = try await Shop()
    var order = try await shop.bench.order(.sending, .sent)
    var completion = await shop.bench.move(order, to: .completed)
    completion.sealedPin = try await shop.bench.store.seal(Pin("PIN-1"), of: order.id)
    completion.pinFingerprint = try shop.bench.store.fingerprint(of: Pin("PIN-1"))
    try await shop.bench.store.apply(completion)
    let line = try await shop.place(order.id)
    let due = try #require(try await shop.book.due(line))
    let found = try #require(try await shop.book.pin(of: due))
    #expect(found.pin == Pin("PIN-1") && found.isTold)
    order = try await shop.bench.load(order.id)
    try await SecondLooks(shop.bench.store).contest(order, Reason(.secondLook, "it was reversed"), .sample(.query))
    #expect(try await shop.book.pin(of: due)?.isTold == false)
    // An order without a PIN, and what is no order.
    let without = try await shop.line(.sending, .sent, .completed)
    #expect(try await shop.book.pin(of: #require(try await shop.book.due(without))) == nil)
  }
}

/// A tenant with an endpoint for everything.
private struct Shop {
  let bench: Bench
  let book: DeliveryStore
  let endpoints: EndpointStore
  let wanted: EndpointStore.Wanted

  static var failure: DeliveryStore.Ending {
    var ending = DeliveryStore.Ending(state: .waiting, duration: .milliseconds(5))
    (ending.httpStatus, ending.cause, ending.error, ending.pause) = (429, "status", "answered 429", .seconds(5))
    return ending
  }

  init() async throws {
    bench = try await Bench()
    book = DeliveryStore(store: bench.store)
    endpoints = EndpointStore(store: bench.store)
    wanted = EndpointStore.Wanted(
      tenantID: bench.tenant, name: "books", url: "https://shop.example/sevk", types: ["*"])
    _ = try await endpoints.put(wanted)
  }

  func put(_ change: (inout EndpointStore.Wanted) -> Void) async throws -> (isNew: Bool, secret: [UInt8]?) {
    var wanted = wanted
    change(&wanted)
    return try await endpoints.put(wanted)
  }

  func endpoint() async throws -> EndpointRow {
    try #require(try await endpoints.list(tenant: bench.tenant, name: "books").first)
  }

  func rows() async throws -> [DeliveryRow] {
    try await endpoints.deliveries(of: endpoint(), state: nil, after: .min, limit: 100)
  }

  /// The line of a new order that was moved so.
  func line(_ path: Status...) async throws -> DeliveryStore.Line {
    var order = try await bench.order()
    for status in path {
      try await bench.store.apply(bench.move(order, to: status))
      order = try await bench.load(order.id)
    }
    return try await place(order.id)
  }

  func place(_ order: OrderID) async throws -> DeliveryStore.Line {
    let events = try await Outbox(pool: bench.pool).place(limit: 100).events
    _ = try await book.add(events, bodies: events.map { _ in "{}" })
    return DeliveryStore.Line(endpoint: try await endpoint().id, order: order.description)
  }
}
