import CommandLine
import Orders
import Store

/// Several orders, a line each.
struct OrderListText {
  let page: OrderPage
  /// Names by id.
  let tenants: [Int64: String]
  let providers: [Int64: String]

  /// Less of a reason than this says nothing.
  private static let reasonColumnsMin = 20
  private static let nameColumnsMax = 20
  private static let gap = 2

  private struct Column {
    let title: String
    /// The lowest are kept where there is no room for all.
    let rank: Int
    let cells: [String]
    var widthMax: Int?
    var width: Int {
      let natural = ([title] + cells).lazy.map { DisplayWidth.of($0) }.max() ?? 0
      return widthMax.map { min($0, natural) } ?? natural
    }
  }

  /// All of it where it goes into a pipe; on a terminal as much as a line takes.
  func table(on output: TextOutput) -> String {
    guard !page.orders.isEmpty else {
      return page.next == nil ? "no such order" : "none among the \(page.lookedAt) orders that were looked at"
    }
    let all = columns
    let (columns, leftOut) = output.columns.map { fitted(all, into: $0) } ?? (all, [])
    var table = TextTable(columns.map { .init($0.title, isRight: $0.title == "AGE", widthMax: $0.widthMax) })
    for row in page.orders.indices { table.add(columns.map { $0.cells[row] }) }
    let text = table.text(width: output.columns, on: output)
    guard !leftOut.isEmpty else { return text }
    return text + "\n"
      + ShownText.cut(
        "no room for \(leftOut.joined(separator: ", ")); for all of it add: | less -S", to: output.columns ?? 80)
  }

  private var columns: [Column] {
    func column(_ title: String, _ rank: Int, _ cell: (Order) -> String) -> Column {
      Column(title: title, rank: rank, cells: page.orders.map { ShownText.visible(cell($0)) })
    }
    var columns = [
      column("ID", 0) { $0.id.description }, column("STATUS", 1) { $0.status.rawValue },
      column("AGE", 2) { $0.age.inRoughWords }, column("PLAYER", 3) { $0.player ?? "-" },
      column("REFERENCE", 4) { $0.shopReference ?? "-" }, column("PRODUCT", 6) { $0.product },
      column("PROVIDER", 7) { $0.providerID.flatMap { providers[$0] } ?? "-" },
    ]
    // All of one tenant: its name would only take room.
    if Set(page.orders.map(\.tenantID)).count > 1 { columns.append(column("TENANT", 8) { tenants[$0.tenantID] ?? "" }) }
    return columns + [column("REASON", 5) { $0.reason ?? "" }]
  }

  /// The columns that fit, the reason in what the others leave; and the titles of the rest.
  private func fitted(_ columns: [Column], into width: Int) -> ([Column], [String]) {
    var room = width
    var kept: Set<Int> = []
    var columns = columns
    for index in columns.indices where columns[index].rank >= 3 && columns[index].title != "REASON" {
      columns[index].widthMax = Self.nameColumnsMax
    }
    for column in columns.sorted(by: { $0.rank < $1.rank }) {
      let needed = column.title == "REASON" ? min(column.width, Self.reasonColumnsMin) : column.width
      guard needed + Self.gap <= room + (kept.isEmpty ? Self.gap : 0) || column.rank == 0 else { continue }
      room -= needed + (kept.isEmpty ? 0 : Self.gap)
      kept.insert(column.rank)
    }
    if let reason = columns.firstIndex(where: { $0.title == "REASON" }) {
      columns[reason].widthMax = Self.reasonColumnsMin + max(0, room)
    }
    return (columns.filter { kept.contains($0.rank) }, columns.filter { !kept.contains($0.rank) }.map(\.title))
  }

  var json: String {
    JSONText.object([
      "orders": JSONText.array(page.orders.map { Self.json($0, tenants, providers) }), "looked_at": "\(page.lookedAt)",
      "next": page.next.map { JSONText.quote($0.description) },
    ])
  }

  /// - Parameter spent: on what it spent its time, as JSON; only where that was asked for.
  static func json(
    _ order: Order, _ tenants: [Int64: String], _ providers: [Int64: String], took: Duration? = nil,
    spent: String? = nil
  ) -> String {
    JSONText.object([
      "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
      "reason": order.reason.map(JSONText.quote), "tenant": tenants[order.tenantID].map(JSONText.quote),
      "product": JSONText.quote(order.product), "reference": order.shopReference.map(JSONText.quote),
      "player": order.player.map(JSONText.quote),
      "provider": order.providerID.flatMap { providers[$0] }.map(JSONText.quote),
      "provider_reference": order.sendReference.map(JSONText.quote), "age_ms": "\(order.age.milliseconds)",
      "due_in_ms": order.untilDue.map { "\($0.milliseconds)" },
      "created_at": JSONText.quote(Timestamp.rfc3339(order.createdAt)),
      "updated_at": JSONText.quote(Timestamp.rfc3339(order.updatedAt)),
      "took_ms": took.map { "\($0.milliseconds)" }, "spent": spent,
    ])
  }
}
