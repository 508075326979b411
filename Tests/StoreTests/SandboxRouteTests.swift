import Orders
import Postgres
import Testing

@testable import Store

/// A sandbox has its tenant's routes, all to the panel; between the two worlds there is no other way, whatever the tables
/// say.
@Suite(.timeLimit(.minutes(1)))
struct SandboxRouteTests {
  @Test func theWorldsDoNotMix() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    let template = ["oyun": "1", "oyuncu_bilgi": "{player_id}"]
    _ = try await setup.addRoute(tenant: "shop", product: "code", provider: "znet", parameters: template, position: nil)
    let name = try await setup.addSandbox(of: "shop", knownSend: "0")
    #expect(try await setup.addSandbox(of: "shop", knownSend: "0") == name && name == "shop:sandbox")
    let sandbox = try await bench.sql("SELECT id FROM tenants WHERE name = $1", .text(name)).single().int(0)
    let panel = try await bench.sql("SELECT id FROM providers WHERE adapter = 'sandbox'").single().int(0)

    var directory = Directory(store: bench.store)
    let route = try #require(try await directory.routes(tenant: sandbox, product: "code").first)
    #expect(route.providerID == panel && route.tenantID == sandbox)
    #expect(route.standsFor == bench.provider && route.tenantInLife == bench.tenant && route.parameters == template)
    #expect(try await directory.routes(tenant: bench.tenant, product: "code").map(\.providerID) == [bench.provider])
    let isKnown = await (directory.isSandboxKnown(sandbox), directory.isSandboxKnown(bench.tenant))
    #expect(isKnown == (true, false))
    #expect(try await directory.firstRoutes(tenant: sandbox).map(\.product) == ["code"])

    // By hand: a route of the sandbox's own to the real provider, and real ones to the panel.
    for (tenant, product, provider, position) in [
      (sandbox, "code", bench.provider, 1), (sandbox, "other", bench.provider, 1), (bench.tenant, "code", panel, 2),
      (bench.tenant, "free", panel, 1),
    ] {
      _ = try await bench.sql(
        "INSERT INTO routes (tenant_id, product, provider_id, parameters, position) VALUES ($1, $2, $3, '{}', $4)",
        .int(tenant), .text(product), .int(provider), .int(position))
    }
    directory = Directory(store: bench.store)
    #expect(try await directory.routes(tenant: sandbox, product: "code").map(\.providerID) == [panel])
    #expect(try await directory.routes(tenant: sandbox, product: "other").isEmpty)
    #expect(try await directory.routes(tenant: sandbox, product: "free").isEmpty)
    #expect(try await directory.routes(tenant: bench.tenant, product: "code").map(\.providerID) == [bench.provider])
    #expect(try await directory.routes(tenant: bench.tenant, product: "free").isEmpty)
  }

  @Test func onlyASandboxsSendsAreInItsBooks() async throws {
    let bench = try await Bench()
    _ = try await Setup(store: bench.store).addSandbox(of: "shop", knownSend: "0")
    let sandbox = try await bench.sql("SELECT id FROM tenants WHERE sandbox_of IS NOT NULL").single().int(0)
    let panel = try await bench.sql("SELECT id FROM providers WHERE adapter = 'sandbox'").single().int(0)
    for (tenant, provider, isThere) in [
      (sandbox, panel, true), (bench.tenant, panel, false), (sandbox, bench.provider, false),
    ] {
      let new = await bench.newOrder(tenant: tenant)
      _ = try await bench.store.add(new)
      var move = await bench.move(try await bench.load(new.id), to: .sending)
      let reference = String.randomReference()
      move.send = (provider, reference)
      try await bench.store.apply(move)
      let send = try await bench.store.sandboxSend(reference: reference)
      #expect((send != nil) == isThere)
      if let send { #expect(send.player == "5123" && send.number == 1 && !send.isDeliverySaid) }
    }
    #expect(try await bench.store.orderCounts().counts[.sending] == 1, "a sandbox's orders are in no gauge")
    // Names are the mark of a sandbox, so nothing else has such a one.
    for (name, parent) in [("x:sandbox", nil), ("x", bench.tenant), ("shop:sandbox", bench.tenant)]
      as [(String, Int64?)]
    {
      await #expect(throws: PostgresError.self) {
        _ = try await bench.sql("INSERT INTO tenants (name, sandbox_of) VALUES ($1, $2)", .text(name), .int(parent))
      }
    }
  }
}
