import EventLoop
import Orders
import Store
import Telemetry

/// Finds orders by what a customer or a shop can name.
@LoopActor
struct SearchPage {
  private static let foundMax = 50
  private static let textCharactersMax = 200

  let store: Store

  func find(_ text: String) async throws -> [Order] {
    let text = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    // PostgreSQL has no texts with a zero byte.
    guard !text.isEmpty, text.count <= Self.textCharactersMax, !text.contains("\0") else { return [] }
    if let id = OrderID(String(text)), let order = try await store.order(id) { return [order] }
    return try await store.orders(matching: String(text), limit: Self.foundMax)
  }

  func page(_ text: String, _ found: [Order]) async throws -> PageModel {
    let lead =
      switch found.count {
      case 0:
        "There is no order with this id, reference or player id. All of it must be given, and it counts upper case."
      case Self.foundMax: "More than one order fits; the newest \(Self.foundMax) are shown."
      default: "\(found.count) orders fit, the newest first."
      }
    return PageModel(
      title: "Search · Sevk", heading: "Search: \(text)", lead: lead, tone: found.isEmpty ? .warning : .muted,
      asOf: Timestamp.rfc3339(Int64(Clock.unixMilliseconds())), isLive: false,
      tables: found.isEmpty
        ? []
        : [
          OrderTables.list(
            found, tenants: try await store.tenantNames(), providers: try await store.providerNames(), id: "found",
            caption: "Orders", empty: "None.")
        ])
  }
}
