import Orders
import Support

/// Lists of orders.
enum OrderTables {
  private static let unread = "This could not be read."

  /// - Parameters:
  ///   - tenants: names by id, as `providers`.
  static func held(
    _ orders: [Order]?, count: Int?, tenants: [Int64: String], providers: [Int64: String]
  ) -> PageModel.Table {
    let rows = (orders ?? []).map { order in
      PageModel.Row(
        key: order.id.description,
        cells: [
          name(order), atProvider(order, providers), .init(tenants[order.tenantID] ?? ""), .init(order.player ?? ""),
          .init(order.reason ?? ""), .init(Timestamp.rfc3339(order.updatedAt), .time),
          .init("worker order show \(order.id)", .command),
        ])
    }
    let shown = (orders ?? []).count
    let more = count.map { $0 > shown ? "The first \(shown) of \($0). " : "" } ?? ""
    return PageModel.Table(
      id: "held", caption: "Orders that need a person",
      note: rows.isEmpty ? "" : more + "Each order’s page has the commands that decide about it.",
      columns: ["Order", "At the provider", "Tenant", "Player", "Reason", "Since", "Command"], rows: rows,
      empty: orders == nil ? unread : "None.")
  }

  static func newest(
    _ orders: [Order]?, tenants: [Int64: String], providers: [Int64: String]
  ) -> PageModel.Table {
    list(
      orders ?? [], tenants: tenants, providers: providers, id: "newest", caption: "Newest orders",
      empty: orders == nil ? unread : "None yet.")
  }

  static func list(
    _ orders: [Order], tenants: [Int64: String], providers: [Int64: String], id: String, caption: String, empty: String
  ) -> PageModel.Table {
    let rows = orders.map { order in
      PageModel.Row(
        key: order.id.description,
        cells: [
          name(order), .init(tenants[order.tenantID] ?? ""), .init(order.product),
          .init(order.player ?? ""), .init(order.status.rawValue, .badge, tone: tone(order.status)),
          atProvider(order, providers), .init(Timestamp.rfc3339(order.updatedAt), .time),
        ])
    }
    return PageModel.Table(
      id: id, caption: caption,
      columns: ["Order", "Tenant", "Product", "Player", "Status", "At the provider", "Changed"], rows: rows,
      empty: empty)
  }

  /// What each endpoint was told of an order.
  static func told(_ told: [Told]) -> PageModel.Table {
    let rows = told.map { one in
      PageModel.Row(
        key: one.endpoint,
        cells: [
          .init(one.endpoint), one.version.map { .number(Int($0)) } ?? .init("nothing yet"),
          one.at.map { .init($0, .time) } ?? .init(""), one.applied.map { .number(Int($0)) } ?? .init(""),
          .init(one.state, tone: one.isUpToDate ? .good : .warning), one.nextAt.map { .init($0, .time) } ?? .init(""),
        ])
    }
    return PageModel.Table(
      id: "told", caption: "Told",
      note: rows.isEmpty
        ? "" : "The newest version that each endpoint was posted, and which its receiver says it has applied.",
      columns: ["Endpoint", "Version", "When", "Applied", "State", "Next try"], rows: rows,
      empty: "Nobody: no endpoint of this tenant wanted it.")
  }

  static func tone(_ status: Status) -> PageModel.Tone {
    switch status {
    case .completed: .good
    case .held, .unresolved, .contested: .warning
    case .failed: .bad
    case .pending, .sending, .sent, .cancelled: .muted
    }
  }

  /// The shop's name for it, else ours.
  static func name(_ order: Order) -> PageModel.Cell {
    .init(order.shopReference ?? order.id.description, link: "/orders/\(order.id)")
  }

  /// Where it is, and under which reference: what one looks for on the provider's panel.
  static func atProvider(_ order: Order, _ providers: [Int64: String]) -> PageModel.Cell {
    .init([order.providerID.flatMap { providers[$0] }, order.sendReference].compactMap(\.self).joined(separator: " "))
  }
}
