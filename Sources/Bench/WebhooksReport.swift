/// What `webhooks` measured. The names are a contract: `--json` writes them in snake case.
struct WebhooksReport: Encodable {
  struct Entry: Encodable {
    let name: String
    let setUp: String
    let events: Int
    let rounds: Int
    /// Events a second, from the first that arrived to the last.
    let rate: Figures?
    /// Microseconds of CPU an event, the medians of the rounds.
    let cpuUsPerEvent: CPU
    /// Megabytes of the system's processes together, the median of the rounds.
    let rssMb: Double
    /// Share of the machine that others took in the noisiest round, 0 to 1.
    let noiseMax: Double
  }

  struct CPU: Encodable {
    /// Of the system's own processes.
    let client: Double
    let redis: Double
    let postgresql: Double
    /// No part of the system, but on the same machine.
    let receiver: Double
  }

  /// Endpoints that answer at once, beside one that may be dead.
  struct Delay: Encodable {
    let name: String
    let endpoints: Int
    let perSecond: Int
    /// From when an event was due until its receiver had it.
    let dueToReceived: LatencyFigures
    let noiseMax: Double
  }

  let machine: Machine
  let results: [Entry]
  let delays: [Delay]
  /// Systems that could not be measured, or not in each round.
  let failures: [RoundFailure]

  func show() {
    Output.line("")
    Output.line(machine.text)
    if !results.isEmpty {
      Output.table(
        [["", "events/s", "min", "max", "µs CPU/event: own", "Redis", "PostgreSQL", "receiver", "RSS MB", "noise"]]
          + results.map { entry in
            [
              entry.name, entry.rate?.median.short ?? "–", entry.rate?.min.short ?? "–", entry.rate?.max.short ?? "–",
              entry.cpuUsPerEvent.client.short, entry.cpuUsPerEvent.redis.short, entry.cpuUsPerEvent.postgresql.short,
              entry.cpuUsPerEvent.receiver.short, entry.rssMb.short, "\((entry.noiseMax * 100).short) %",
            ]
          })
    }
    if let first = delays.first {
      Output.line("")
      Output.line(
        "due → received at \(first.endpoints) endpoints, \(first.perSecond) events a second: those that answer; "
          + "noise up to \(((delays.map(\.noiseMax).max() ?? 0) * 100).short) %")
      Output.table([LatencyFigures.header] + delays.map { $0.dueToReceived.row($0.name) })
    }
    RoundFailure.show(failures)
    guard let sevk = results.first, sevk.name == "sevk", let own = sevk.rate?.median else { return }
    for entry in results.dropFirst() {
      if let peer = entry.rate?.median, peer > 0 { Output.line("sevk posts \((own / peer).short) × \(entry.name)") }
    }
  }
}
