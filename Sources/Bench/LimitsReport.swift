/// What `limits` measured. The names are a contract: `--json` writes them in snake case.
struct LimitsReport: Encodable {
  struct Part: Encodable {
    let name: String
    /// Operations a second, with the load on the other core.
    let rate: Figures?
    /// Microseconds of the part's own CPU for one, the median of the rounds.
    let cpuUs: Double
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
      Output.line("\(entry.rounds) rounds; noise up to \((entry.noiseMax * 100).short) %")
      Output.table(
        [["alone", "a second", "min", "max", "µs CPU each", "one core's end"]]
          + entry.parts.map { part in
            [part.name] + (part.rate.map { [$0.median.short, $0.min.short, $0.max.short] } ?? ["–", "–", "–"])
              + [part.cpuUs.short, part.cpuUs > 0 ? (1e6 / part.cpuUs).short : "–"]
          })
    }
  }
}
