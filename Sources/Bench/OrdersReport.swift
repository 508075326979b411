/// What `orders` measured. The names are a contract: `--json` writes them in snake case.
struct OrdersReport: Encodable {
  struct Entry: Encodable {
    let name: String
    let setUp: String
    let orders: Int
    let rounds: Int
    /// Orders a second, from the first post until the last completion was published.
    let throughput: Figures?
    /// The same without the seconds in which orders only came and those in which they were only waited for; see ``SteadyRate``.
    let steady: Figures?
    /// Megabytes of the system's processes together, the median of the rounds.
    let rssMb: Double
    /// Microseconds of CPU an order, the medians of the rounds.
    let cpuUsPerOrder: CPU
    /// The system's own share of it, by process.
    let cpuUsPerOrderByProcess: [String: Double]
    /// Share of the machine that others took in the noisiest round, 0 to 1.
    let noiseMax: Double
  }

  struct CPU: Encodable {
    /// Of the system's own processes.
    let client: Double
    let redis: Double
    let postgresql: Double
    /// Of the simulated panel and of who posts: no part of the system, but on the same machine.
    let panel: Double
    let load: Double
  }

  let machine: Machine
  let results: [Entry]
  /// Beside another version of Sevk; empty without one.
  let ratios: [VersionRatio]
  /// Systems that could not be measured, or not in each round.
  let failures: [RoundFailure]

  func show() {
    Output.line("")
    Output.line(machine.text)
    Output.table(
      [
        [
          "", "orders/s", "min", "max", "steady", "µs CPU/order: own", "Redis", "PostgreSQL", "panel", "load", "RSS MB",
          "noise",
        ]
      ]
        + results.map { entry in
          [
            entry.name, entry.throughput?.median.short ?? "–", entry.throughput?.min.short ?? "–",
            entry.throughput?.max.short ?? "–", entry.steady?.median.short ?? "–", entry.cpuUsPerOrder.client.short,
            entry.cpuUsPerOrder.redis.short,
            entry.cpuUsPerOrder.postgresql.short, entry.cpuUsPerOrder.panel.short, entry.cpuUsPerOrder.load.short,
            entry.rssMb.short, "\((entry.noiseMax * 100).short) %",
          ]
        })
    for entry in results {
      let parts = entry.cpuUsPerOrderByProcess.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.short)" }
      Output.line("\(entry.name), µs CPU/order: \(parts.joined(separator: ", "))")
    }
    VersionRatio.show(ratios)
    RoundFailure.show(failures)
    guard let sevk = results.first, sevk.name == "sevk" else { return }
    for entry in results.dropFirst() where entry.name != OtherVersion.name {
      if let own = sevk.throughput?.median, let peer = entry.throughput?.median, peer > 0 {
        Output.line(
          "sevk fulfils \((own / peer).short) × the orders of \(entry.name), from the first post to the last event")
      }
      if let own = sevk.steady?.median, let peer = entry.steady?.median, peer > 0 {
        Output.line("sevk fulfils \((own / peer).short) × the orders of \(entry.name), without how both begin and end")
      }
    }
  }
}
