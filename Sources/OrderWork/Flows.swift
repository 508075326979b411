public import Orders
public import Process
import Store

extension ProcessFrame {
  /// The flow of an order's jobs: its tenant's orders at its provider. So the flood of one tenant, or the orders that one
  /// provider does not take, don't delay those of others.
  ///
  /// - Parameter provider: where the order is; nil for one that was not sent yet and will probably go where its product
  ///   goes first.
  public func flow(tenant: Int64, product: String, provider: Int64?) -> String {
    let provider = provider ?? directory.firstProviderKnown(tenant: tenant, product: product)
    return "\(tenant)/\(provider.map(String.init) ?? "-")"
  }

  /// The flow of the jobs of `order`.
  public func flow(_ order: Order) -> String {
    flow(tenant: order.tenantID, product: order.product, provider: order.providerID)
  }
}
