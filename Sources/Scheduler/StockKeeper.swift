import CommandLine
import EventLoop
import Orders
import Store

/// Notes of codes that were set aside that their orders got them, and tells operators of products that run out.
@LoopActor
struct StockKeeper {
  static let interval = Duration.seconds(10)
  /// What ends sooner is no news.
  private static let stayMin = Duration.seconds(15)

  private let stock: StockStore
  private let notices: Notices

  init(store: Store) {
    stock = StockStore(store)
    notices = Notices(store: store)
  }

  func look() async throws {
    try await stock.settle()
    let levels = try await stock.levels()
    for (provider, levels) in Dictionary(grouping: levels, by: \.providerID) {
      guard let name = levels.first?.provider, levels.contains(where: { $0.low != nil }) else { continue }
      let low = levels.filter(\.isLow)
      let products = low.map { level in
        JSONText.object(["product": JSONText.quote(level.product), "free": "\(level.free)", "low": "\(level.low ?? 0)"])
      }
      try await notices.note(
        "stock", of: provider, isBad: !low.isEmpty, after: Self.stayMin,
        event: (
          low.isEmpty ? .stockEnough : .stockLow, "stock/\(name)",
          JSONText.object(["provider": JSONText.quote(name), "products": JSONText.array(products)])
        ))
    }
  }
}
