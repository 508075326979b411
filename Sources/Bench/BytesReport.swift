/// What `bytes` measured. The names are a contract: `--json` writes them in snake case.
struct BytesReport: Encodable {
  struct Table: Encodable {
    let name: String
    /// With what is stored beside it (TOAST).
    let heapBytesPerOrder: Double
    let indexBytesPerOrder: [String: Double]
    /// Whether SEVK_RETENTION drops it; else it stays for good.
    let isRetired: Bool

    var total: Double { heapBytesPerOrder + indexBytesPerOrder.values.reduce(0, +) }
  }

  struct Entry: Encodable {
    let name: String
    let orders: Int
    let bytesPerOrder: Double
    let bytesPerOrderForGood: Double
    /// Updates of orders that touched no index, as a share of all.
    let ordersUpdatedInPlace: Double
    /// Bytes that went into PostgreSQL's log for an order.
    let walBytesPerOrder: Double
    let tables: [Table]
  }

  let machine: Machine
  let results: [Entry]

  func show() {
    Output.line("")
    Output.line(machine.text)
    for entry in results {
      Output.line(
        "\(entry.name): an order takes \(entry.bytesPerOrder.short) bytes, \(entry.bytesPerOrderForGood.short) for good; "
          + "\((entry.ordersUpdatedInPlace * 100).short) % of the updates of orders in place; "
          + "\(entry.walBytesPerOrder.short) bytes of WAL (\(entry.orders) orders)")
      Output.table(
        [["bytes an order", "heap", "indexes", "all", "kept"]]
          + entry.tables.flatMap { table in
            [
              [
                table.name, table.heapBytesPerOrder.short, (table.total - table.heapBytesPerOrder).short,
                table.total.short, table.isRetired ? "retention" : "for good",
              ]
            ] + table.indexBytesPerOrder.sorted { $0.key < $1.key }.map { ["  \($0.key)", "", $0.value.short, "", ""] }
          })
    }
  }
}
