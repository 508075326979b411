import Cipher
import EventLoop
import Foundation
import Orders
import Postgres
import TestSupport
import Testing

@testable import Store

/// What an order's page reads and writes.
@Suite(.serialized, .timeLimit(.minutes(2)))
@LoopActor
struct OrderPageStoreTests {
  /// A completed order with a PIN.
  private func completed(_ bench: Bench) async throws -> Order {
    let order = try await bench.order(.sending)
    var end = bench.move(order, to: .completed)
    end.sealedPin = try bench.store.seal(Pin("ABCD-1234"), of: order.id)
    end.pinFingerprint = try bench.store.fingerprint(of: Pin("ABCD-1234"))
    end.sendState = .accepted
    try await bench.store.apply(end)
    return try await bench.load(order.id)
  }

  @Test func aPinIsShownWhileItIsCompletedAndThatIsWrittenDown() async throws {
    let bench = try await Bench()
    let order = try await completed(bench)
    let waiting = try await bench.order()
    #expect(try await bench.store.revealPin(of: waiting.id) == nil)
    #expect(try await bench.count("page_reveals") == 0)
    for _ in 0..<3 { #expect(try await bench.store.revealPin(of: order.id)?.secret == "ABCD-1234") }
    #expect(try await bench.count("page_reveals") == 1, "once a minute")
    _ = try await bench.sql("UPDATE page_reveals SET at = at - interval '2 minutes'")
    _ = try await bench.store.revealPin(of: order.id)
    #expect(try await bench.count("page_reveals") == 2)
    #expect(try await bench.store.pageStory(of: order.id).filter { $0.kind == .pinShown }.count == 2)
    let steps = try await bench.store.timeline(of: order.id)
    #expect(steps.filter { if case .pinShown = $0.kind { true } else { false } }.count == 2)
    _ = try await SecondLooks(bench.store).contest(order, Reason(.secondLook, "taken back"), .sample(.query))
    #expect(try await bench.load(order.id).status == .contested)
    #expect(try await bench.store.revealPin(of: order.id) == nil)
    #expect(try await bench.count("page_reveals") == 2)
    // One whose key is not here is not noted as shown.
    let other = Store(
      pool: bench.pool, vault: try Vault(keys: Data(repeating: 8, count: 32).base64EncodedString()))
    let second = try await bench.order(.sending)
    var end = bench.move(second, to: .completed)
    end.sealedPin = try bench.store.seal(Pin("EFGH-5678"), of: second.id)
    end.pinFingerprint = try bench.store.fingerprint(of: Pin("EFGH-5678"))
    end.sendState = .accepted
    try await bench.store.apply(end)
    await #expect(throws: VaultError.self) { try await other.revealPin(of: second.id) }
    #expect(try await bench.count("page_reveals") == 2)
  }

  @Test func itIsRatedOnceAndStaysCompleted() async throws {
    let bench = try await Bench()
    let waiting = try await bench.order()
    #expect(try await bench.store.rate(waiting.id, OrderRating(stars: 5, text: "")) == false)
    let order = try await completed(bench)
    let outbox = Outbox(pool: bench.pool)
    _ = try await outbox.place(limit: 100)
    let changes = try await bench.store.changedOrders(
      tenant: bench.tenant, statuses: [], updatedAfter: nil, after: .start, limit: 10)
    // Ten at once: one is there first.
    let results = await atOnce(10) { number in
      try await bench.store.rate(order.id, OrderRating(stars: 1 + number % 5, text: "t\(number)"))
    }
    #expect(try results.map { try $0.get() }.filter { $0 }.count == 1)
    let rated = try await bench.load(order.id)
    #expect(rated.version == order.version + 1 && rated.status == .completed && rated.hasPin)
    #expect(rated.reason == order.reason && rated.reasonCode == order.reasonCode)
    let rating = try #require(try await bench.store.rating(of: order.id))
    let events = try await outbox.place(limit: 100).events
    #expect(events.map(\.type) == ["sevk.order.rated"])
    #expect(events.first?.stars == rating.stars && events.first?.version == rated.version)
    #expect(events.first?.status == "completed" && events.first?.reason == nil)
    // Who lists changes meets it again.
    let after = try #require(changes?.next)
    let more = try await bench.store.changedOrders(
      tenant: bench.tenant, statuses: [], updatedAfter: nil, after: after, limit: 10)
    #expect(more?.orders.map(\.id) == [order.id])
    #expect(try await bench.count("unsettled_orders", where: "order_id = '\(order.id)'") == 0)
    // A writer that saw it before is refused, and one that comes after goes on.
    await #expect(throws: StoreError.self) {
      try await bench.store.apply(await bench.move(order, to: .contested))
    }
    let steps = try await bench.store.timeline(of: order.id)
    guard case .rated(rating.stars)? = steps.last?.kind else {
      Issue.record("the story ends with \(String(describing: steps.last))")
      return
    }
  }

  /// The look is owed for the version that ended; a rating makes it one for the version that was rated.
  @Test func aSecondLookOutlivesARating() async throws {
    let bench = try await Bench()
    let order = try await completed(bench)
    _ = try await bench.sql(
      "INSERT INTO second_looks (order_id, version) VALUES ('\(order.id)', \(order.version))")
    #expect(try await bench.store.rate(order.id, OrderRating(stars: 3, text: "")))
    #expect(try await bench.sql("SELECT version FROM second_looks")[0].int(0) == Int64(order.version + 1))
  }

  @Test func aTenantsPageIsChangedInParts() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    #expect(try await bench.store.page(ofTenant: bench.tenant) == TenantPage(tenant: "shop"))
    var change = TenantPage.Change()
    change.name = .some("Ayşe")
    change.logo = .some(.init(.png, [1, 2, 3]))
    #expect(try await setup.changePage(ofTenant: "shop", change))
    #expect(try await setup.changePage(ofTenant: "none", change) == false)
    var second = TenantPage.Change()
    second.showsPin = false
    second.colour = .some("#00695c")
    #expect(try await setup.changePage(ofTenant: "shop", second))
    #expect(
      try await bench.store.page(ofTenant: bench.tenant)
        == TenantPage(
          tenant: "shop", name: "Ayşe", colour: "#00695c", logo: .init(.png, [1, 2, 3]), showsPin: false))
    var third = TenantPage.Change()
    (third.logo, third.name) = (.some(nil), .some(nil))
    #expect(try await setup.changePage(ofTenant: "shop", third))
    #expect(
      try await bench.store.page(ofTenant: bench.tenant)
        == TenantPage(tenant: "shop", colour: "#00695c", showsPin: false))
    #expect(try await setup.tenants().first?.pageColour == "#00695c")
  }
}
