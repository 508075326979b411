import EventLoop
import Orders
import Store

/// What catalogues ask for products, kept for a while: it is needed for every send, and changes when somebody reads a
/// catalogue again.
@LoopActor
final class CatalogCosts {
  /// A cost is read again after this.
  nonisolated static let ageMax = Duration.seconds(60)
  /// More are forgotten all at once.
  private static let countMax = 10_000

  private struct Key: Hashable {
    let tenant: Int64
    let product: String
    let provider: Int64
  }

  private let store: Store
  private var known: [Key: (price: (cost: Money, age: Duration)?, readAt: ContinuousClock.Instant)] = [:]

  nonisolated init(store: Store) { self.store = store }

  /// In ten-thousandths; nil when the catalogue does not say, or can't be read now: then the provider's own answers tell.
  func cost(tenant: Int64, product: String, provider: Int64) async -> Int64? {
    await price(tenant: tenant, product: product, provider: provider)?.cost.tenThousandths
  }

  /// The same, with how long ago the catalogue was read.
  func price(tenant: Int64, product: String, provider: Int64) async -> (cost: Money, age: Duration)? {
    let key = Key(tenant: tenant, product: product, provider: provider)
    if let (price, readAt) = known[key], ContinuousClock.now - readAt < Self.ageMax {
      return price.map { ($0.cost, $0.age + (ContinuousClock.now - readAt)) }
    }
    do {
      let price = try await store.catalogPrice(tenant: tenant, product: product, provider: provider)
      if known.count >= Self.countMax { known = [:] }
      known[key] = (price, ContinuousClock.now)
      return price
    } catch {
      return known[key]?.price
    }
  }
}
