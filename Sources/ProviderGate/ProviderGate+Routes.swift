import EventLoop
public import Orders
public import Store
import Telemetry

/// What orders with several routes choose by.
extension ProviderGate: RouteOutlooks {
  /// More outlooks are forgotten all at once.
  private static let outlooksMax = 10_000
  /// Orders that every provider is shut or too dear for look again after this.
  public nonisolated static let lookAgainPause = Duration.seconds(10)

  /// Hardly ever more than a second old: costs the shared state two questions a second for a product of a provider, however
  /// many orders ask. A provider that is shut is probed as if an order stood at its gate, since none does when they all go
  /// elsewhere.
  public func outlook(_ provider: Provider, for route: Route) async -> RouteOutlook {
    let key = OutlookKey(provider: provider.id, product: Self.name(of: route.product, tenant: route.tenantID))
    if let known = outlooks[key], ContinuousClock.now - known.readAt < Self.viewAgeMax,
      (provider.pausedAt != nil) == (known.outlook.shut?.why == .paused)
    {
      return known.outlook.aged(by: ContinuousClock.now - known.readAt)
    }
    let outlook = await read(provider, route, product: key.product)
    if outlooks.count >= Self.outlooksMax { outlooks = [:] }
    outlooks[key] = (outlook, .now)
    return outlook
  }

  /// Forgets what was known of a provider, since it has just said otherwise to an order.
  public func forgetOutlook(_ provider: Provider, for route: Route) {
    let key = OutlookKey(provider: provider.id, product: Self.name(of: route.product, tenant: route.tenantID))
    // Another order may have been told the same, and what is known now is what came of it.
    guard let known = outlooks[key], known.outlook.shut == nil else { return }
    outlooks[key] = nil
    forgetView(provider.id)
  }

  /// When an order that waits for another provider comes to this one, if not before `after`: see `provider_turn.lua`.
  public func turn(at provider: Provider, after: Duration) async -> Duration {
    // Without the shared state nothing is sent anyway.
    (try? await limiter.turn(at: provider.id, limits(provider), after: after)) ?? after
  }

  /// How long an order at the gate waits that may go on to another provider: until it goes on, if that is sooner than it
  /// would come back. While that one is shut as well, it looks again now and then, and takes whichever opens first.
  public func wait(
    _ pause: Duration, for order: Order, _ goesOn: (provider: Provider, after: Duration, isOpen: Bool)?
  ) async -> Duration {
    guard let goesOn else { return pause }
    let from = max(goesOn.after, goesOn.isOpen ? Self.memoryWaitMax : Self.lookAgainPause)
    guard pause > from else { return pause }
    if order.priority == .high { return from }
    return min(pause, await turn(at: goesOn.provider, after: from))
  }

  /// An order goes back to the queue since every route asks more than it may.
  public func countTooDear(_ provider: Provider) {
    metrics.add("sevk_provider_waits_total", ["provider": provider.name, "why": "price"])
  }

  private func read(_ provider: Provider, _ route: Route, product: String) async -> RouteOutlook {
    let state = await view(provider)
    let price = try? await limiter.price(of: product, at: provider.id)
    let catalog = await catalog.price(tenant: route.tenantID, product: route.product, provider: provider.id)
    var outlook = RouteOutlook(provider, state, price, catalog: catalog)
    if outlook.shut == nil,
      await shelf.lack(at: provider, tenant: route.tenantID, product: route.product, count: 1) != nil
    {
      let since = price?.waitsSince.flatMap { moment in state?.age(of: moment) } ?? .zero
      outlook.shut = .init(.stock, for: since)
      return outlook
    }
    guard let shut = outlook.shut, shut.why != .paused, let state else { return outlook }
    if state.mode == Breaker.Mode.open.rawValue {
      if state.untilProbe == .zero, let probe = try? await limiter.probeIfDue(provider.id, limits(provider)) {
        startProbe(probe, provider)
      }
      return outlook
    }
    // Stands at the gate without wanting to go in: the balance is asked for when that is due, and when an order is to be
    // tried all the same, that is known.
    let looks = SlotRequest(
      token: "", product: product, catalogCost: catalog?.cost.tenThousandths, isUrgent: true, isLastTry: false,
      isShutOut: true, limits: limits(provider))
    guard let place = try? await limiter.enter(provider.id, looks) else { return outlook }
    if let probe = place.probe { startProbe(probe, provider) }
    if case .wait(.slots, _) = place.answer { outlook.shut = nil }
    return outlook
  }
}

/// A product, as the shared state names it, at a provider.
struct OutlookKey: Hashable {
  let provider: Int64
  let product: String
}
