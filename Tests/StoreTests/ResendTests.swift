import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// What keeps a send from being repeated under its reference.
@Suite(.timeLimit(.minutes(2))) struct ResendTests {
  private static let request = ["product": "101", "playerId": "5"]

  /// An order whose first send got no answer, under the account's first epoch.
  private func lost(_ bench: Bench) async throws -> Order {
    let order = try await bench.order()
    var intent = await bench.move(order, to: .sending)
    intent.terms = (true, 1)
    intent.sentPrint = try bench.store.sentPrint(of: Self.request, order.id)
    intent.dueIn = .seconds(26)
    let sending = try await bench.store.apply(intent)
    var move = await bench.move(sending, to: .unresolved, reason: "timed out")
    move.sendState = .unknown
    return try await bench.store.apply(move)
  }

  private func resend(
    _ bench: Bench, _ order: Order, epoch: Int = 1, _ request: [String: String] = request
  ) async throws -> Order? {
    try await bench.store.begin(
      Resend(
        order, accountEpoch: epoch, print: bench.store.sentPrint(of: request, order.id), lasts: .seconds(10),
        note: Reason(.answerLost, "again")))
  }

  @Test func itIsCountedAndItsAgeBeginsAnew() async throws {
    let bench = try await Bench()
    let order = try await lost(bench)
    let again = try #require(try await resend(bench, order))
    #expect(again.status == .unresolved && again.sendReference == order.sendReference && again.sends == order.sends)
    #expect(again.version == order.version + 1 && again.checks == 0 && again.reason == "again")
    // The request may be on its way until then.
    #expect(try #require(again.sinceSend) < .zero && #require(again.untilDue) > .seconds(5))
    let terms = try #require(try await bench.store.sendTerms(of: again))
    #expect(terms.resends == 1 && terms.accountEpoch == 1 && terms.sentPrint != nil)
    // Who saw it before is refused, and whoever saw this goes on.
    #expect(try await resend(bench, order) == nil)
    await #expect(throws: StoreError.self) { try await bench.store.apply(bench.move(order, to: .sent)) }
    try await bench.store.apply(bench.move(again, to: .sent))
  }

  @Test func notAnotherRequestOrAccountOrTooOften() async throws {
    let bench = try await Bench()
    var order = try await lost(bench)
    #expect(try await resend(bench, order, epoch: 2) == nil)
    #expect(try await resend(bench, order, ["product": "102", "playerId": "5"]) == nil)
    // The same bytes, cut elsewhere.
    #expect(try await resend(bench, order, ["product": "1015", "playerId": ""]) == nil)
    let other = try await lost(bench)
    #expect(try bench.store.sentPrint(of: Self.request, other.id) != bench.store.sentPrint(of: Self.request, order.id))
    for _ in 0..<SameReference.resendsMax { order = try #require(try await resend(bench, order)) }
    #expect(try await resend(bench, order) == nil)
  }

  @Test func notWhatWasClaimedOrIsNoLongerOpen() async throws {
    let bench = try await Bench()
    let order = try await lost(bench)
    try await bench.pool.script("UPDATE orders SET refund_claimed_at = now() WHERE id = '\(order.id)'")
    #expect(try await resend(bench, order) == nil)
    let found = try await lost(bench)
    try await bench.store.apply(bench.move(found, to: .sent))
    #expect(try await resend(bench, bench.load(found.id)) == nil)
    // Sent by a program that kept no print.
    let old = try await lost(bench)
    try await bench.pool.script("UPDATE attempts SET sent_print = NULL WHERE order_id = '\(old.id)'")
    #expect(try await resend(bench, old) == nil)
  }
}
