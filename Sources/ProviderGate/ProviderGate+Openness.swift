import EventLoop
public import Orders
public import Store

/// What a shop is told of where a product goes, without the provider's name.
extension ProviderGate {
  /// Whether a provider takes orders of a product now; nil when that can't be read.
  ///
  /// Hardly ever more than a second old. Costs the shared state a question a second for each provider and one for each
  /// product whose provider tells its balance.
  public func isOpen(_ provider: Provider, for route: Route) async -> Bool? {
    guard provider.pausedAt == nil else { return false }
    guard let state = await view(provider) else { return nil }
    guard state.mode != Breaker.Mode.open.rawValue else { return false }
    guard await shelf.lack(at: provider, tenant: route.tenantID, product: route.product, count: 1) == nil else {
      return false
    }
    guard let balance = state.balance else { return true }
    let name = Self.name(of: route.product, tenant: route.tenantID)
    guard let price = try? await limiter.price(of: name, at: provider.id) else { return nil }
    return !price.isTooMuch(for: balance)
  }

  /// What a product costs at a provider: what it was last accepted for, else what the catalogue asks; nil when neither is
  /// known.
  ///
  /// - Parameter route: of the product; one of a sandbox stands for that of its tenant, which has its own price.
  public func cost(at provider: Provider, of route: Route) async -> Money? {
    let tenant = route.tenantInLife
    let price = try? await limiter.price(of: Self.name(of: route.product, tenant: tenant), at: provider.id)
    if let cost = price?.cost { return Money(tenThousandths: cost) }
    return await catalog.cost(tenant: tenant, product: route.product, provider: provider.id)
      .map { Money(tenThousandths: $0) }
  }

  /// As the shared state has it.
  static func name(of product: String, tenant: Int64) -> String { "\(tenant)/\(product)" }
}
