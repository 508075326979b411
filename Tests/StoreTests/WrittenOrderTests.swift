import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// What a write answers is the order as a read finds it, so that nobody builds it by hand.
@Suite(.timeLimit(.minutes(2))) struct WrittenOrderTests {
  /// Its people find an order by that, whatever is said of the send later.
  @Test func theProvidersOwnNameStaysWithTheSend() async throws {
    let bench = try await Bench()
    var order = try await bench.store.apply(await bench.move(await bench.order(), to: .sending))
    var move = await bench.move(order, to: .sent)
    (move.sendState, move.providerOrderID) = (.accepted, "TX 77/ş")
    order = try await bench.store.apply(move)
    var end = await bench.move(order, to: .completed)
    end.sendState = .accepted
    try await bench.store.apply(end)
    #expect(try await bench.store.sends(of: order.id).map(\.providerOrderID) == ["TX 77/ş"])
    #expect(try await bench.store.timeline(of: order.id).compactMap(\.providerOrderID) == ["TX 77/ş"])
  }

  @Test func aWriteAnswersWithTheOrderAsItIs() async throws {
    let bench = try await Bench()
    let new = await bench.newOrder()
    guard case .created(var order) = try await bench.store.add(new) else {
      Issue.record("not created")
      return
    }
    try await bench.expectStored(order)
    order = try await bench.store.apply(await bench.move(order, to: .sending))
    try await bench.expectStored(order)
    #expect(order.status == .sending && order.sends == 1 && order.sendReference != nil)
    var move = await bench.move(order, to: .sent)
    move.cost = Money(parsing: "12.5")
    order = try await bench.store.applyPersistently(move)
    try await bench.expectStored(order)
    let witness = Witness(.cancelled, fingerprint: [1, 2], words: "İptal")
    order = try await bench.store.askAgain(
      order, after: .seconds(9), Reason(.other, "asked"), exchange: nil, witness: witness)
    #expect(order.checks == 1 && order.witness?.words == "İptal" && order.reason == "asked")
    try await bench.expectStored(order)
    // Written already, it is read back.
    let again = try await bench.store.order(order.id)
    #expect(again?.version == order.version)
  }

  /// Each of many in one statement gets its own.
  @Test func eachWriterGetsItsOwnOrder() async throws {
    let bench = try await Bench()
    let store = bench.store
    let outcomes = await atOnce(200) { _ in
      let new = await bench.newOrder()
      guard case .created(let order) = try await store.add(new) else { return false }
      let sending = try await store.apply(await bench.move(order, to: .sending))
      return order.id == new.id && sending.id == new.id && sending.version == 2
    }
    #expect(try outcomes.allSatisfy { try $0.get() })
  }
}

extension Bench {
  /// Ages and waits go on between two looks.
  fileprivate func expectStored(_ order: Order, _ location: SourceLocation = #_sourceLocation) async throws {
    func still(_ order: Order) -> Order {
      var order = order
      (order.age, order.sinceSend, order.untilDue) = (
        .zero, order.sinceSend.map { _ in .zero }, order.untilDue.map { _ in .zero }
      )
      order.witness = order.witness.map { Witness($0.kind, fingerprint: $0.fingerprint, words: $0.words, age: .zero) }
      return order
    }
    let stored = try await load(order.id)
    #expect(still(stored) == still(order), sourceLocation: location)
  }
}
