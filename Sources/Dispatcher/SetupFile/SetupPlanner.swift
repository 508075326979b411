import Adapters
import Cipher
import EventLoop
import Orders
import Store
import Support
import Webhooks

/// Compares a set-up file with what is there.
@LoopActor
struct SetupPlanner {
  let setup: Setup
  let snapshot: SetupSnapshot
  let file: SetupFile
  /// Whether what is not in the file is removed.
  let isPruning: Bool

  /// - Throws: what the database throws.
  func plan() async throws -> SetupPlan {
    var plan = SetupPlan(stamp: snapshot.stamp, notes: file.notes)
    for name in file.tenants ?? [] where !snapshot.namedTenants.contains(name) {
      plan.add(.tenant(name), .addTenant(name))
    }
    partners(&plan)
    try await providers(&plan)
    routes(&plan)
    tokens(&plan)
    try endpoints(&plan)
    try await SetupPruner(setup: setup, snapshot: snapshot, file: file, isPruning: isPruning).add(to: &plan)
    return plan
  }

  private func partners(_ plan: inout SetupPlan) {
    for entry in file.partners ?? [] {
      let known = snapshot.partners.first { "\($0.tenant)/\($0.name)" == entry.name }.flatMap(SetupSnapshot.thing)
      let step = SetupStep.putPartner(entry.partner, entry.state)
      guard let known else {
        plan.add(entry.thing, step)
        continue
      }
      let differences = SetupPlan.differences(known, entry.thing)
      if !differences.isEmpty { plan.change(entry.thing, differences, step) }
    }
  }

  private func providers(_ plan: inout SetupPlan) async throws {
    for entry in file.providers ?? [] {
      let (new, terms) = (entry.provider, entry.terms)
      guard let known = snapshot.provider(named: new.name) else {
        if let reference = InnerProviders.knownSend(new.adapter) {
          plan.add(entry.thing, .addProvider(new, terms), .noteKnownSend(reference, provider: new.name))
        } else {
          plan.add(entry.thing, .addProvider(new, terms))
        }
        continue
      }
      let differences = SetupPlan.differences(known, snapshot.terms(of: known), new, terms)
      guard !differences.isEmpty else { continue }
      let isOther = ProviderSet.isOther(new, than: known)
      if isOther {
        let open = try await setup.orders(at: new.name)
        if open > 0 {
          plan.refused.append(
            "\(entry.object.path): " + ProviderSet.refusal(ordersThere: open, new.name)
              + "; then the rest of the file can be applied")
        }
      }
      plan.change(
        entry.thing, differences, .changeProvider(new, terms, over: known, toOtherAccount: isOther))
    }
  }

  private func routes(_ plan: inout SetupPlan) {
    let known = snapshot.routes.map(SetupSnapshot.asNew)
    for entry in file.routes ?? [] {
      let there = known.first {
        $0.tenant == entry.route.tenant && $0.product.isExactly(entry.route.product)
          && $0.position == entry.route.position
      }
      guard let there else {
        plan.add(entry.thing, .putRoute(entry.route))
        continue
      }
      let differences = SetupPlan.differences(.route(there), entry.thing)
      if !differences.isEmpty { plan.change(entry.thing, differences, .putRoute(entry.route)) }
    }
  }

  private func tokens(_ plan: inout SetupPlan) {
    for entry in file.tokens ?? [] {
      let thing = entry.thing
      let there = snapshot.workingTokens.filter { SetupSnapshot.thing($0).title == thing.title }
      guard let known = there.first else {
        let secret = Setup.newSecret()
        if var new = entry.new {
          new.lifetime = entry.lifetime
          plan.add(thing, .addToken(new, secret: secret), secret: secret)
        } else {
          plan.add(
            thing, .addDashboardToken(name: entry.name, roles: entry.roles, lifetime: entry.lifetime, secret: secret),
            secret: secret)
        }
        continue
      }
      let differences = SetupPlan.differences(SetupSnapshot.thing(known), thing)
      guard !differences.isEmpty else { continue }
      guard there.count == 1 else {
        plan.refused.append(
          "\(entry.object.path): there are \(there.count) tokens of that name (\(there.map { "\($0.id)" }.joined(separator: ", ")));"
            + " revoke all but one of them: dispatcher token revoke NUMBER")
        continue
      }
      plan.change(
        thing, differences,
        .changeToken(
          known.id, scopes: entry.new?.scopes ?? DashboardRole.scopes(of: entry.roles),
          ratePerSecond: entry.new?.ratePerSecond, rateBurst: entry.new?.rateBurst))
    }
  }

  private func endpoints(_ plan: inout SetupPlan) throws {
    for entry in file.endpoints ?? [] {
      let there = snapshot.endpoints.first { $0.tenant == entry.tenant && $0.name == entry.wanted.name }
      guard let there else {
        var wanted = entry.wanted
        let secret = RandomBytes.make(EndpointStore.secretBytes)
        wanted.secret = secret
        plan.add(
          entry.thing, .putEndpoint(wanted, tenant: entry.tenant), secret: WebhookSecret.text(secret))
        continue
      }
      let old = SetupThing.endpoint(tenant: there.tenant, SetupSnapshot.asWanted(there))
      let differences = SetupPlan.differences(old, entry.thing)
      if !differences.isEmpty {
        plan.change(entry.thing, differences, .putEndpoint(entry.wanted, tenant: entry.tenant))
      }
    }
  }
}
