import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// A claim of a refund against everybody who moves the order: whoever comes second sees what the first did.
@Suite(.timeLimit(.minutes(2))) struct RefundClaimTests {
  private func claim(_ bench: Bench, _ order: Order) async throws -> Order {
    try #require(try await bench.store.claimRefund(of: order.id, tenant: bench.tenant, who: "checkout"))
  }

  @Test func aPendingOneIsWithdrawnAndItsSendComesTooLate() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    let claimed = try await claim(bench, order)
    #expect(claimed.status == .cancelled && claimed.version == order.version + 1 && claimed.isRefundClaimed)
    #expect(claimed.refundSafety == RefundSafety(.cancelled, .refundClaimed, hasBeenSent: false))
    await #expect(throws: StoreError.self) { try await bench.store.apply(await bench.move(order, to: .sending)) }
    #expect(try await bench.count("attempts") == 0)
    let events = try await bench.sql("SELECT type, reason_code FROM events ORDER BY version")
    #expect(try events.map { try $0.text(0) } == ["sevk.order.created", "sevk.order.cancelled"])
    #expect(try await bench.count("unsettled_orders") == 0)
    #expect(try await bench.count("unfulfilled_orders", where: "status = 'cancelled'") == 1)
  }

  @Test func aSendThatWasFasterIsNeverRepeated() async throws {
    let bench = try await Bench()
    let sending = try await bench.order(.sending)
    let claimed = try await claim(bench, sending)
    #expect(claimed.status == .sending && claimed.version == sending.version && claimed.refundSafety.answer == .no)
    // The answer "not sent" would make it pending again: whoever does not know of the claim writes nothing.
    await #expect(throws: StoreError.self) { try await bench.store.apply(await bench.move(sending, to: .pending)) }
    var end = await bench.move(claimed, to: .cancelled)
    end.sendState = .notSent
    try await bench.store.apply(end)
    #expect(try await bench.load(sending.id).status == .cancelled)
  }

  /// Every other answer is worth as much as before.
  @Test(arguments: [Status.sent, .unresolved, .completed, .failed])
  func anAnswerIsNotLostByAClaim(_ status: Status) async throws {
    let bench = try await Bench()
    let sending = try await bench.order(.sending)
    _ = try await claim(bench, sending)
    try await bench.store.apply(await bench.move(sending, to: status))
    let now = try await bench.load(sending.id)
    #expect(now.status == status && now.isRefundClaimed)
  }

  @Test func aCheckThatProvesItNotReceivedEndsIt() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .unresolved)
    let claimed = try await claim(bench, order)
    #expect(claimed.status == .unresolved && claimed.refundSafety.answer == .unknown)
    await #expect(throws: StoreError.self) { try await bench.store.apply(await bench.move(order, to: .pending)) }
    // And whoever writes by hand, or is of a version that knows no claims.
    let error = await #expect(throws: PostgresError.self) {
      _ = try await bench.sql(
        "UPDATE orders SET came_from = status, status = 'pending' WHERE id = $1::uuid", .text(order.id.description))
    }
    #expect(error?.constraint == "orders_claimed")
  }

  @Test(arguments: [PersonChoice.retry, .notReceived])
  func aPersonSendsNothingAfterIt(_ choice: PersonChoice) async throws {
    let bench = try await Bench()
    let held = try await bench.order(.sending, .unresolved, .held)
    _ = try await claim(bench, held)
    // The person was shown the order before it was claimed.
    var move = PersonMove(held, to: .pending, choice, who: "ayşe", note: "x")
    move.dueIn = .zero
    await #expect(throws: StoreError.self) { try await bench.store.apply(move) }
    let now = try await bench.load(held.id)
    #expect(now.status == .held)
    var end = PersonMove(now, to: .cancelled, choice, who: "ayşe", note: "x")
    end.sendState = .notReceived
    try await bench.store.apply(end)
    #expect(try await bench.load(held.id).status == .cancelled)
  }

  @Test func claimsAtOnceAreOne() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    let results = await atOnce(10) { _ in
      try await bench.store.claimRefund(of: order.id, tenant: bench.tenant, who: "checkout")?.status
    }
    for result in results { #expect(try result.get() == .cancelled) }
    #expect(try await bench.count("audits", where: "what = 'refund_claim'") == 1)
    #expect(try await bench.count("events") == 2)
  }

  /// Claim and send in all orders: never both a cancelled order and a send.
  @Test func aClaimAgainstItsSend() async throws {
    let bench = try await Bench()
    var ends: [Status: Int] = [:]
    for _ in 0..<40 {
      let order = try await bench.order()
      let intent = await bench.move(order, to: .sending)
      async let sent = try? bench.store.apply(intent).version
      async let claimed = bench.store.claimRefund(of: order.id, tenant: bench.tenant, who: "checkout")
      let answer = try #require(try await claimed)
      _ = await sent
      let sends = try await bench.count("attempts", where: "order_id = '\(order.id)'")
      let now = try await bench.load(order.id)
      #expect((now.status == .cancelled) == (sends == 0), "\(now.status) with \(sends) sends")
      #expect(now.isRefundClaimed && answer.status == now.status)
      ends[now.status, default: 0] += 1
    }
    #expect(Set(ends.keys).isSubset(of: [.cancelled, .sending]))
  }

  @Test func whatWasDeliveredOrIsAnothersIsLeftAlone() async throws {
    let bench = try await Bench()
    let done = try await bench.order(.sending, .sent, .completed)
    let claimed = try await claim(bench, done)
    #expect(claimed.refundSafety.answer == .no && !claimed.isRefundClaimed)
    #expect(try await bench.count("audits") == 0)
    let order = try await bench.order()
    #expect(try await bench.store.claimRefund(of: order.id, tenant: bench.tenant + 1, who: "x") == nil)
    #expect(try await bench.load(order.id).status == .pending)
  }

  @Test func failedStaysFailedUnlessItIsContested() async throws {
    let bench = try await Bench()
    let failed = try await bench.order(.sending, .sent, .failed)
    let claimed = try await claim(bench, failed)
    #expect(claimed.refundSafety.answer == .yes && claimed.isRefundClaimed && claimed.version == failed.version)
    for status in Status.allCases where status != .contested && status != .failed {
      await #expect(throws: PostgresError.self, "\(status)") {
        _ = try await bench.sql(
          """
          UPDATE orders SET came_from = status, status = $2::text, reason = 'raw',
            due_at = CASE WHEN $2::text IN (\(Status.literals(Status.open))) THEN now() END
          WHERE id = $1::uuid
          """, .text(failed.id.description), .text(status.rawValue))
      }
    }
    #expect(try await bench.count("unfulfilled_orders", where: "status = 'failed'") == 1)
    try await SecondLooks(bench.store).contest(claimed, Reason(.secondLook, "it was delivered"), .sample(.query))
    let contested = try await bench.load(failed.id)
    #expect(contested.status == .contested && contested.refundSafety.answer == .no)
    #expect(try await bench.count("unfulfilled_orders") == 0)
    #expect(try await bench.count("unsettled_orders", where: "status = 'contested'") == 1)
    try await bench.store.apply(PersonMove(contested, to: .failed, .failed, who: "ayşe", note: "x"))
    #expect(try await bench.count("unfulfilled_orders", where: "status = 'failed'") == 1)
    #expect(try await bench.count("unsettled_orders") == 0)
  }
}
