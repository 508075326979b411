import EventLoop
import Foundation
import Orders
import Postgres
import TestSupport
import Testing

@testable import Store

/// Codes of our own: each to one order at most, each order its codes or none.
@LoopActor @Suite(.timeLimit(.minutes(2))) struct StockTests {
  private struct Shop {
    let bench: Bench
    let stock: StockStore
    let provider: Int64

    init() async throws {
      bench = try await Bench()
      try await Setup(store: bench.store).addProvider(
        .init(
          name: "own", adapter: "stock", baseURL: "stock:", credentials: [:], timeout: .seconds(5), concurrencyMax: 16,
          ratePerSecond: nil, trustNotFoundAfter: nil, checkFirst: nil, checkBackoff: nil, checkBackoffMax: nil,
          checkDeadline: nil))
      provider = try await bench.sql("SELECT id FROM providers WHERE name = 'own'")[0].int(0)
      stock = StockStore(bench.store)
    }

    static func code(_ number: Int) -> String { String(format: "ABCD-%04d-WXYZ", number) }

    @discardableResult
    func add(
      _ numbers: some Sequence<Int>, _ product: String = "p", file: UInt8 = 1, expires: Int64? = nil,
      cost: Money? = Money(tenThousandths: 50_000)
    ) async throws -> Set<Int> {
      let id = try await stock.begin(
        file: [UInt8](repeating: file, count: 32), product: product, provider: provider, who: "me")
      return try await stock.add(
        numbers.map {
          NewStockCode(line: $0, code: Pin(Self.code($0)), serial: "s\($0)", cost: cost, expiresAt: expires)
        },
        file: id.id, product: product, provider: provider)
    }

    /// An order that is being sent to the stock.
    func sending(_ quantity: Int = 1) async throws -> Order {
      let id = OrderID.random()
      _ = try await bench.store.add(
        NewOrder(
          id: id, tenantID: bench.tenant, product: "pubg-60", fields: [:], shopReference: nil, priority: .normal,
          quantity: quantity, idempotencyKey: "\(id)", requestHash: [UInt8](repeating: 1, count: 32), trace: nil))
      return try await send(try await bench.load(id))
    }

    func send(_ order: Order) async throws -> Order {
      var move = Transition(order, to: .sending)
      move.send = (provider, .randomReference())
      move.dueIn = .seconds(60)
      return try await bench.store.apply(move)
    }

    func reserve(_ order: Order, _ product: String = "p", by other: StockStore? = nil) async throws -> [String]? {
      switch try await (other ?? stock).reserve(
        reference: order.sendReference ?? "", provider: provider, product: product)
      {
      case .codes(let given): given.map(\.code.secret)
      case .none: []
      case .over: nil
      }
    }

    func complete(_ order: Order, _ pin: String) async throws {
      var move = Transition(order, to: .completed)
      move.sealedPin = try await bench.store.seal(Pin(pin), of: order.id)
      move.sendState = .accepted
      try await bench.store.apply(move)
    }

    func level(_ product: String = "p") async throws -> StockLevel {
      try #require(try await stock.levels().first { $0.product == product })
    }
  }

  @Test func noCodeGoesToTwoOrdersWhoeverAsks() async throws {
    let shop = try await Shop()
    try await shop.add(0..<50)
    let others = try await atOnce(3) { _ in try await shop.bench.reconnected() }.map { try $0.get() }
    let orders = try await atOnce(60) { _ in try await shop.sending() }.map { try $0.get() }
    // Each asks from two processes at once: whoever comes second gets the same or an error, and never another.
    let given = try await atOnce(180) { turn in
      let process = others[turn % 3]
      do { return (turn % 60, try await shop.reserve(orders[turn % 60], by: StockStore(process.store)) ?? []) } catch {
        guard (error as? PostgresError)?.sqlstate == "23505" else { throw error }
        return (turn % 60, [])
      }
    }.map { try $0.get() }
    var byOrder: [Int: Set<String>] = [:]
    for (order, codes) in given { byOrder[order, default: []].formUnion(codes) }
    let all = byOrder.values.flatMap(\.self)
    #expect(byOrder.values.allSatisfy { $0.count <= 1 }, "an order never gets two")
    #expect(Set(all).count == all.count, "no code goes to two")
    // Who was turned away while rows were locked comes again, as dispatchers do.
    for order in orders where try await shop.level().free > 0 { _ = try await shop.reserve(order) }
    let level = try await shop.level()
    #expect(level.free == 0 && level.reserved == 50 && level.given == 0)
    for (index, order) in orders.enumerated() {
      let again = try await shop.reserve(order) ?? []
      let known = try await shop.stock.codes(of: order.sendReference ?? "", provider: shop.provider)
      #expect(again == known.map(\.code.secret) && byOrder[index]?.isSubset(of: again) ?? true)
    }
  }

  @Test func manyCodesOrNone() async throws {
    let shop = try await Shop()
    try await shop.add(0..<5)
    let (three, other) = (try await shop.sending(3), try await shop.sending(3))
    #expect(try await shop.reserve(three) == [0, 1, 2].map(Shop.code))
    #expect(try await shop.reserve(other) == [])
    #expect(try await shop.level().free == 2)
    try await shop.add(5..<6, file: 2)
    #expect(try await shop.reserve(other) == [3, 4, 5].map(Shop.code))
    #expect(try await shop.reserve(three) == [0, 1, 2].map(Shop.code))
    #expect(try await shop.stock.has(1, of: "p", provider: shop.provider) == false)
  }

  @Test func whatExpiresFirstGoesFirstAndWhatHasNever() async throws {
    let shop = try await Shop()
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    try await shop.add(0..<1, file: 1)
    try await shop.add(1..<2, file: 2, expires: now - 1000)
    try await shop.add(2..<3, file: 3, expires: now + 3_600_000)
    try await shop.add(3..<4, "other", file: 4)
    for expected in [[2], [0], []] {
      #expect(try await shop.reserve(try await shop.sending()) == expected.map(Shop.code))
    }
    let level = try await shop.level()
    #expect(level.free == 0 && level.expired == 1 && level.reserved == 2)
  }

  @Test func onlyTheSendUnderWayGetsOne() async throws {
    let shop = try await Shop()
    try await shop.add(0..<3)
    let order = try await shop.sending()
    var move = Transition(order, to: .unresolved, Reason(.answerLost, "gone"))
    move.dueIn = .seconds(5)
    let lost = try await shop.bench.store.apply(move)
    #expect(try await shop.reserve(order) == nil, "the order has moved on")
    #expect(try await shop.stock.codes(of: order.sendReference ?? "", provider: shop.provider).isEmpty)
    // Proved not received: it is sent again, under another reference, and gets its one.
    var back = Transition(lost, to: .pending, Reason(.sendingAgain, "again"))
    back.dueIn = .zero
    let again = try await shop.send(try await shop.bench.store.apply(back))
    #expect(try await shop.reserve(again) == [Shop.code(0)])
    #expect(try await shop.reserve(order) == nil)
    // Set aside, and its sender died: a question finds it; and if a person says that it is not there, the same one goes out.
    var dead = Transition(again, to: .unresolved, Reason(.answerLost, "gone"))
    dead.dueIn = .seconds(5)
    let unresolved = try await shop.bench.store.apply(dead)
    #expect(try await shop.stock.codes(of: again.sendReference ?? "", provider: shop.provider).count == 1)
    var denied = PersonMove(unresolved, to: .pending, .notReceived, who: "me", note: "why")
    denied.dueIn = .zero
    try await shop.bench.store.apply(denied)
    let third = try await shop.send(try await shop.bench.load(order.id))
    #expect(try await shop.reserve(third) == [Shop.code(0)])
    #expect(try await shop.level().reserved == 1)
  }

  @Test func theSameCodesAreNeverThereTwice() async throws {
    let shop = try await Shop()
    #expect(try await shop.add(0..<10) == Set(0..<10))
    #expect(try await shop.add(0..<12) == [10, 11], "the same file again")
    #expect(try await shop.add(5..<13, "other", file: 2) == [12], "nor under another product")
    let known = try await shop.stock.known(
      among: [3, 99].map {
        NewStockCode(line: 7, code: Pin(Shop.code($0)), serial: nil, cost: nil, expiresAt: nil)
      })
    #expect(known.keys.sorted() == [0] && known[0]?.line == 3)
    // What an order got from another provider is no code to sell.
    let order = try await shop.bench.order(.sending, .sent)
    var end = await shop.bench.move(order, to: .completed)
    end.pinFingerprint = try shop.stock.print(of: Pin(Shop.code(99)))
    end.sealedPin = try await shop.bench.store.seal(Pin(Shop.code(99)), of: order.id)
    try await shop.bench.store.apply(end)
    let given = try await shop.stock.known(among: [
      NewStockCode(line: 7, code: Pin(Shop.code(99)), serial: nil, cost: nil, expiresAt: nil)
    ])
    #expect(given[0] == KnownStockCode(id: nil, file: nil, line: nil))
    let dump = try await shop.bench.sql("SELECT string_agg(c::text, '') FROM stock_codes c")[0].text(0)
    #expect(!dump.contains("WXYZ") && !dump.contains(Data("WXYZ".utf8).map { String(format: "%02x", $0) }.joined()))
  }

  @Test func peopleTakeBackOnlyWhatNobodySaw() async throws {
    let shop = try await Shop()
    try await shop.add(0..<4)
    let (done, failed, open) = (try await shop.sending(), try await shop.sending(), try await shop.sending())
    for order in [done, failed, open] { _ = try await shop.reserve(order) }
    try await shop.complete(done, Shop.code(0))
    var sent = Transition(failed, to: .unresolved, Reason(.answerLost, "gone"))
    sent.dueIn = .seconds(5)
    let lost = try await shop.bench.store.apply(sent)
    try await shop.bench.store.apply(PersonMove(lost, to: .failed, .failed, who: "me", note: "refunded"))
    #expect(try await shop.level().given == 1, "before it is noted as well")
    try await shop.stock.settle()
    let level = try await shop.level()
    #expect(level.given == 1 && level.reserved == 2 && level.free == 1)
    // One that ended otherwise is not said to be delivered, though its code is not back yet.
    #expect(try await shop.stock.codes(of: failed.sendReference ?? "", provider: shop.provider).isEmpty)

    func move(_ order: Order, _ to: StockStore.Move) async throws -> [Bool] {
      try await shop.stock.move([], order: order.id, to: to, who: "me", note: "why").map(\.isDone)
    }
    #expect(try await move(done, .available) == [false])
    #expect(try await move(open, .available) == [false])
    #expect(try await move(open, .writtenOff) == [false])
    #expect(try await move(failed, .available) == [true])
    #expect(try await move(failed, .available) == [])
    #expect(try await move(done, .writtenOff) == [true])
    #expect(try await move(done, .available) == [false])
    let free = try await shop.stock.rows(product: "p", provider: shop.provider, state: "free", after: 0, limit: 9)
    #expect(free.count == 2)
    #expect(
      try await shop.stock.move([free[0].id, 999], to: .writtenOff, who: "me", note: "why").map(\.isDone) == [true])
    let end = try await shop.level()
    #expect(end.free == 1 && end.writtenOff == 2 && end.given == 0 && end.reserved == 1)
    #expect(try await shop.stock.move([free[0].id], to: .available, who: "me", note: "found").map(\.isDone) == [true])
    #expect(try await shop.level().free == 2)
    #expect(try await shop.level().writtenOff == 1)
    // In the history of its order.
    let told = try await shop.bench.store.audits(of: failed.id)
    #expect(told.last?.stockMove == .available && told.last?.note.contains("why") == true && told.last?.who == "me")
    #expect(try await shop.bench.store.audits(of: done.id).map(\.stockMove) == [.writtenOff])
    #expect(try await shop.bench.count("stock_moves") == 4)
  }

  @Test func aProductThatRunsOutIsLow() async throws {
    let shop = try await Shop()
    try await shop.add(0..<3)
    #expect(try await !shop.level().isLow)
    try await shop.stock.setLow(3, product: "p", provider: shop.provider)
    #expect(try await !shop.level().isLow)
    _ = try await shop.reserve(try await shop.sending())
    let level = try await shop.level()
    #expect(level.isLow && level.worth == Money(tenThousandths: 100_000))
  }
}
