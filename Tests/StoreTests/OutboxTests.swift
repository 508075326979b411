import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct OutboxTests {
  @Test func eventsComeInOrderPerOrderAndOnce() async throws {
    let bench = try await Bench()
    let outbox = Outbox(pool: bench.pool)
    _ = await atOnce(40) { number in
      switch number % 4 {
      case 0: try await bench.order(.sending, .sent, .completed)
      case 1: try await bench.order(.sending, .unresolved, .sent, .failed)
      case 2: try await bench.order(.cancelled)
      default: try await bench.order(.sending, .pending, .sending, .held)
      }
    }
    var versions: [String: [Int]] = [:]
    var types: [String: [String]] = [:]
    var positions: [Int64] = []
    while true {
      let turn = try await outbox.place(limit: 7)
      let events = turn.events
      guard !events.isEmpty else { break }
      #expect(events.count <= 7)
      positions += events.map(\.position)
      // Until they are noted as delivered, they are owed.
      let cursor = try #require(turn.cursors["stream"])
      #expect(try await outbox.read(after: cursor, limit: 7).map(\.id) == events.map(\.id))
      for event in events {
        versions[event.orderID, default: []].append(event.version)
        types[event.orderID, default: []].append(String(event.type.dropFirst("sevk.order.".count)))
        #expect(event.tenant == "shop" && event.product == "pubg-60" && event.shopReference == "shop-778")
        #expect(event.time.hasSuffix("Z") && event.trace == "00-trace")
      }
      #expect(turn.last == positions.last)
      try await outbox.advance("stream", to: turn.last)
    }
    #expect(positions == (1...Int64(positions.count)).map { $0 }, "gapless")
    #expect(versions.count == 40)
    for (id, list) in versions { #expect(list == list.sorted() && Set(list).count == list.count, "\(id)") }
    let stories = types.values.reduce(into: [String: Int]()) { $0[$1.joined(separator: " "), default: 0] += 1 }
    // Neither the intent to send nor the way back to pending is published.
    #expect(
      stories == [
        "created sent completed": 10, "created unresolved sent failed": 10, "created cancelled": 10, "created held": 10,
      ])
    let counts = try await bench.store.orderCounts()
    #expect(counts.unpublished == 0 && counts.oldestUnpublished == nil)
    // What is late is never taken for news.
    try await outbox.advance("stream", to: 1)
    #expect(try await outbox.place(limit: 1).cursors["stream"] == positions.last)
  }

  @Test func committedEventsAreAnnounced() async throws {
    let bench = try await Bench()
    let announced = Counter()
    await announced.listen(to: bench.store)
    let order = try await bench.order()
    #expect(await announced.count == 1)
    try await bench.store.apply(await bench.move(order, to: .cancelled))
    #expect(await announced.count == 2)
    _ = try? await bench.store.apply(await bench.move(order, to: .cancelled))
    #expect(await announced.count == 2, "a conflict writes no event")
  }

  @LoopActor
  private final class Counter {
    private(set) var count = 0
    nonisolated init() {}
    func listen(to store: Store) { store.onEvents = { [weak self] in self?.count += 1 } }
  }
}
