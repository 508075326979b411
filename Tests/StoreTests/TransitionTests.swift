import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct TransitionTests {
  @Test func aLifeFromIntakeToPin() async throws {
    let bench = try await Bench()
    let store = bench.store
    var order = try await bench.order()

    var intent = await bench.move(order, to: .sending)
    let reference = try #require(intent.send?.sendReference)
    intent.dueIn = .seconds(26)
    try await store.apply(intent)
    order = try await bench.load(order.id)
    #expect(order.version == 2 && order.status == .sending && order.sends == 1)
    #expect(order.providerID == bench.provider && order.sendReference == reference)
    #expect(try #require(order.sinceSend) >= .zero)
    #expect(try #require(order.untilDue) > .seconds(20))
    #expect(try await attempts(bench) == ["1 \(reference) sending -"])

    var lost = await bench.move(order, to: .unresolved, reason: "timed out")
    lost.sendState = .unknown
    lost.exchange = .sample(.send)
    try await store.apply(lost)
    order = try await bench.load(order.id)
    #expect(order.reason == "timed out" && order.version == 3)
    #expect(try await attempts(bench) == ["1 \(reference) unknown -"])

    try await store.askAgain(order, after: .seconds(9), Reason(.other, "asked"), exchange: .sample(.query))
    order = try await bench.load(order.id)
    #expect(order.version == 3 && order.checks == 1 && order.reason == "asked")

    // Proved not received: back to pending, and sent again under another reference.
    var back = await bench.move(order, to: .pending, reason: "proved")
    back.sendState = .notReceived
    try await store.apply(back)
    order = try await bench.load(order.id)
    #expect(order.checks == 0 && order.sends == 1)
    let second = await bench.move(order, to: .sending)
    try await store.apply(second)
    order = try await bench.load(order.id)
    #expect(order.sends == 2 && order.sendReference == second.send?.sendReference)

    var sent = await bench.move(order, to: .sent)
    sent.sendState = .accepted
    sent.cost = Money(tenThousandths: 125_001)
    sent.balance = Money(tenThousandths: 10_000_000)
    try await store.apply(sent)
    order = try await bench.load(order.id)
    #expect(order.cost == Money(tenThousandths: 125_001))

    var done = await bench.move(order, to: .completed, reason: "thanks")
    done.sealedPin = try await store.seal(Pin("SECRET-PIN"), of: order.id)
    done.sendState = .accepted
    done.exchange = .sample(.query)
    try await store.apply(done)
    order = try await bench.load(order.id)
    #expect(order.status == .completed && order.hasPin && order.untilDue == nil && order.version == 7)
    #expect(try await store.pin(of: order.id) == Pin("SECRET-PIN"))
    #expect(
      try await attempts(bench) == [
        "1 \(reference) not_received -", "2 \(second.send?.sendReference ?? "") accepted 12.5001",
      ])
    #expect(try await bench.count("exchanges", where: "attempt = 1") == 2)
    #expect(try await bench.count("exchanges", where: "attempt = 2") == 1)

    let story = try await store.timeline(of: order.id)
    #expect(
      story.map(\.label) == [
        "pending", "sending", "attempt 1", "send", "unresolved", "query", "pending", "sending", "attempt 2", "sent",
        "query", "completed",
      ])
    #expect(story.map(\.time) == story.map(\.time).sorted())
    #expect(try await store.timeline(of: .random()).isEmpty)
  }

  private func attempts(_ bench: Bench) async throws -> [String] {
    try await bench.sql("SELECT number, reference, state, coalesce(cost::text, '-') FROM attempts ORDER BY number").map
    {
      "\(try $0.int(0)) \(try $0.text(1)) \(try $0.text(2)) \(try $0.text(3))"
    }
  }

  @Test func aWriterThatSawAnOlderVersionWritesNothing() async throws {
    let bench = try await Bench()
    let old = try await bench.order()
    try await bench.store.apply(await bench.move(old, to: .sending))
    let before = try await bench.load(old.id)
    for status in [Status.sending, .failed, .cancelled, .held] {
      var late = await bench.move(old, to: status)
      late.exchange = .sample(.send)
      late.sendState = .refused
      let move = late
      await #expect(throws: StoreError.conflict(old.id)) { try await bench.store.apply(move) }
    }
    await #expect(throws: StoreError.conflict(old.id)) {
      try await bench.store.askAgain(old, after: .seconds(1), Reason(.other, "late"), exchange: .sample(.query))
    }
    let after = try await bench.load(old.id)
    #expect(after.version == before.version && after.status == .sending && after.sends == 1 && after.checks == 0)
    #expect(after.sendReference == before.sendReference && after.reason == before.reason)
    #expect(try await bench.count("events") == 2)
    #expect(try await bench.count("exchanges") == 0)
    #expect(try await bench.count("attempts") == 1)
    // An order that isn't there is a conflict too.
    var stranger = old
    stranger.id = .random()
    let move = await bench.move(stranger, to: .failed)
    await #expect(throws: StoreError.conflict(stranger.id)) { try await bench.store.apply(move) }
  }

  @Test func ofTwoMovesInOneBatchOneWins() async throws {
    let bench = try await Bench()
    for _ in 0..<20 {
      let order = try await bench.order()
      let outcomes = await atOnce(4) { number in
        var move = await bench.move(order, to: number % 2 == 0 ? .sending : .cancelled, reason: "by \(number)")
        move.exchange = .sample(.send)
        try await bench.store.apply(move)
      }
      #expect(outcomes.filter { if case .success = $0 { true } else { false } }.count == 1)
      for outcome in outcomes {
        if case .failure(let error) = outcome { #expect(error as? StoreError == .conflict(order.id)) }
      }
      #expect(try await bench.load(order.id).version == 2)
      #expect(try await bench.count("events", where: "order_id = '\(order.id)'") == 2)
      #expect(try await bench.count("exchanges", where: "order_id = '\(order.id)'") == 1)
      let row = try await bench.load(order.id)
      #expect(try await bench.count("attempts", where: "order_id = '\(order.id)'") == (row.status == .sending ? 1 : 0))
    }
  }

  @Test func oneBadRowFailsAloneAndItsCompanionsAreWritten() async throws {
    let bench = try await Bench()
    let taken = try await bench.order(.sending)
    let reference = try #require(taken.sendReference)
    var orders: [Order] = []
    for _ in 0..<20 { orders.append(try await bench.order()) }
    let all = orders
    let outcomes = await atOnce(20) { number in
      var move = await bench.move(all[number], to: .sending)
      // A reference that was used, and a status without the due time that goes with it.
      if number == 5 { move.send?.sendReference = reference }
      if number == 11 { move.dueIn = nil }
      try await bench.store.apply(move)
    }
    let error = #expect(throws: PostgresError.self) { try outcomes[5].get() }
    #expect(error?.constraint == "attempts_reference")
    let other = #expect(throws: PostgresError.self) { try outcomes[11].get() }
    #expect(other?.constraint == "orders_due")
    for (number, order) in orders.enumerated() {
      let row = try await bench.load(order.id)
      #expect(row.status == ([5, 11].contains(number) ? .pending : .sending))
      #expect(row.version == ([5, 11].contains(number) ? 1 : 2))
    }
    #expect(try await bench.count("attempts") == 19)
  }

  @Test func aCheckIsNotedOnceHoweverManyMadeIt() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .sent)
    let outcomes = await atOnce(5) { number in
      try await bench.store.askAgain(
        order, after: .seconds(30), Reason(.other, "by \(number)"), exchange: .sample(.query))
    }
    #expect(outcomes.filter { if case .success = $0 { true } else { false } }.count == 1)
    for outcome in outcomes {
      if case .failure(let error) = outcome { #expect(error as? StoreError == .conflict(order.id)) }
    }
    let noted = try await bench.load(order.id)
    #expect(noted.checks == 1 && noted.version == order.version && noted.status == .sent)
    #expect(try await bench.count("exchanges") == 1)
    try await bench.store.askAgain(noted, after: .seconds(30), Reason(.other, "again"), exchange: nil)
    #expect(try await bench.load(order.id).checks == 2)
    #expect(try await bench.count("exchanges") == 1)
    // A check that saw fewer checks does not count, but its final answer does: the version is the fence there.
    try await bench.store.apply(await bench.move(noted, to: .completed))
  }

  /// What one answer says is kept with the version it was said of, and since when.
  @Test func aWitnessIsKeptUntilTheOrderMoves() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .sent)
    func since() async throws -> String {
      try await bench.sql("SELECT witnessed_at::text FROM orders WHERE id = $1::uuid", .text(order.id.description))[0]
        .text(0)
    }
    func note(_ witness: Witness?) async throws -> Order {
      let now = try await bench.load(order.id)
      try await bench.store.askAgain(
        now, after: .seconds(1), Reason(.other, "once more"), exchange: nil, witness: witness)
      return try await bench.load(order.id)
    }
    let said = Witness(.completed, fingerprint: [1, 2, 3], words: "w")
    let kept = try #require(try await note(said).witness)
    #expect(kept.kind == .completed && kept.fingerprint == [1, 2, 3] && kept.words == "w")
    let first = try await since()
    // Said again, or carried along: it counts from when it was first said.
    _ = try await note(kept)
    #expect(try await since() == first)
    // Another one counts anew; none takes it back, and so does each move that does not carry it.
    let other = try await note(Witness(.completed, fingerprint: [9], words: ""))
    #expect(other.witness?.fingerprint == [9])
    #expect(try await since() != first)
    #expect(try await note(nil).witness == nil)
    let last = try await note(said)
    try await bench.store.apply(await bench.move(last, to: .held, reason: "r"))
    #expect(try await bench.load(order.id).witness == nil)
    await bench.pool.close()
  }

  @Test func onlySendsWhoseEndNobodyNotedCountAsDeaths() async throws {
    let bench = try await Bench()
    var order = try await bench.order()
    for isNoted in [false, true, false] {
      #expect(try await bench.store.sendersDied(at: order.id) <= 1)
      try await bench.store.apply(await bench.move(order, to: .sending))
      #expect(try await bench.store.sendersDied(at: order.id) <= 1, "a send under way is no death")
      var lost = await bench.move(try await bench.load(order.id), to: .unresolved)
      lost.sendState = .unknown
      if isNoted { lost.exchange = .sample(.send) }
      try await bench.store.apply(lost)
      var back = await bench.move(try await bench.load(order.id), to: .pending)
      back.sendState = .notReceived
      back.exchange = .sample(.query)
      try await bench.store.apply(back)
      order = try await bench.load(order.id)
    }
    #expect(try await bench.store.sendersDied(at: order.id) == 2)
  }

  @Test(arguments: Status.allCases.filter { $0 != .held && $0 != .contested })
  func aPersonMovesAHeldOrder(to status: Status) async throws {
    let bench = try await Bench()
    let held = try await bench.order(.sending, .unresolved, .held)
    #expect(held.untilDue == nil && held.reason == "because")
    var move = PersonMove(held, to: status, .received, who: "ayşe", note: "support saw the panel")
    if !status.isFinal { move.dueIn = .seconds(60) }
    try await bench.store.apply(move)
    let moved = try await bench.load(held.id)
    #expect(moved.status == status && moved.version == held.version + 1)
    #expect(!held.status.canBecome(status), "only by a person")
  }
}

extension TimelineStep {
  fileprivate var label: String {
    switch kind {
    case .status(let status, _): status.rawValue
    case .send(let number, _, _): "attempt \(number)"
    case .exchange(let exchange, _): exchange.kind.rawValue
    case .pinShown: "pin shown"
    case .rated(let stars): "rated \(stars)"
    }
  }
}
