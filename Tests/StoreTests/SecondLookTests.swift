import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// Which orders are asked about again, and what contests one.
@Suite(.timeLimit(.minutes(2))) struct SecondLookTests {
  private func place(_ bench: Bench) async throws {
    while !(try await Outbox(pool: bench.pool).place(limit: 500).events.isEmpty) {}
  }

  private func find(_ bench: Bench, after delay: Duration = .seconds(3600)) async throws -> [OrderID] {
    try await SecondLooks(bench.store).find(after: delay, usual: [.seconds(3600)]).looks.map(\.orderID)
  }

  @Test func ordersAreFoundOnceTheirEndIsOldEnough() async throws {
    let bench = try await Bench()
    #expect(try await find(bench).isEmpty)
    let done = try await bench.order(.sending, .sent, .completed)
    let failed = try await bench.order(.sending, .sent, .failed)
    _ = try await bench.order(.sending, .sent)
    let cancelled = try await bench.order(.cancelled)
    // Claimed while its answer was lost, and proved not received: that is no more sure than a refusal.
    let withdrawn = try await bench.order(.sending, .unresolved, .cancelled)
    try await place(bench)
    #expect(try await find(bench).isEmpty)
    _ = try await bench.sql("UPDATE events SET at = at - interval '2 hours'")
    #expect(Set(try await find(bench)) == [done.id, failed.id, withdrawn.id])
    #expect(try await find(bench).isEmpty)
    #expect(try await bench.count("second_looks") == 3)
    #expect(cancelled.status == .cancelled)
    let owed = try await SecondLooks(bench.store).owed(after: nil, limit: 10)
    #expect(Set(owed.map(\.orderID)) == [done.id, failed.id, withdrawn.id])
    let look = try #require(try await SecondLooks(bench.store).look(at: done.id))
    #expect(look.version == done.version && look.tries == 0 && look.said == nil)
    try await SecondLooks(bench.store).postpone(look, by: .seconds(5), tries: 1, said: [1])
    let later = try #require(try await SecondLooks(bench.store).look(at: done.id))
    #expect(later.tries == 1 && later.said?.print == [1] && later.untilDue > .seconds(1))
    try await SecondLooks(bench.store).end(later)
    #expect(try await bench.count("second_looks") == 2)
  }

  @Test func aProviderSaysWhenAndHowMany() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    #expect(try await find(bench).isEmpty)
    for _ in 0..<20 { _ = try await bench.order(.sending, .sent, .completed) }
    try await place(bench)
    _ = try await bench.sql("UPDATE events SET at = at - interval '2 hours'")
    try await setup.setSecondLook(delays: .some([]), share: nil, provider: "znet")
    #expect(try await find(bench).isEmpty)
    _ = try await bench.sql("UPDATE second_look_marks SET position = 0")
    try await setup.setSecondLook(delays: .some(nil), share: .some(0.3), provider: "znet")
    let some = try await find(bench).count
    #expect((1..<20).contains(some))
    try await setup.setSecondLook(delays: .some([.seconds(60)]), share: .some(nil), provider: "znet")
    let provider = try #require(try await Directory(store: bench.store).provider(bench.provider))
    #expect(provider.secondLooks == [.seconds(60)])
  }

  @Test func whatContestsKeepsThePinAndTellsIt() async throws {
    let bench = try await Bench()
    let sent = try await bench.order(.sending, .sent)
    var end = await bench.move(sent, to: .completed)
    end.sealedPin = try await bench.store.seal(Pin("ABCD-1234"), of: sent.id)
    try await bench.store.apply(end)
    let done = try await bench.load(sent.id)
    try await SecondLooks(bench.store).contest(done, Reason(.secondLook, "cancelled there"), .sample(.query))
    let contested = try await bench.load(done.id)
    #expect(contested.status == .contested && contested.hasPin && contested.version == done.version + 1)
    #expect(contested.reasonCode == .secondLook)
    let changed = try await bench.store.changedOrders(
      tenant: bench.tenant, statuses: [], after: .start, limit: 20)
    #expect(changed?.orders.map(\.id) == [done.id] && changed?.orders.first?.status == .contested)
    #expect(try await bench.count("events", where: "type = 'sevk.order.contested'") == 1)
    await #expect(throws: StoreError.self) {
      try await SecondLooks(bench.store).contest(done, Reason(.secondLook, "again"), .sample(.query))
    }
    try await bench.store.apply(PersonMove(contested, to: .completed, .completed, who: "ayşe", note: "x"))
    let again = try await bench.load(done.id)
    #expect(again.status == .completed)
    #expect(try await bench.store.pin(of: done.id)?.secret == "ABCD-1234")
    // What a person settled is not contested by the same answer an hour later.
    try await place(bench)
    _ = try await find(bench)
    _ = try await bench.sql("UPDATE events SET at = at - interval '2 hours'")
    _ = try await bench.sql("UPDATE second_look_marks SET position = 0")
    #expect(try await find(bench).isEmpty)
  }

  @Test func aWithdrawnOneCanBeContestedAndIsThenAPersons() async throws {
    let bench = try await Bench()
    let sent = try await bench.order(.sending, .unresolved)
    _ = try await bench.store.claimRefund(of: sent.id, tenant: bench.tenant, who: "checkout")
    var end = await bench.move(try await bench.load(sent.id), to: .cancelled)
    end.sendState = .notReceived
    try await bench.store.apply(end)
    let cancelled = try await bench.load(sent.id)
    #expect(cancelled.refundSafety == RefundSafety(.cancelled, .other, hasBeenSent: true))
    try await SecondLooks(bench.store).contest(cancelled, Reason(.secondLook, "delivered there"), .sample(.query))
    let contested = try await bench.load(sent.id)
    #expect(contested.status == .contested && contested.refundSafety.answer == .no && contested.isRefundClaimed)
    #expect(try await bench.count("unfulfilled_orders") == 0)
    #expect(try await bench.count("unsettled_orders", where: "status = 'contested'") == 1)
    try await bench.store.apply(PersonMove(contested, to: .failed, .failed, who: "ayşe", note: "x"))
    #expect(try await bench.load(sent.id).refundSafety == RefundSafety(.failed, .decidedByPerson, hasBeenSent: true))
  }

  /// How far behind, and what retention drops first.
  @Test func whatIsBehindAndWhatIsMissed() async throws {
    let bench = try await Bench()
    let looks = SecondLooks(bench.store)
    let usual = [Duration.seconds(3600)]
    #expect(try await find(bench).isEmpty)
    #expect(try await looks.lag(usual: usual) == [SecondLookLag(delay: .seconds(3600), lag: .zero, hasMissed: false)])
    _ = try await bench.order(.sending, .sent, .completed)
    try await place(bench)
    #expect(try await looks.lag(usual: usual).first?.lag == .zero)
    _ = try await bench.sql("UPDATE events SET at = at - interval '3 hours'")
    let late = try #require(try await looks.lag(usual: usual).first)
    #expect(late.lag >= .seconds(7200) && late.lag < .seconds(7300) && !late.hasMissed)
    _ = try await bench.sql("UPDATE event_tail SET kept_after = last")
    #expect(try await looks.lag(usual: usual).first?.hasMissed == true)
    #expect(try await find(bench).count == 1)
    #expect(
      try await looks.lag(usual: usual).first == SecondLookLag(delay: .seconds(3600), lag: .zero, hasMissed: false))
    #expect(SecondLooks.isTooLong(.seconds(86_400), retention: .seconds(86_400)))
    #expect(!SecondLooks.isTooLong(.seconds(3600), retention: .seconds(86_400)))
  }

  /// A delay that nobody has for a while does not begin where it was left: that would ask about all that ended since.
  @Test func aDelayThatComesBackBeginsAnew() async throws {
    let bench = try await Bench()
    let looks = SecondLooks(bench.store)
    _ = try await find(bench, after: .seconds(60))
    _ = try await bench.order(.sending, .sent, .completed)
    try await place(bench)
    _ = try await bench.sql("UPDATE events SET at = at - interval '2 hours'")
    try await looks.passOver(usual: [.seconds(3600)])
    try await Setup(store: bench.store).setSecondLook(delays: .some([.seconds(60)]), share: nil, provider: "znet")
    #expect(try await find(bench, after: .seconds(60)).isEmpty)
    let done = try await bench.order(.sending, .sent, .completed)
    try await place(bench)
    _ = try await bench.sql("UPDATE events SET at = at - interval '2 hours'")
    try await looks.passOver(usual: [.seconds(3600)])
    #expect(try await find(bench, after: .seconds(60)) == [done.id])
  }

  @Test func nobodyIsAskedTwiceWithinThePause() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .sent)
    #expect(try await bench.store.askNow(order, pause: .seconds(10)) == .asked)
    let asked = try await bench.load(order.id)
    #expect(asked.untilDue ?? .seconds(9) <= .zero && asked.asks == 1 && order.asks == 0)
    guard case .tooSoon(let wait) = try await bench.store.askNow(order, pause: .seconds(10)) else {
      Issue.record("asked twice")
      return
    }
    #expect(wait > .seconds(5) && wait <= .seconds(10))
    _ = try await bench.sql("UPDATE orders SET asked_at = asked_at - interval '11 seconds'")
    #expect(try await bench.store.askNow(order, pause: .seconds(10)) == .asked)
    // It was due anyway, so that was no question before its time.
    #expect(try await bench.load(order.id).asks == 1)
    try await bench.store.apply(await bench.move(try await bench.load(order.id), to: .held))
    #expect(try await bench.load(order.id).asks == 0)
    let done = try await bench.order(.sending, .sent, .completed)
    #expect(try await bench.store.askNow(done, pause: .seconds(10)) == .asked)
    #expect(try await bench.count("second_looks") == 1)
    var moved = done
    moved.version += 1
    #expect(try await bench.store.askNow(moved, pause: .seconds(10)) == .moved)
  }
}
