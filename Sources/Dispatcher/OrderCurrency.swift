import EventLoop
import Orders
import Store

extension Directory {
  /// What an order's cost is in; nil where it has none to show, or nobody said what its provider's account is kept in.
  @LoopActor
  func currency(of order: Order) async throws -> String? {
    guard OrderJSON.cost(of: order) != nil, let provider = order.providerID else { return nil }
    return try await self.provider(provider)?.currency
  }
}
