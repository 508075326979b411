import EventLoop
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

  @Test func whatManyAskForAtOnceIsTheirOwnEach() async throws {
    let desk = try await Desk("*")
    var lines: [DeliveryStore.Line] = []
    for _ in 0..<20 {
      lines.append(try #require(try await desk.add(try await desk.events(.sending, .sent)[...]).first).line)
    }
    let odd = ["no order's", OrderID.least.description].map { DeliveryStore.Line(endpoint: 1, order: $0) }
    let (asked, book) = (lines + odd, desk.book)
    let found = await atOnce(asked.count) { try await book.due(asked[$0]) }
    #expect(throws: StoreError.self, "it fails no other") { try found[20].get() }
    #expect(try found[21].get() == nil, "nothing is in line for it")
    let dues = try found.prefix(20).map { try $0.get() }
    let nexts = try await atOnce(20) { number in
      let due = try #require(dues[number])
      #expect(due.eventID.hasPrefix(asked[number].order) && due.body == "body \(due.position)")
      var ending = DeliveryStore.Ending(state: .delivered, duration: .milliseconds(number))
      (ending.httpStatus, ending.appliedVersion) = (200 + number, number % 2 == 0 ? Int64(number) : nil)
      return try await book.delivered(ending, of: due, in: asked[number])
    }.map { try $0.get() }
    let rows = try await desk.rows()
    for (number, line) in lines.enumerated() {
      let row = try #require(rows.first { $0.id.position == dues[number]?.position })
      #expect(row.state == .delivered && row.attempts == 1 && row.httpStatus == 200 + number)
      #expect(row.appliedVersion == (number % 2 == 0 ? Int64(number) : nil))
      #expect(row.duration == .milliseconds(number) && row.deliveredAt != nil)
      let next = try #require(nexts[number])
      #expect(next.eventID.hasPrefix(line.order) && next.position > row.id.position && next.attempts == 0)
      #expect(try await book.delivered(.init(state: .delivered, duration: .zero), of: next, in: line) == nil)
    }
    #expect(try await desk.states().allSatisfy { $0 == "delivered" })
  }

  @Test func anEndpointThatTakesSomethingFailsNoLonger() async throws {
    let desk = try await Desk("*")
    let events = try await desk.events(.sending, .sent, .completed)
    let line = try #require(try await desk.add(events[...]).first).line
    var due = try #require(try await desk.book.due(line))
    var failure = DeliveryStore.Ending(state: .waiting, duration: .milliseconds(5))
    (failure.cause, failure.error, failure.pause, failure.warnedPercent) = ("refused", "no", .zero, 50)
    try await desk.book.record(failure, of: due)
    var endpoint = try await desk.endpoint()
    #expect(endpoint.failingFor != nil && endpoint.warnedPercent == 50)
    var success = DeliveryStore.Ending(state: .delivered, duration: .seconds(6))
    success.isSlow = true
    due = try #require(try await desk.book.delivered(success, of: due, in: line))
    endpoint = try await desk.endpoint()
    #expect(endpoint.failingFor == nil && endpoint.warnedPercent == 0)
    #expect(due.slowFor != nil && due.failingFor == nil, "what is next tells of the endpoint as it is now")
    success.isSlow = false
    due = try #require(try await desk.book.delivered(success, of: due, in: line))
    #expect(try await desk.endpoint().slowFor == nil)
    // One that was given up meanwhile is not taken back by what it took before.
    _ = try await desk.bench.sql("UPDATE endpoints SET state = 'gone', failing_since = now()")
    _ = try await desk.book.delivered(success, of: due, in: line)
    endpoint = try await desk.endpoint()
    #expect(endpoint.state == .gone && endpoint.failingFor != nil)
  }

  @Test func aDeliveryThatSomebodyHoldsKeepsNoOtherFromBeingWritten() async throws {
    let desk = try await Desk("*")
    var lines: [DeliveryStore.Line] = []
    for _ in 0..<5 { lines.append(try #require(try await desk.add(try await desk.events(.sending)[...]).first).line) }
    let (asked, book) = (lines, desk.book)
    let dues = try await atOnce(5) { try #require(try await book.due(asked[$0])) }.map { try $0.get() }
    let holder = try await Holder(
      desk.bench, "SELECT FROM deliveries WHERE order_id = '\(lines[2].order)' FOR UPDATE")
    let outcomes = await atOnce(5) {
      try await book.delivered(.init(state: .delivered, duration: .zero), of: dues[$0], in: asked[$0])
    }
    for (number, outcome) in outcomes.enumerated() {
      switch outcome {
      case .success(let next): #expect(number != 2 && next == nil)
      case .failure(let error):
        #expect(number == 2 && (error as? PostgresError)?.isTransient == true, "\(number): \(error)")
      }
    }
    try await holder.letGo()
    #expect(try await desk.states().count { $0 == "delivered" } == 4)
  }

  @Test func anEndpointWhoseRowsAreHeldFailsNoOther() async throws {
    let desk = try await Desk("*")
    let books = try await desk.endpoint().id
    _ = try await desk.endpoints.put(
      EndpointStore.Wanted(tenantID: desk.bench.tenant, name: "other", url: "https://shop.example/", types: ["*"]))
    var lines: [DeliveryStore.Line] = []
    // More of the one than a batch waits for locks, and before that of the other.
    for _ in 0..<20 { lines += try await desk.add(try await desk.events(.sending)[...]).map(\.line) }
    let held = Set(lines.filter { $0.endpoint == books })
    let asked = Array(held) + [try #require(lines.last { $0.endpoint != books })]
    let book = desk.book
    let dues = try await atOnce(asked.count) { try #require(try await book.due(asked[$0])) }.map { try $0.get() }
    let holder = try await Holder(desk.bench, "SELECT FROM deliveries WHERE endpoint_id = \(books) FOR UPDATE")
    let outcomes = await atOnce(asked.count) {
      try await book.delivered(.init(state: .delivered, duration: .zero), of: dues[$0], in: asked[$0])
    }
    for (line, outcome) in zip(asked, outcomes) {
      switch outcome {
      case .success: #expect(line.endpoint != books)
      case .failure(let error): #expect(line.endpoint == books, "\(error)")
      }
    }
    try await holder.letGo()
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
