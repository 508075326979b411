import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// One PIN is given to one order, whoever asks first and however many ask at once.
@Suite(.timeLimit(.minutes(2))) struct SharedPinTests {
  @Test func theSecondOrderOfAPinIsRefusedAndLeftAsItWas() async throws {
    let bench = try await Bench()
    let (first, second) = (try await bench.sent(), try await bench.sent())
    try await bench.store.apply(try await bench.completion(of: first))
    let late = try await bench.completion(of: second)
    await #expect(throws: StoreError.conflict(second.id)) { try await bench.store.apply(late) }
    #expect(try await bench.load(second.id).status == .sent)
    #expect(try await bench.count("events", where: "status = 'completed'") == 1)
    let fingerprint = try #require(late.pinFingerprint)
    #expect(try await bench.store.order(withPin: fingerprint)?.id == first.id)
  }

  /// After a crash between the claim of a PIN and the move, or a lost answer, the same order comes again.
  @Test func theSameOrderMayComeAgainWithItsPin() async throws {
    let bench = try await Bench()
    let order = try await bench.sent()
    let completion = try await bench.completion(of: order)
    let fingerprint = try #require(completion.pinFingerprint)
    _ = try await bench.sql(
      "INSERT INTO pin_prints VALUES ($1, $2::uuid)", .bytea(fingerprint), .text(order.id.description))
    try await bench.store.apply(completion)
    #expect(try await bench.load(order.id).status == .completed)
    #expect(try await bench.count("pins") == 1)
  }

  /// Claims from before schema 21 have no row in `pins`.
  @Test func aPinOfAnOrderFromBeforeIsKnown() async throws {
    let bench = try await Bench()
    let (first, second) = (try await bench.sent(), try await bench.sent())
    let late = try await bench.completion(of: second)
    let fingerprint = try #require(late.pinFingerprint)
    _ = try await bench.sql(
      "INSERT INTO pin_prints VALUES ($1, $2::uuid)", .bytea(fingerprint), .text(first.id.description))
    _ = try await bench.sql("DELETE FROM pins")
    await #expect(throws: StoreError.conflict(second.id)) { try await bench.store.apply(late) }
    await #expect(throws: StoreError.conflict(second.id)) {
      try await bench.store.apply(try await bench.decision(on: second))
    }
    #expect(try await bench.store.order(withPin: fingerprint)?.id == first.id)
    try await bench.store.apply(try await bench.completion(of: first))
    #expect(try await bench.load(first.id).status == .completed)
  }

  /// In a rolling upgrade a program from before may be given a PIN that a new one claimed.
  @Test func aProgramFromBeforeSeesTheClaimsOfThisOne() async throws {
    let bench = try await Bench()
    let (first, second) = (try await bench.sent(), try await bench.sent())
    let completion = try await bench.completion(of: first)
    try await bench.store.apply(completion)
    let claim =
      "INSERT INTO pin_prints (print, order_id) VALUES ($1, $2::uuid) ON CONFLICT (print) DO NOTHING RETURNING print"
    let print = PostgresParameter.bytea(try #require(completion.pinFingerprint))
    #expect(try await bench.sql(claim, print, .text(second.id.description)).isEmpty)
    #expect(try await bench.sql(claim, print, .text(first.id.description)).count == 1)
    #expect(try await bench.count("pins") == 1)
  }

  @Test func ofManyAtOnceExactlyOneIsCompleted() async throws {
    let bench = try await Bench()
    var completions: [Transition] = []
    for _ in 0..<20 { completions.append(try await bench.completion(of: try await bench.sent())) }
    let store = bench.store
    await withTaskGroup(of: Void.self) { group in
      for completion in completions { group.addTask { _ = try? await store.apply(completion) } }
    }
    #expect(try await bench.count("orders", where: "status = 'completed'") == 1)
    #expect(try await bench.count("orders", where: "status = 'sent'") == 19)
  }

  /// What a person was given by the provider's people is held to the same.
  @Test func aPersonCannotGiveItToASecondOrder() async throws {
    let bench = try await Bench()
    let (first, second) = (try await bench.sent(), try await bench.sent())
    try await bench.store.apply(try await bench.completion(of: first))
    await #expect(throws: StoreError.conflict(second.id)) {
      try await bench.store.apply(try await bench.decision(on: second))
    }
    #expect(try await bench.load(second.id).status == .sent)
    #expect(try await bench.count("audits") == 0)
    #expect(try await bench.count("pins") == 1)
    try await bench.store.apply(try await bench.decision(on: second, Pin("ABCD-EFGH-9999")))
    #expect(try await bench.load(second.id).status == .completed)
    // Nor may a check give it what a person gave another.
    let third = try await bench.sent()
    let late = try await bench.completion(of: third, Pin("ABCD-EFGH-9999"))
    await #expect(throws: StoreError.conflict(third.id)) { try await bench.store.apply(late) }
  }

  @Test func aPersonsConflictClaimsNoPin() async throws {
    let bench = try await Bench()
    let (order, other) = (try await bench.sent(), try await bench.sent())
    let move = try await bench.decision(on: order)
    try await bench.store.apply(Transition(order, to: .held, Reason(.other, "meanwhile")))
    await #expect(throws: StoreError.conflict(order.id)) { try await bench.store.apply(move) }
    #expect(try await bench.count("pins") == 0)
    try await bench.store.apply(try await bench.decision(on: other))
    #expect(try await bench.load(other.id).status == .completed)
  }

  /// A check whose order went on meanwhile keeps no claim: the PIN would be refused to whoever gets it in truth.
  @Test func aConflictClaimsNoPin() async throws {
    let bench = try await Bench()
    let (order, other) = (try await bench.sent(), try await bench.sent())
    let late = try await bench.completion(of: order)
    try await bench.store.apply(Transition(order, to: .held, Reason(.other, "meanwhile")))
    await #expect(throws: StoreError.conflict(order.id)) { try await bench.store.apply(late) }
    #expect(try await bench.count("pins") == 0)
    try await bench.store.apply(try await bench.completion(of: other))
    #expect(try await bench.load(other.id).status == .completed)
  }

  /// Of completions that race moves of the same orders, only those that were made have a claim.
  @Test func claimsAndCompletionsAreOne() async throws {
    let bench = try await Bench()
    var moves: [Transition] = []
    for number in 0..<20 {
      let order = try await bench.sent()
      moves.append(try await bench.completion(of: order, Pin("PIN-\(number)")))
      moves.append(Transition(order, to: .held, Reason(.other, "meanwhile")))
    }
    let (store, all) = (bench.store, moves.shuffled())
    await withTaskGroup(of: Void.self) { group in
      for move in all { group.addTask { _ = try? await store.apply(move) } }
    }
    #expect(try await bench.count("orders", where: "status IN ('held', 'completed')") == 20)
    #expect(
      try await bench.count("pins p", where: "(SELECT status FROM orders WHERE id = p.order_id) <> 'completed'")
        == 0)
  }

  /// A person's word that a send was not received replaces its state, and not what the provider said of it.
  @Test func whatAProviderAcceptedStaysKnown() async throws {
    let bench = try await Bench()
    let order = try await bench.sent(cost: Money(parsing: "32.50"))
    try await bench.store.apply(Transition(order, to: .held, Reason(.other, "no final answer")))
    var denial = PersonMove(
      try await bench.load(order.id), to: .pending, .notReceived, who: "ayşe", note: "cancelled there")
    denial.sendState = .notReceived
    denial.dueIn = .zero
    try await bench.store.apply(denial)
    let again = try await bench.load(order.id)
    var intent = Transition(again, to: .sending)
    intent.send = (bench.provider, "222222")
    intent.dueIn = .seconds(1)
    try await bench.store.apply(intent)
    let sends = try await bench.store.sends(of: order.id)
    #expect(sends.map(\.state) == [.notReceived, .sending])
    #expect(sends.map(\.wasAccepted) == [true, false] && sends.map(\.isDeniedByPerson) == [true, false])
    #expect(sends.map(\.mayHaveCost) == [true, true] && sends[0].cost == Money(parsing: "32.50"))
  }

  @Test func thePrintTellsNothingWithoutTheKey() async throws {
    let bench = try await Bench()
    let fingerprint = try bench.store.fingerprint(of: Pin("ABCD-EFGH-2345"))
    #expect(fingerprint == (try bench.store.fingerprint(of: Pin("ABCD-EFGH-2345"))))
    #expect(fingerprint != (try bench.store.fingerprint(of: Pin("ABCD-EFGH-2346"))))
    #expect(fingerprint.count == 32)
  }
}

extension Bench {
  fileprivate func sent(cost: Money? = nil) async throws -> Order {
    let order = try await order()
    try await store.apply(move(order, to: .sending))
    let sending = try await load(order.id)
    var accepted = move(sending, to: .sent)
    accepted.sendState = .accepted
    accepted.cost = cost
    try await store.apply(accepted)
    return try await load(order.id)
  }

  fileprivate func decision(on order: Order, _ pin: Pin = Pin("ABCD-EFGH-2345")) throws -> PersonMove {
    var move = PersonMove(order, to: .completed, .completed, who: "ayşe", note: "by phone")
    move.sealedPin = try store.seal(pin, of: order.id)
    move.pinFingerprint = try store.fingerprint(of: pin)
    return move
  }

  fileprivate func completion(of order: Order, _ pin: Pin = Pin("ABCD-EFGH-2345")) throws -> Transition {
    var completion = Transition(order, to: .completed)
    completion.sealedPin = try store.seal(pin, of: order.id)
    completion.pinFingerprint = try store.fingerprint(of: pin)
    return completion
  }
}
