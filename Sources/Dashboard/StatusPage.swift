import CommandLine
import EventLoop
import Orders
import Store
import Telemetry

/// The orders of one status, newest first, a page at a time.
@LoopActor
struct StatusPage {
  private static let shownMax = 50

  let store: Store

  /// - Parameters:
  ///   - text: nil is the answer when this is no status.
  ///   - after: the last order of the page before.
  func page(_ text: String, after: String?) async throws -> PageModel? {
    guard let status = Status(rawValue: text) else { return nil }
    var search = OrderSearch()
    search.statuses = [status]
    search.limit = Self.shownMax
    search.after = after.flatMap { OrderID($0) }
    let found = try await store.search(search, nowMilliseconds: LocalTime.now)
    var table = OrderTables.list(
      found.orders, tenants: try await store.tenantNames(), providers: try await store.providerNames(), id: "found",
      caption: "Orders",
      empty: found.next == nil ? "None." : "None among the \(found.lookedAt) orders that were looked at.")
    table.more = found.next.map { "/status/\(status.rawValue)?after=\($0)" }
    return PageModel(
      title: "\(status.rawValue) · Sevk", heading: "Orders that are \(status.rawValue)",
      lead: "\(status.meaning.prefix(1).uppercased())\(status.meaning.dropFirst()). Newest first.",
      tone: OrderTables.tone(status), asOf: Timestamp.rfc3339(Int64(Clock.unixMilliseconds())), isLive: false,
      tables: [table])
  }
}
