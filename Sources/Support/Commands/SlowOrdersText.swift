import CommandLine
import Orders
import Store

/// The slowest orders of a span, a line each.
struct SlowOrdersText {
  let found: SlowOrders
  /// Names by id.
  let tenants: [Int64: String]
  let providers: [Int64: String]

  private static let nameColumnsMax = 20

  func table(on output: TextOutput) -> String {
    guard !found.found.isEmpty else { return (["no such order"] + cut).joined(separator: "\n") }
    // All of one tenant: its name would only take room.
    let isShared = Set(found.found.map(\.order.tenantID)).count > 1
    var table = TextTable(
      [
        .init("TOOK", isRight: true), .init("STATUS"), .init("ID"), .init("PROVIDER", widthMax: Self.nameColumnsMax),
        .init("PRODUCT", widthMax: Self.nameColumnsMax),
      ] + (isShared ? [.init("TENANT", widthMax: Self.nameColumnsMax)] : []) + [.init("MOST OF IT")])
    for row in found.found {
      let order = row.order
      table.add(
        [
          row.took.inExactWords, order.status.rawValue, order.id.description,
          order.providerID.flatMap { providers[$0] } ?? "-", order.product,
        ] + (isShared ? [tenants[order.tenantID] ?? ""] : []) + [text(row)?.longest ?? "-"])
    }
    return ([table.text(width: output.columns, on: output)] + cut).joined(separator: "\n")
  }

  private func text(_ row: SlowOrders.Found) -> SpentText? { row.spent.map { SpentText($0, providers: providers) } }

  /// That not all of the span was looked at.
  private var cut: [String] {
    guard let at = found.cutAt else { return [] }
    return [
      "only the newest \(found.lookedAt) orders were looked at, which were recorded since \(LocalTime.line(at));"
        + " earlier ones: --until, or one shop with --tenant"
    ]
  }

  var json: String {
    JSONText.object([
      "orders": JSONText.array(
        found.found.map { OrderListText.json($0.order, tenants, providers, took: $0.took, spent: text($0)?.json) }),
      "looked_at": "\(found.lookedAt)", "cut_at": found.cutAt.map { JSONText.quote(Timestamp.rfc3339($0)) },
    ])
  }
}
