import EventLoop
import Store

/// How the pages of tenants look, as it was a moment ago.
@LoopActor
final class PageLooks {
  /// As long as the directory of tokens and routes.
  private static let ageMax = Directory.ageMax
  private let store: Store
  private var kept: [Int64: (page: TenantPage, at: ContinuousClock.Instant)] = [:]

  nonisolated init(_ store: Store) { self.store = store }

  func page(of tenant: Int64) async throws -> TenantPage {
    if let (page, at) = kept[tenant], ContinuousClock.now - at < Self.ageMax { return page }
    guard let page = try await store.page(ofTenant: tenant) else {
      throw StoreError.invalid("the tenant \(tenant) of an order is not there")
    }
    kept[tenant] = (page, .now)
    return page
  }
}
