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
    let print = try #require(late.pinPrint)
    #expect(try await bench.store.order(withPin: print)?.id == first.id)
  }

  /// After a crash between the claim of a PIN and the move, or a lost answer, the same order comes again.
  @Test func theSameOrderMayComeAgainWithItsPin() async throws {
    let bench = try await Bench()
    let order = try await bench.sent()
    let completion = try await bench.completion(of: order)
    let print = try #require(completion.pinPrint)
    _ = try await bench.sql(
      "INSERT INTO pin_prints VALUES ($1, $2::uuid)", .bytea(print), .text(order.id.description))
    try await bench.store.apply(completion)
    #expect(try await bench.load(order.id).status == .completed)
  }

  @Test func ofManyAtOnceExactlyOneIsCompleted() async throws {
    let bench = try await Bench()
    var completions: [Transition] = []
    for _ in 0..<20 { completions.append(try await bench.completion(of: try await bench.sent())) }
    let store = bench.store
    await withTaskGroup(of: Void.self) { group in
      for completion in completions { group.addTask { try? await store.apply(completion) } }
    }
    #expect(try await bench.count("orders", where: "status = 'completed'") == 1)
    #expect(try await bench.count("orders", where: "status = 'sent'") == 19)
  }

  @Test func thePrintTellsNothingWithoutTheKey() async throws {
    let bench = try await Bench()
    let print = try bench.store.print(of: Pin("ABCD-EFGH-2345"))
    #expect(print == (try bench.store.print(of: Pin("ABCD-EFGH-2345"))))
    #expect(print != (try bench.store.print(of: Pin("ABCD-EFGH-2346"))))
    #expect(print.count == 32)
  }
}

extension Bench {
  fileprivate func sent() async throws -> Order {
    let order = try await order()
    try await store.apply(move(order, to: .sending))
    let sending = try await load(order.id)
    try await store.apply(move(sending, to: .sent))
    return try await load(order.id)
  }

  fileprivate func completion(of order: Order) throws -> Transition {
    let pin = Pin("ABCD-EFGH-2345")
    var completion = Transition(order, to: .completed)
    completion.sealedPin = try store.seal(pin, of: order.id)
    completion.pinPrint = try store.print(of: pin)
    return completion
  }
}
