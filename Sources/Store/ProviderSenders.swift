/// Who has routes to a provider.
public struct ProviderSenders: Sendable {
  private var tenants: Set<Int64> = []

  /// The flow of an order at the provider, see `Breaker.Flow`: the orders of its shop or, where there is no other shop,
  /// of its product.
  public func flow(tenant: Int64, product: String) -> String {
    tenants.count > 1 ? "shop \(tenant)" : "product \(product)"
  }

  static func all(_ routes: some Sequence<Route>) -> [Int64: ProviderSenders] {
    var senders: [Int64: ProviderSenders] = [:]
    for route in routes { senders[route.providerID, default: ProviderSenders()].tenants.insert(route.tenantID) }
    return senders
  }
}
