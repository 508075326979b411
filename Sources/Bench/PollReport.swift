/// What `poll` measured. The names are a contract: `--json` writes them in snake case.
struct PollReport: Encodable {
  struct Part: Encodable {
    let name: String
    /// Answers a second of one dispatcher.
    let rate: Figures?
    /// Microseconds of CPU for one, the median of the rounds.
    let dispatcherCpuUs: Double
    let postgresCpuUs: Double
    /// Rows of `orders` that the database read for one.
    let rowsRead: Double
  }

  struct Entry: Encodable {
    let name: String
    let rounds: Int
    let parts: [Part]
    let noiseMax: Double
  }

  let machine: Machine
  let results: [Entry]

  func show() {
    Output.line("")
    Output.line(machine.text)
    for entry in results {
      Output.line("\(entry.rounds) rounds; one dispatcher; noise up to \((entry.noiseMax * 100).short) %")
      Output.table(
        [["polls", "a second", "min", "max", "dispatcher, µs CPU", "PostgreSQL, µs CPU", "rows read each"]]
          + entry.parts.map { part in
            [part.name] + (part.rate.map { [$0.median.short, $0.min.short, $0.max.short] } ?? ["–", "–", "–"])
              + [part.dispatcherCpuUs.short, part.postgresCpuUs.short, part.rowsRead.short]
          })
    }
  }
}
