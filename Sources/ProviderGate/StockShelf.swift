import Adapters
public import EventLoop
import Orders
public import Store

/// Whether a stock has what an order wants: asked before an intent is committed, so that an order that nothing is there for
/// waits as one whose provider has no money. What is given out, the send itself decides.
@LoopActor
public final class StockShelf {
  /// What was read is used for so long, unless a send found nothing.
  private static let ageMax = Duration.seconds(1)

  private struct Key: Hashable {
    let provider: Int64
    let product: ExactText
    let count: Int
  }

  private let stock: StockStore
  private let directory: Directory
  private var known: [Key: (has: Bool, readAt: ContinuousClock.Instant)] = [:]

  public nonisolated init(_ store: Store, _ directory: Directory) {
    stock = StockStore(store)
    self.directory = directory
  }

  /// The product of the stock that an order lacks; nil when there is enough, the provider is no stock, or that can't be
  /// said.
  public func lack(at provider: Provider, tenant: Int64, product: String, count: Int) async -> String? {
    guard provider.adapter == StockStore.adapter,
      let route = try? await directory.routes(tenant: tenant, product: product).first(where: {
        $0.providerID == provider.id
      }), let wanted = Stock.product(of: route.parameters)
    else { return nil }
    let key = Key(provider: provider.id, product: ExactText(wanted), count: count)
    if let found = known[key], ContinuousClock.now - found.readAt < Self.ageMax { return found.has ? nil : wanted }
    guard let has = try? await stock.has(count, of: wanted, provider: provider.id) else { return nil }
    known[key] = (has, ContinuousClock.now)
    return has ? nil : wanted
  }

  /// A send of the provider found less than this thinks that there is.
  func forget(_ provider: Int64) { known = known.filter { $0.key.provider != provider } }
}
