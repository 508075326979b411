public import Orders
public import Store

extension Directory {
  /// Longest that a desk may be given to find somebody.
  public nonisolated static let acceptWithinMax = Duration.seconds(7 * 86_400)

  /// The flow of an order's jobs: its tenant's orders at its provider. So the flood of one tenant, or the orders that one
  /// provider does not take, don't delay those of others.
  ///
  /// - Parameter provider: where the order is; nil for one that was not sent yet and will probably go where its product
  ///   goes first.
  public func flow(tenant: Int64, product: String, provider: Int64?) -> String {
    let provider = provider ?? firstProviderKnown(tenant: tenant, product: product)
    return "\(tenant)/\(provider.map(String.init) ?? "-")"
  }

  /// The flow of the jobs of `order`.
  public func flow(_ order: Order) -> String {
    flow(tenant: order.tenantID, product: order.product, provider: order.providerID)
  }

  /// The longest wait that anyone plans for an order of this provider. A due time further ahead was written while a clock
  /// was wrong, and such an order is due.
  ///
  /// - Parameter schedule: for providers that set none of their own.
  func pauseMax(of provider: Int64?, _ schedule: CheckSchedule) async -> Duration {
    guard let provider, let known = try? await self.provider(provider) else { return schedule.pauseMax }
    let schedule = known.schedule(schedule)
    // Whoever has an order at a desk is given until its deadline, and offers last as long as the desk says.
    return known.adapter == FulfilmentStore.adapter
      ? max(schedule.deadline, Self.acceptWithinMax) : schedule.pauseMax
  }
}
