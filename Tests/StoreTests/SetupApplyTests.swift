import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// A change of the set-up in one transaction: what came in between is seen, and then nothing of it is done.
@Suite(.timeLimit(.minutes(2))) struct SetupApplyTests {
  @Test func whatSomebodyElseChangedMeanwhileIsNotWrittenOver() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    let seen = try await setup.snapshot(Directory(store: bench.store)).stamp
    try await setup.addTenant("other")
    let steps: [SetupStep] = [.addTenant("kiosk")]
    #expect(try await setup.apply(steps, seen: seen, by: "ayse", as: "apply", lines: ["+ tenant kiosk"]) == .outdated)
    #expect(try await bench.count("tenants", where: "name = 'kiosk'") == 0)
    #expect(try await bench.count("setup_audits") == 0)
    let now = try await setup.snapshot(Directory(store: bench.store)).stamp
    #expect(try await setup.apply(steps, seen: now, by: "ayse", as: "apply", lines: ["+ tenant kiosk"]) == .done)
    #expect(try await bench.count("tenants", where: "name = 'kiosk'") == 1)
    let audit = try await setup.audits(limit: 10)
    #expect(audit.map(\.who) == ["ayse"] && audit[0].changes == ["+ tenant kiosk"])
  }

  /// The plan saw no order; one was sent before the change was written.
  @Test func anotherAccountIsRefusedWithTheRestWhileAnOrderIsThere() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    let snapshot = try await setup.snapshot(Directory(store: bench.store))
    _ = try await bench.order(.sending)
    let old = try #require(snapshot.providers.first)
    var new = Setup.NewProvider.sample(old.name)
    new.baseURL = "http://elsewhere.example"
    let steps: [SetupStep] = [
      .addTenant("kiosk"), .changeProvider(new, ProviderTerms(currency: "TRY"), over: old, toOtherAccount: true),
    ]
    let refused = try await setup.apply(steps, seen: snapshot.stamp, by: "ayse", as: "apply", lines: [])
    guard case .refused(let why) = refused else {
      Issue.record("\(refused)")
      return
    }
    #expect(why.contains("orders are open or held at znet"))
    #expect(try await bench.count("tenants", where: "name = 'kiosk'") == 0)
    #expect(try await bench.count("providers", where: "base_url LIKE '%elsewhere%' OR currency IS NOT NULL") == 0)
  }

  @Test func whatHistoryNeedsStays() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    _ = try await bench.order(.sending, .failed)
    for step in [SetupStep.removeProvider("znet"), .removeTenant("shop")] {
      let refused = try await setup.apply([step], seen: nil, by: "ayse", as: "remove", lines: [])
      guard case .refused = refused else {
        Issue.record("\(refused)")
        continue
      }
    }
    #expect(try await bench.count("providers") == 1)
    #expect(try await bench.count("tenants") == 1)
    #expect(try await setup.use(ofProvider: "znet").hasHistory)
    #expect(try await setup.use(ofTenant: "shop").hasOrders)
  }

  /// The last route of a product is looked at in the transaction that takes it away.
  @Test func theLastRouteStaysForAnOrderThatHasJustComeIn() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    let order = try await bench.order()
    _ = try await setup.addRoute(
      tenant: "shop", product: order.product, provider: "znet", parameters: ["oyun": "1"], position: 1)
    func remove(isLast: Bool) async throws -> Setup.Applied {
      try await setup.apply(
        [.removeRoute(tenant: "shop", product: order.product, position: 1, isLast: isLast)], seen: nil, by: "ayse",
        as: "apply", lines: [])
    }
    guard case .refused = try await remove(isLast: true) else {
      Issue.record("it was removed")
      return
    }
    #expect(try await bench.count("routes") == 1)
    #expect(try await remove(isLast: false) == .done)
    #expect(try await bench.count("routes") == 0)
  }
}
