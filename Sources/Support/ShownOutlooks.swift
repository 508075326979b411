import EventLoop
import Orders
import ProviderGate
import Redis
import Store

/// What people are told that orders choose their routes by: only looks, and probes nobody.
struct ShownOutlooks: RouteOutlooks {
  let limiter: ProviderLimiter
  let store: Store

  init(_ sources: SupportSources) {
    limiter = ProviderLimiter(client: sources.redis)
    store = sources.store
  }

  func outlook(_ provider: Provider, for route: Route) async -> RouteOutlook {
    RouteOutlook(
      provider, try? await limiter.state(of: provider.id),
      try? await limiter.price(of: "\(route.tenantID)/\(route.product)", at: provider.id),
      catalog: try? await store.catalogPrice(
        tenant: route.tenantID, product: route.product, provider: provider.id))
  }
}
