/// What `scale` measured. The names are a contract: `--json` writes them in snake case.
struct ScaleReport: Encodable {
  struct Delayed: Encodable {
    let delayedJobs: Int
    let bytesPerJob: Double
    /// Microseconds of Redis' CPU for one job's whole way, delayed to done, beside those that wait.
    let redisCpuUsPerJob: Figures?
  }

  struct OpenOrders: Encodable {
    let openOrders: Int
    /// Orders a second on their whole way, beside those that are open.
    let throughput: Figures?
    /// Microseconds of PostgreSQL's CPU an order, the median of the rounds.
    let postgresqlCpuUsPerOrder: Double
    /// From emptying Redis until every job was back.
    let rebuildSeconds: Figures?
  }

  struct FinishedOrders: Encodable {
    let finishedOrders: Int
    /// Orders a second on their whole way, beside those that ended.
    let throughput: Figures?
    /// Microseconds of PostgreSQL's CPU an order, and rows it read for one, the medians of the rounds.
    let postgresqlCpuUsPerOrder: Double
    let rowsReadPerOrder: Double
    /// Pages of 50 orders, by what is asked for.
    let lists: [String: LatencyFigures]
  }

  struct Processes: Encodable {
    let workerProcesses: Int
    /// No-op jobs a second.
    let drain: Figures?
  }

  struct Entry: Encodable {
    let name: String
    let rounds: Int
    let delayed: [Delayed]
    let openOrders: [OpenOrders]
    let finishedOrders: [FinishedOrders]
    let processes: [Processes]
    let noiseMax: Double
  }

  let machine: Machine
  let results: [Entry]

  func show() {
    Output.line("")
    Output.line(machine.text)
    for entry in results {
      Output.line("\(entry.rounds) rounds; noise up to \((entry.noiseMax * 100).short) %")
      Self.table(
        [["delayed jobs", "bytes each", "Redis µs CPU for one more", "min", "max"]]
          + entry.delayed.map {
            [Double($0.delayedJobs).short, $0.bytesPerJob.short] + Self.cells($0.redisCpuUsPerJob)
          })
      Self.table(
        [["open orders", "orders/s", "min", "max", "PostgreSQL µs CPU/order", "rebuild s", "min", "max"]]
          + entry.openOrders.map {
            [Double($0.openOrders).short] + Self.cells($0.throughput) + [$0.postgresqlCpuUsPerOrder.short]
              + Self.cells($0.rebuildSeconds)
          })
      Self.table(
        [["finished orders", "orders/s", "min", "max", "PostgreSQL µs CPU/order", "rows read/order"]]
          + entry.finishedOrders.map {
            [Double($0.finishedOrders).short] + Self.cells($0.throughput)
              + [$0.postgresqlCpuUsPerOrder.short, $0.rowsReadPerOrder.short]
          })
      Self.table(
        [["a page of 50, beside"] + LatencyFigures.header]
          + entry.finishedOrders.flatMap { part in
            part.lists.sorted { $0.key < $1.key }.map { [Double(part.finishedOrders).short] + $0.value.row($0.key) }
          })
      Self.table(
        [["worker processes", "drain/s", "min", "max"]]
          + entry.processes.map { ["\($0.workerProcesses)"] + Self.cells($0.drain) })
    }
  }

  /// A part that was not asked for has a header only.
  private static func table(_ rows: [[String]]) {
    if rows.count > 1 { Output.table(rows) }
  }

  private static func cells(_ figures: Figures?) -> [String] {
    figures.map { [$0.median.short, $0.min.short, $0.max.short] } ?? ["–", "–", "–"]
  }
}
