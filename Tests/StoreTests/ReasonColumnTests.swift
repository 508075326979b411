import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// What a reason means stands beside its words.
@Suite(.timeLimit(.minutes(2))) struct ReasonColumnTests {
  private static let holder = "019df0a4-7c1e-7b02-9d3c-2f6a5b1c8d01"

  /// Words as they were written before there were codes.
  private static let words: [(Status, String?, ReasonCode?)] = [
    (.pending, nil, nil), (.pending, "not sent: no connection", .sendingAgain),
    (.pending, "proved not received: x", .sendingAgain),
    (.pending, "the provider refused, so the next one is tried: x", .nextProvider),
    (.sent, nil, .inProgress), (.sent, "the provider says: sırada", .inProgress),
    (.sent, "the provider has the order: x", .inProgress), (.sent, "the question failed: login", .askingAgain),
    (.sent, "the answer made no sense: x", .askingAgain),
    (.sent, "the provider accepted the order but does not find it now (x)", .askingAgain),
    (.unresolved, nil, nil), (.unresolved, "the answer was lost: reset", .answerLost),
    (.unresolved, "the question failed: x", .answerLost), (.unresolved, "something new", .answerLost),
    (.unresolved, "the provider refused: x", .confirmingRefusal),
    (.unresolved, "the provider turned the account away: x", .confirmingRefusal),
    (.unresolved, "the provider said of the send: x", .confirmingRefusal),
    (.held, "no final answer within 24 h of sending; last: x", .noFinalAnswer),
    (.held, "probably not received: x", .probablyNotReceived), (.held, "the provider gave it the PIN of x", .sharedPin),
    (.held, "restored from a backup made at x", .restored), (.held, "taken up by a person", .personDecides),
    (.held, "not sent: no connection", .notSent), (.held, "proved not received: x", .notSent),
    (.held, "3 processes died, froze or lost Redis", .processesDied), (.held, "something new", .other),
    (.failed, "the provider refused: x", .refused), (.failed, "the provider cancelled: x", .providerCancelled),
    (.failed, "the provider had received the order and cancelled it: x", .providerCancelled),
    (.failed, "there is no route left for the product p", .noRoute),
    (.failed, "not sent: the field phone is missing", .invalidFields), (.failed, "something new", .other),
    (.cancelled, "cancelled by the upstream service", .withdrawn),
    (.completed, nil, .delivered), (.completed, "Onaylandı", .delivered),
    (.completed, "a person decided: it was delivered", .decidedByPerson),
    (.pending, "a person decided: send it now", .decidedByPerson),
  ]

  /// The database reads them, and nobody else.
  @Test func wordsOfProgramsFromBeforeHaveTheirCodes() async throws {
    let bench = try await Bench()
    let statement = PostgresStatement(name: "code_of_words", sql: "SELECT reason_code_of($1::text, $2::text)")
    for (status, words, code) in Self.words {
      let read = try await bench.pool.run(statement, [.text(status.rawValue), .text(words)])[0].textOrNil(0)
      #expect(read == code?.rawValue, "\(status): \(words ?? "none")")
    }
  }

  /// Whatever the words say.
  @Test func aCodeIsWhatWasWritten() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    #expect(order.reasonCode == nil)
    let held = try await bench.store.apply(Transition(order, to: .held, Reason(.processesDied, "not sent: x")))
    #expect(held.reasonCode == .processesDied)
    #expect(try await bench.load(order.id).reasonCode == .processesDied)
    #expect(try await bench.store.timeline(of: order.id).map(\.reasonCode) == [nil, .processesDied])
    let events = try await Outbox(pool: bench.pool).place(limit: 10).events
    #expect(events.map(\.reasonCode) == [nil, "processes_died"])
  }

  /// During an upgrade: a code that was written for an earlier state of the order says nothing about this one.
  @Test func aProgramFromBeforeLeavesNoCodeBehind() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .unresolved)
    let asked = try await bench.store.askAgain(
      order, after: .seconds(9), Reason(.answerLost, "the question failed: x"), exchange: nil)
    #expect(asked.reasonCode == .answerLost)
    // A move and a note as they were written before there were codes.
    try await bench.pool.script(
      """
      UPDATE orders SET came_from = status, status = 'sent', version = version + 1, checks = 0, reason = 'the provider has it'
      """)
    #expect(try await bench.load(order.id).reasonCode == .inProgress)
    try await bench.pool.script("UPDATE orders SET checks = checks + 1, reason = 'the question failed: x'")
    #expect(try await bench.load(order.id).reasonCode == .askingAgain)
    try await bench.pool.script(
      """
      UPDATE orders SET came_from = status, status = 'held', version = version + 1, checks = 0, due_at = NULL,
        reason = 'the provider gave it the PIN of order \(Self.holder), so one of the two'
      """)
    #expect(try await bench.load(order.id).reasonCode == .sharedPin)
    let holder = try #require(OrderID(Self.holder))
    #expect(try await bench.store.ordersWaiting(withPinOf: holder) == [order.id])
  }

  @Test func whosePinItIsStandsInAColumn() async throws {
    let bench = try await Bench()
    let (holder, order) = (try await bench.order(), try await bench.order())
    var move = Transition(order, to: .held, Reason(.sharedPin, "in other words"))
    move.pinOf = holder.id
    let held = try await bench.store.apply(move)
    #expect(try await bench.store.ordersWaiting(withPinOf: holder.id) == [order.id])
    #expect(try await bench.store.ordersWaiting(withPinOf: order.id).isEmpty)
    var back = PersonMove(held, to: .pending, .retry, who: "ayşe", note: "again")
    back.dueIn = .zero
    try await bench.store.apply(back)
    let now = try await bench.load(order.id)
    #expect(now.reasonCode == .decidedByPerson)
    #expect(try await bench.store.ordersWaiting(withPinOf: holder.id).isEmpty)
    // Held again for another reason, it does not come back.
    try await bench.store.apply(Transition(now, to: .held, Reason(.other, "meanwhile")))
    #expect(try await bench.store.ordersWaiting(withPinOf: holder.id).isEmpty)
  }

  /// No reference of a provider's is taken for one that was made up, however it begins.
  @Test func aMadeUpSendIsMarked() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    var intent = await bench.move(order, to: .sending)
    intent.send = (bench.provider, "unknown-to-us")
    try await bench.store.apply(intent)
    #expect(try await bench.store.sends(of: order.id).map(\.isMadeUp) == [false])
    try await bench.pool.script("UPDATE attempts SET is_made_up = true")
    #expect(try await bench.store.sends(of: order.id).map(\.isMadeUp) == [true])
  }
}
