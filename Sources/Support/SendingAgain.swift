public import EventLoop
import OrderWork
public import Orders
public import Store

/// Where an order goes that is sent again, as its routes and providers are now, and what it costs there.
public struct SendingAgain: Sendable, Hashable {
  public let provider: String
  /// Nil where nobody knows.
  public let cost: Money?
  public let currency: String?

  /// `to panel, for 32.5 TRY`.
  public var words: String {
    "to \(provider), for " + (cost.map { "\($0)" + (currency.map { " \($0)" } ?? "") } ?? "a sum that nobody knows")
  }

  /// Nil when no route is left.
  @LoopActor
  public static func read(_ order: Order, _ sources: SupportSources) async throws -> SendingAgain? {
    let finder = RouteFinder(
      store: sources.store, directory: sources.directory, outlooks: ShownOutlooks(sources))
    guard let found = try await finder.next(for: order, isSentAgain: true),
      let provider = try await sources.directory.provider(found.route.providerID)
    else { return nil }
    let catalog = try await sources.store.catalogCost(
      tenant: order.tenantID, product: order.product, provider: provider.id)
    let last = provider.id == order.providerID ? try await sources.store.sends(of: order.id).last?.cost : nil
    return SendingAgain(
      provider: provider.name,
      cost: [catalog.map { $0 * max(1, order.quantity) }, last].compactMap(\.self).max(), currency: provider.currency)
  }
}
