import EventLoop
import Orders
import Store
import Support

/// What is in the database and not in a set-up file: told, or removed where that was asked for and nothing needs it.
@LoopActor
struct SetupPruner {
  let setup: Setup
  let snapshot: SetupSnapshot
  let file: SetupFile
  let isPruning: Bool

  /// What needs others comes first, so that they can go after it.
  func add(to plan: inout SetupPlan) async throws {
    try await routes(&plan)
    tokens(&plan)
    endpoints(&plan)
    try await providers(&plan)
    partners(&plan)
    try await tenants(&plan)
  }

  private func take(_ thing: SetupThing, _ step: SetupStep, _ plan: inout SetupPlan) {
    if isPruning { plan.remove(thing, step) } else { plan.left.append(thing) }
  }

  private func routes(_ plan: inout SetupPlan) async throws {
    guard let wanted = file.routes else { return }
    let titles = Set(wanted.map(\.thing.title))
    for route in snapshot.routes {
      let thing = SetupThing.route(SetupSnapshot.asNew(route))
      guard !titles.contains(thing.title) else { continue }
      let isLast = !wanted.contains { $0.route.tenant == route.tenant && $0.route.product.isExactly(route.product) }
      if isPruning, isLast {
        let open = try await setup.unsettledOrders(tenant: route.tenant, product: route.product)
        if open > 0 {
          let sentence = "\(thing.title): " + RemoveCommands.refusal(unsettled: open, route.product)
          if !plan.refused.contains(sentence) { plan.refused.append(sentence) }
        }
      }
      take(
        thing, .removeRoute(tenant: route.tenant, product: route.product, position: route.position, isLast: isLast),
        &plan)
    }
  }

  private func tokens(_ plan: inout SetupPlan) {
    guard let wanted = file.tokens else { return }
    let titles = Set(wanted.map(\.thing.title))
    var nameless = 0
    for token in snapshot.workingTokens {
      let thing = SetupSnapshot.thing(token)
      if titles.contains(thing.title) { continue }
      // No file can name it, so no file can mean that it is to go.
      if token.name.isEmpty {
        nameless += 1
      } else {
        take(thing, .revokeToken(token.id), &plan)
      }
    }
    if nameless > 0 {
      plan.notes.append("\(nameless) working tokens have no name and stay: see dispatcher token list")
    }
  }

  private func endpoints(_ plan: inout SetupPlan) {
    guard let wanted = file.endpoints else { return }
    let titles = Set(wanted.map(\.thing.title))
    for endpoint in snapshot.endpoints where !SandboxTenant.isOne(endpoint.tenant) {
      let thing = SetupThing.endpoint(tenant: endpoint.tenant, SetupSnapshot.asWanted(endpoint))
      if !titles.contains(thing.title) { take(thing, .removeEndpoint(endpoint), &plan) }
    }
  }

  private func providers(_ plan: inout SetupPlan) async throws {
    guard let wanted = file.providers else { return }
    for provider in snapshot.namedProviders where !wanted.contains(where: { $0.provider.name == provider.name }) {
      let thing = SetupThing.provider(SetupSnapshot.asNew(provider), snapshot.terms(of: provider))
      if isPruning {
        let staying =
          (file.routes ?? []).filter { $0.route.provider == provider.name }.map(\.thing.title)
          + plan.left.map(\.title).filter { title in
            snapshot.routes.contains {
              $0.provider == provider.name && SetupThing.route(SetupSnapshot.asNew($0)).title == title
            }
          }
          + (file.routes == nil ? snapshot.routes : []).filter { $0.provider == provider.name }
          .map { SetupThing.route(SetupSnapshot.asNew($0)).title }
        let use = try await setup.use(ofProvider: provider.name)
        if let why = RemoveCommands.hindrance(provider: provider.name, use, routes: staying) {
          plan.refused.append(why)
        }
      }
      take(thing, .removeProvider(provider.name), &plan)
    }
  }

  private func partners(_ plan: inout SetupPlan) {
    guard let wanted = file.partners else { return }
    for partner in snapshot.partners where !wanted.contains(where: { $0.name == "\(partner.tenant)/\(partner.name)" }) {
      guard let thing = SetupSnapshot.thing(partner) else { continue }
      take(thing, .removePartner(partner.name, tenant: partner.tenant), &plan)
    }
  }

  private func tenants(_ plan: inout SetupPlan) async throws {
    guard let wanted = file.tenants else { return }
    for name in snapshot.namedTenants where !wanted.contains(name) {
      if isPruning {
        let use = try await setup.use(ofTenant: name)
        let removed = plan.changes.filter { $0.act == .remove }.map(\.thing.title)
        var things = snapshot.routes.filter { $0.tenant == name }.map { SetupThing.route(SetupSnapshot.asNew($0)) }
        things += snapshot.workingTokens.filter { $0.tenant == name }.map(SetupSnapshot.thing)
        things += snapshot.partners.filter { $0.tenant == name }.compactMap(SetupSnapshot.thing)
        things += snapshot.endpoints.filter { $0.tenant == name }
          .map { SetupThing.endpoint(tenant: name, SetupSnapshot.asWanted($0)) }
        let staying = things.map(\.title).filter { !removed.contains($0) } + named(by: name)
        if let why = RemoveCommands.hindrance(tenant: name, use, staying: staying) { plan.refused.append(why) }
      }
      take(.tenant(name), .removeTenant(name), &plan)
    }
  }

  /// What of the file is to be a tenant's.
  private func named(by tenant: String) -> [String] {
    (file.routes ?? []).filter { $0.route.tenant == tenant }.map(\.thing.title)
      + (file.tokens ?? []).filter { $0.new?.tenant == tenant }.map(\.thing.title)
      + (file.partners ?? []).filter { $0.partner.tenant == tenant }.map(\.thing.title)
      + (file.endpoints ?? []).filter { $0.tenant == tenant }.map(\.thing.title)
  }
}
