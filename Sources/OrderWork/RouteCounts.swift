import EventLoop
import Orders
import Store
import Telemetry

/// What is counted of the routes that orders take.
extension Instruments {
  @LoopActor func describeRoutes() {
    metrics.describe(
      "sevk_route_choices_total", "counter", "Sends of products with several routes, by why they went to the provider")
    metrics.describe(
      "sevk_provider_price_differences_total", "counter",
      "Accepted sends that cost something else than the provider's catalogue said")
  }

  @LoopActor func count(_ why: RouteChoice.Why, of provider: Provider) {
    metrics.add("sevk_route_choices_total", ["provider": provider.name, "why": why.rawValue])
  }

  /// - Parameters:
  ///   - cost: what the provider took; nil where it did not say.
  ///   - catalog: what its catalogue asked; nil where that is not known.
  @LoopActor func countPrice(_ provider: Provider, _ cost: Money?, catalog: Money?) {
    guard let cost, let catalog, cost != catalog else { return }
    metrics.add("sevk_provider_price_differences_total", ["provider": provider.name])
  }
}
