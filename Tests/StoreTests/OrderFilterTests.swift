import Cipher
import Foundation
import Orders
import Postgres
import Testing

@testable import Store

/// What a shop finds its orders by.
@Suite(.timeLimit(.minutes(1)))
struct OrderFilterTests {
  @Test func everyConditionHolds() async throws {
    let bench = try await Bench()
    try await Setup(store: bench.store).addTenant("rival")
    let rival = try await bench.sql("SELECT id FROM tenants WHERE name = 'rival'").single().int(0)
    var ids: [OrderID] = []
    for number in 0..<6 {
      var new = await bench.newOrder(key: "key-\(number)", tenant: number == 5 ? rival : nil)
      // A millisecond apart, so that they are in this order.
      var random = SystemRandomNumberGenerator()
      new.id = OrderID(milliseconds: UInt64(Date().timeIntervalSince1970 * 1000) - 100 + UInt64(number), using: &random)
      new.fields["player_id"] = number < 3 ? "ali" : "veli"
      new.shopReference = number % 2 == 0 ? "even" : "odd"
      _ = try await bench.store.add(new)
      ids.append(new.id)
    }
    for (number, path) in [(1, [Status.failed]), (2, [.sending, .sent]), (4, [.sending, .sent, .completed])] {
      var order = try await bench.load(ids[number])
      for status in path { order = try await bench.store.apply(await bench.move(order, to: status)) }
    }
    func found(limit: Int = 9, _ set: (inout OrderFilter) -> Void) async throws -> [Int] {
      var filter = OrderFilter(tenantID: bench.tenant, limit: limit)
      set(&filter)
      return try await bench.store.orders(filter).compactMap { ids.firstIndex(of: $0.id) }
    }
    #expect(try await found { _ in } == [4, 3, 2, 1, 0], "not the rival's")
    #expect(try await found { $0.idempotencyKey = "key-3" } == [3])
    #expect(try await found { $0.idempotencyKey = "key-5" } == [], "the rival's key")
    #expect(try await found { $0.player = "ali" } == [2, 1, 0])
    #expect(try await found { $0.player = "veli" } == [4, 3])
    #expect(try await found { $0.shopReference = "even" } == [4, 2, 0])
    #expect(try await found { ($0.player, $0.shopReference) = ("ali", "even") } == [2, 0])
    #expect(try await found { ($0.player, $0.idempotencyKey) = ("ali", "key-3") } == [])
    #expect(try await found { ($0.player, $0.statuses) = ("ali", [.failed, .sent]) } == [2, 1])
    #expect(try await found { $0.statuses = [.failed, .completed, .pending] } == [4, 3, 1, 0])
    #expect(try await found(limit: 2) { $0.statuses = [.failed, .completed, .pending] } == [4, 3])
    #expect(try await found { ($0.player, $0.before) = ("ali", ids[2]) } == [1, 0])
  }

  @Test func theTimeOfTheDatabaseCounts() async throws {
    let bench = try await Bench()
    var orders: [Order] = []
    for path: [Status] in [[.failed], [.sending, .sent], [.sending, .sent, .completed], []] {
      var order = try await bench.order()
      for status in path { order = try await bench.store.apply(await bench.move(order, to: status)) }
      orders.append(order)
    }
    // Hours apart, by the database; their ids say that they are of now, give or take the clocks.
    for (hours, order) in orders.enumerated() {
      let id = OrderID.first(at: UInt64(1_795_000_000_000 + hours * 3_600_000 + (hours % 2 == 0 ? 5000 : -5000)))
      for (table, column) in [("orders", "id"), ("unsettled_orders", "order_id"), ("unfulfilled_orders", "order_id")] {
        _ = try await bench.sql(
          "UPDATE \(table) SET \(column) = $2::uuid WHERE \(column) = $1::uuid", .text(order.id.description),
          .text(id.description))
      }
      for (table, column) in [("orders", "id"), ("unsettled_orders", "order_id")] {
        _ = try await bench.sql(
          "UPDATE \(table) SET created_at = to_timestamp(1795000000 + $2::bigint * 3600) WHERE \(column) = $1::uuid",
          .text(id.description), .int(hours))
      }
    }
    for statuses: Set<Status> in [[], [.failed, .sent, .completed, .pending]] {
      for (from, end) in [(nil, nil), (1, nil), (nil, 2), (1, 2), (0, 4), (2, 2), (4, nil), (nil, 0)]
        as [(Int64?, Int64?)]
      {
        var filter = OrderFilter(tenantID: bench.tenant, limit: 9)
        filter.statuses = statuses
        filter.createdFrom = from.map { 1_795_000_000_000 + $0 * 3_600_000 }
        filter.createdBefore = end.map { 1_795_000_000_000 + $0 * 3_600_000 }
        let found = try await bench.store.orders(filter).map(\.status)
        let all: [Status] = [.failed, .sent, .completed, .pending]
        let expected = all.indices.filter { $0 >= from ?? 0 && $0 < end ?? 4 }.map { all[$0] }
        #expect(found == expected.reversed(), "\(statuses) \(String(describing: from)) \(String(describing: end))")
      }
    }
  }

  @Test func aListCanBeginAtATime() async throws {
    let bench = try await Bench()
    // An order an hour that ended, each in a change of its own, and one that is still open in the middle.
    let start: Int64 = 1_795_000_000_000
    var ids: [OrderID] = []
    for hour in 0..<40 {
      var order = try await bench.order()
      order = try await bench.store.apply(await bench.move(order, to: hour == 20 ? .sending : .failed))
      ids.append(order.id)
      _ = try await bench.sql(
        "UPDATE orders SET updated_at = to_timestamp($2::bigint) WHERE id = $1::uuid", .text(order.id.description),
        .int(start / 1000 + Int64(hour) * 3600))
    }
    for hour in [-1, 0, 1, 17, 19, 20, 21, 38, 39, 40] as [Int64] {
      let moment = start + hour * 3_600_000
      let place = try await bench.store.changePlace(tenant: bench.tenant, at: moment)
      let page = try #require(
        try await bench.store.changedOrders(
          tenant: bench.tenant, statuses: [], updatedAfter: moment, after: place, limit: 100))
      #expect(page.orders.map(\.id) == Array(ids.dropFirst(Int(hour) + 1)), "after hour \(hour)")
      // All before it were passed over by the index alone.
      let all = try #require(
        try await bench.store.changedOrders(tenant: bench.tenant, statuses: [], after: place, limit: 100))
      #expect(all.orders.count <= 40 - Int(max(hour, 0)) + 1, "after hour \(hour): \(all.orders.count)")
    }
    #expect(try await bench.store.changePlace(tenant: -1, at: start).change == 0)
  }

  @Test func theDigestIsThatOfTheLines() async throws {
    let bench = try await Bench()
    var orders: [Order] = []
    for _ in 0..<3 { orders.append(try await bench.order()) }
    orders[1] = try await bench.store.apply(await bench.move(orders[1], to: .failed))
    orders.sort { $0.id < $1.id }
    let now = UInt64(Date().timeIntervalSince1970 * 1000)
    let digest = try await bench.store.digest(
      tenant: bench.tenant, from: .first(at: now - 60_000), to: .first(at: now + 60_000))
    let text = orders.map { "\($0.id) \($0.version) \($0.status.rawValue)\n" }.joined()
    #expect(digest.count == 3)
    #expect(digest.hash == Hexadecimal.encode(Digest.sha256(text.utf8)))
    let nothing = try await bench.store.digest(
      tenant: bench.tenant, from: .first(at: 0), to: .first(at: now - 60_000))
    #expect(nothing.count == 0 && nothing.hash.hasPrefix("e3b0c442"))
  }

  @Test func theUsualTimeIsThatOfTheLastDay() async throws {
    let bench = try await Bench()
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    for (hoursAgo, seconds) in [(1, 10), (2, 20), (3, 30), (30, 1000)] as [(Int64, Int64)] {
      let order = try await bench.order(.sending, .sent, .completed)
      _ = try await bench.sql(
        "UPDATE orders SET id = $2::uuid, updated_at = created_at + $3::bigint * interval '1 second' WHERE id = $1::uuid",
        .text(order.id.description), .text(OrderID.first(at: UInt64(now - hoursAgo * 3_600_000)).description),
        .int(seconds))
    }
    _ = try await bench.order()
    let times = try await bench.store.deliveryTimes(tenant: bench.tenant, nowMilliseconds: now)
    let usual = try #require(times[ExactText("pubg-60")])
    #expect(usual.orders == 3 && usual.median == .seconds(20) && usual.p95 == .seconds(30))
    #expect(try await bench.store.deliveryTimes(tenant: -1, nowMilliseconds: now).isEmpty)
  }
}
