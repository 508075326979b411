import EventLoop
import Orders
import Postgres
import Store
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OrderSearchTests {
  @Test @LoopActor func findsByStatusTenantProductProviderAndAgePageByPage() async throws {
    let bench = try await Bench()
    let pending = try await bench.order()
    let sent = try await bench.order(.sending, .sent)
    let done = try await bench.order(.sending, .sent, .completed)
    let failed = try await bench.order(.failed)
    _ = try await bench.sql(
      "UPDATE orders SET created_at = now() - interval '2 hours' WHERE id = $1::uuid", .text(sent.id.description))
    func found(_ change: (inout OrderSearch) -> Void) async throws -> [OrderID] {
      var search = OrderSearch()
      change(&search)
      return try await bench.store.search(search, nowMilliseconds: 4_000_000_000_000).orders.map(\.id)
    }
    let newestFirst = [pending, sent, done, failed].map(\.id).sorted(by: >)
    #expect(try await found { _ in } == newestFirst)
    #expect(try await found { $0.statuses = [.sent] } == [sent.id])
    #expect(try await found { $0.statuses = [.completed] } == [done.id])
    #expect(try await found { $0.statuses = [.pending, .failed] } == [pending.id, failed.id].sorted(by: >))
    #expect(try await found { $0.tenant = bench.tenant } == newestFirst)
    #expect(try await found { $0.tenant = bench.tenant + 1 } == [])
    #expect(
      try await found {
        $0.tenant = bench.tenant + 1
        $0.statuses = [.sent]
      } == [])
    #expect(try await found { $0.product = "other" } == [])
    #expect(try await found { $0.provider = bench.provider }.contains(sent.id))
    #expect(try await !found { $0.provider = bench.provider }.contains(pending.id))
    #expect(try await found { $0.olderThan = .seconds(3600) } == [sent.id])

    _ = try await bench.sql(
      "UPDATE orders SET reference = 'mine', fields = '{\"player_id\":\"p-7\"}' WHERE id = ANY ($1::uuid[])",
      .textArray([sent, failed].map(\.id.description)))
    #expect(try await found { $0.player = "p-7" } == [sent.id, failed.id].sorted(by: >))
    #expect(try await found { $0.shopReference = "mine" } == [sent.id, failed.id].sorted(by: >))
    #expect(
      try await found {
        $0.player = "p-7"
        $0.statuses = [.sent]
      } == [sent.id])
    #expect(try await found { $0.shopReference = "p-7" } == [])
    // Where the route says that another field names the player, that one counts and no other.
    _ = try await bench.sql("UPDATE orders SET player = 'line 5' WHERE id = $1::uuid", .text(sent.id.description))
    #expect(try await found { $0.player = "line 5" } == [sent.id])
    #expect(try await found { $0.player = "p-7" } == [failed.id])
    #expect(try await bench.store.orders(matching: "line 5", limit: 9).map(\.player) == ["line 5"])
    #expect(try await bench.load(failed.id).player == "p-7")

    var search = OrderSearch()
    search.limit = 3
    let first = try await bench.store.search(search, nowMilliseconds: 0)
    #expect(first.orders.map(\.id) == Array(newestFirst.prefix(3)) && first.next == newestFirst[2])
    search.after = first.next
    let second = try await bench.store.search(search, nowMilliseconds: 0)
    #expect(second.orders.map(\.id) == [newestFirst[3]] && second.next == nil)
  }

  @Test @LoopActor func countsWhatWaitsAndKnowsTheOldest() async throws {
    let bench = try await Bench()
    #expect(try await bench.store.waitingOrders().allSatisfy { $0.count == 0 && $0.oldest == nil })
    let pending = [try await bench.order(), try await bench.order()]
    let sent = try await bench.order(.sending, .sent)
    _ = try await bench.order(.sending, .sent, .completed)
    let waiting = try await bench.store.waitingOrders()
    #expect(waiting.map(\.status) == [.pending, .sending, .sent, .unresolved, .held, .contested])
    #expect(waiting.map(\.count) == [2, 0, 1, 0, 0, 0])
    #expect(waiting[0].oldest == pending.map(\.id).min() && waiting[0].oldestAge != nil)
    #expect(waiting[2].oldest == sent.id && waiting[1].oldest == nil && waiting[1].oldestAge == nil)
  }
}
