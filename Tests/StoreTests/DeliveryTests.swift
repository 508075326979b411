import Orders
import Postgres
import Store
import TestSupport
import Testing

/// What is in line for endpoints: by the books alone, no receiver.
@Suite(.timeLimit(.minutes(1))) struct DeliveryTests {
  @Test func whatASinkBringsAgainIsThereOnce() async throws {
    let desk = try await Desk("*")
    let events = try await desk.events(.sending, .sent, .completed)
    let first = try await desk.add(events.prefix(2))
    #expect(first.count == 1 && !first[0].replaces)
    #expect(try await desk.add(events.prefix(2)).isEmpty, "nothing new is in line")
    #expect(try await desk.add(events[...]).count == 1)
    #expect(try await desk.states() == ["waiting", "waiting", "waiting"])
    // The oldest first, and the next only once that is done with.
    for event in events {
      let due = try #require(try await desk.book.due(first[0].line))
      #expect(due.position == event.position && due.body == "body \(event.position)" && due.attempts == 0)
      #expect(due.secrets.count == 1 && due.secrets[0].count == EndpointStore.secretBytes)
      try await desk.book.record(.init(state: .delivered, duration: .milliseconds(3)), of: due)
    }
    #expect(try await desk.book.due(first[0].line) == nil)
    #expect(try await desk.add(events[...]).isEmpty, "what was delivered does not come again")
  }

  @Test func onlyTheTypesThatAreWantedAreInLine() async throws {
    let desk = try await Desk("sevk.order.completed")
    let events = try await desk.events(.sending, .sent, .completed)
    _ = try await desk.add(events[...])
    #expect(try await desk.rows().map(\.type) == ["sevk.order.completed"])
  }

  @Test func aNewerVersionTakesThePlaceOfOlderOnes() async throws {
    let desk = try await Desk("*", latestOnly: true)
    let events = try await desk.events(.sending, .sent, .completed)
    _ = try await desk.add(events.prefix(2))
    #expect(try await desk.states() == ["dropped", "waiting"])
    let lines = try await desk.add(events.suffix(1))
    #expect(lines.count == 1 && lines[0].replaces)
    #expect(try await desk.states() == ["dropped", "dropped", "waiting"])
  }

  @Test func failuresAreWrittenDownAndAnEndpointThatIsGivenUpKeepsWhatComes() async throws {
    let desk = try await Desk("*")
    let events = try await desk.events(.sending, .sent, .completed)
    let line = try #require(try await desk.add(events.prefix(2)).first).line
    let due = try #require(try await desk.book.due(line))
    var failure = DeliveryStore.Ending(state: .waiting, duration: .milliseconds(5))
    (failure.httpStatus, failure.cause, failure.error) = (500, "status", "answered 500")
    (failure.answer, failure.pause) = (Array("no".utf8), .seconds(5))
    try await desk.book.record(failure, of: due)
    let again = try #require(try await desk.book.due(line))
    #expect(again.position == due.position && again.attempts == 1 && again.failingFor != nil)
    #expect(again.untilDue > .seconds(3) && again.untilDue <= .seconds(5))
    let endpoint = try await desk.endpoint()
    let attempts = try await desk.endpoints.attempts(endpoint.id, in: 0...100)
    #expect(attempts.map(\.cause) == ["status"] && attempts.first?.answer == Array("no".utf8))
    #expect(endpoint.failingFor != nil && endpoint.waiting == 2)

    (failure.state, failure.pause, failure.endpoint) = (.kept, nil, .disabled)
    try await desk.book.record(failure, of: again)
    #expect(try await desk.states() == ["kept", "kept"])
    #expect(try await desk.add(events.suffix(1)).isEmpty)
    #expect(try await desk.states() == ["kept", "kept", "kept"])
    #expect(try await desk.book.owed(after: .init(endpoint: 0, order: OrderID.least.description), limit: 10).isEmpty)

    // Resumed, it gets what was kept when somebody asks for it.
    try await desk.endpoints.set(desk.endpoint(), to: .active)
    #expect(try await desk.endpoint().failingFor == nil)
    let replay = EndpointStore.Replay(after: events[0].position, until: .max, all: false)
    #expect(try await desk.endpoints.count(replay, of: endpoint).count == 2)
    #expect(try await desk.endpoints.replay(replay, of: endpoint).orders == [line.order])
    #expect(try await desk.states() == ["kept", "waiting", "waiting"])
    let owed = try await desk.book.owed(after: .init(endpoint: 0, order: OrderID.least.description), limit: 10)
    #expect(owed.map(\.line) == [line])
    #expect(try await desk.book.owed(after: line, limit: 10).isEmpty)
  }

  @Test func aSecretThatWasRotatedSignsOnForADay() async throws {
    let desk = try await Desk("*")
    let events = try await desk.events(.sending)
    let line = try #require(try await desk.add(events[...]).first).line
    let before = try #require(try await desk.book.due(line)).secrets
    let new = try await desk.endpoints.rotate(desk.endpoint())
    #expect(try await desk.book.due(line)?.secrets == [new] + before)
    _ = try await desk.bench.sql("UPDATE endpoints SET previous_until = now() - interval '1 second'")
    #expect(try await desk.book.due(line)?.secrets == [new])
  }

  @Test func oldDeliveriesAreDroppedAndThoseInLineAreNot() async throws {
    let desk = try await Desk("*")
    let events = try await desk.events(.sending, .sent, .completed)
    let line = try #require(try await desk.add(events[...]).first).line
    let due = try #require(try await desk.book.due(line))
    try await desk.book.record(.init(state: .delivered, duration: .zero), of: due)
    let retention = Retention(pool: desk.bench.pool)
    #expect(try await retention.sweepDeliveries(olderThan: .seconds(60)) == 0)
    _ = try await desk.bench.sql("UPDATE deliveries SET created_at = now() - interval '40 days'")
    #expect(try await retention.sweepDeliveries(olderThan: .seconds(60)) == 1)
    #expect(try await desk.states() == ["waiting", "waiting"])
  }
}

/// A shop with an endpoint.
private struct Desk {
  let bench: Bench
  let book: DeliveryStore
  let endpoints: EndpointStore

  init(_ type: String, latestOnly: Bool = false) async throws {
    bench = try await Bench()
    book = DeliveryStore(store: bench.store)
    endpoints = EndpointStore(store: bench.store)
    var wanted = EndpointStore.Wanted(
      tenantID: bench.tenant, name: "books", url: "https://shop.example/sevk", types: [type])
    wanted.latestOnly = latestOnly
    _ = try await endpoints.put(wanted)
  }

  /// Those of a new order.
  func events(_ path: Status...) async throws -> [OutboxEvent] {
    var order = try await bench.order()
    for status in path {
      try await bench.store.apply(bench.move(order, to: status))
      order = try await bench.load(order.id)
    }
    return try await Outbox(pool: bench.pool).place(limit: 100).events
  }

  func add(_ events: ArraySlice<OutboxEvent>) async throws -> [(line: DeliveryStore.Line, replaces: Bool)] {
    try await book.add(Array(events), bodies: events.map { "body \($0.position)" })
  }

  func endpoint() async throws -> EndpointRow {
    try #require(try await endpoints.list(tenant: bench.tenant, name: "books").first)
  }

  func rows() async throws -> [DeliveryRow] {
    try await endpoints.deliveries(of: endpoint(), state: nil, after: .min, limit: 100)
  }

  func states() async throws -> [String] { try await rows().map(\.state.rawValue) }
}
