/// What `jobs` measured. The names are a contract: `--json` writes them in snake case.
struct JobsReport: Encodable {
  struct Entry: Encodable {
    let name: String
    let setUp: String
    let jobs: Int
    let rounds: Int
    /// Jobs a second.
    let enqueue: Figures?
    let drain: Figures?
    /// Megabytes of the worker processes together, the median of the rounds.
    let rssMb: Double
    /// Microseconds of CPU a job, the medians of the rounds.
    let enqueueCpuUsPerJob: CPU
    let drainCpuUsPerJob: CPU
    /// Share of the machine that others took in the noisiest round, 0 to 1.
    let noiseMax: Double
  }

  struct CPU: Encodable {
    let redis: Double
    let client: Double
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
    var rows = [
      ["", "enqueue/s", "drain/s", "min", "max", "µs CPU/job: enqueue", "Redis", "drain", "Redis", "RSS MB", "noise"]
    ]
    for entry in results {
      rows.append([
        entry.name, entry.enqueue?.median.short ?? "–", entry.drain?.median.short ?? "–",
        entry.drain?.min.short ?? "–", entry.drain?.max.short ?? "–", entry.enqueueCpuUsPerJob.client.short,
        entry.enqueueCpuUsPerJob.redis.short, entry.drainCpuUsPerJob.client.short,
        entry.drainCpuUsPerJob.redis.short, entry.rssMb.short, "\((entry.noiseMax * 100).short) %",
      ])
    }
    Output.table(rows)
    VersionRatio.show(ratios)
    RoundFailure.show(failures)
    guard let sevk = results.first, sevk.name == "sevk", let sevk = sevk.drain?.median else { return }
    for entry in results.dropFirst() where entry.name != OtherVersion.name {
      if let peer = entry.drain?.median, peer > 0 { Output.line("sevk drains \((sevk / peer).short) × \(entry.name)") }
    }
  }
}
