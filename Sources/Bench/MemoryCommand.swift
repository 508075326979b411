import CommandLine
import EventLoop
import PrivateServers
import Queue
import Redis

/// What `memory` measured. The names are a contract: `--json` writes them in snake case.
struct MemoryReport: Encodable {
  struct Process: Encodable {
    let rssMb: Double
    /// Percent of one core, while there is nothing to do.
    let cpuPercent: Double
  }

  struct Entry: Encodable {
    let name: String
    let idleSeconds: Int
    let processes: [String: Process]
    /// How many delayed checks were added, and what each took of Redis' memory.
    let delayedJobs: Int
    let bytesPerDelayedJob: Double
  }

  let machine: Machine
  let results: [Entry]

  func show() {
    Output.line("")
    Output.line(machine.text)
    for entry in results {
      Output.table(
        [["idle for \(entry.idleSeconds) s", "RSS MB", "% of a core"]]
          + entry.processes.sorted { $0.key < $1.key }.map {
            [$0.key, $0.value.rssMb.short, $0.value.cpuPercent.short]
          })
      Output.line(
        "a delayed job takes \(entry.bytesPerDelayedJob.short) bytes of Redis' memory, of \(entry.delayedJobs)")
    }
  }
}

/// `bench memory`
enum MemoryCommand {
  /// Until what happens at the start is over.
  private static let calm = Duration.seconds(5)

  static let command = Command(
    "memory", usage: "[--seconds N] [--delayed N] [--json FILE]",
    """
    What an idle dispatcher, worker and scheduler have in memory and spend of the CPU, and how many bytes of Redis' memory
    a delayed job takes.
    """,
    grammar: .init(values: ["--seconds", "--delayed", "--json"]),
    example: "ops/bench memory --seconds 20 --delayed 100000 --json memory.json"
  ) { arguments, _ in
    let seconds = try Numbers.integer(arguments, "--seconds", default: 20, in: 1...3600)
    let delayed = try Numbers.integer(arguments, "--delayed", default: 100_000, in: 1...10_000_000)
    try await Stage.run { stage in
      let installation = try Installation(stage: stage)
      try await installation.create()
      let machine = try await installation.machine()
      let processes = try await idle(installation, seconds)
      let bytes = try await bytesPerDelayedJob(installation, delayed)
      await installation.stop()
      let report = MemoryReport(
        machine: machine,
        results: [
          .init(
            name: "sevk", idleSeconds: seconds, processes: processes, delayedJobs: delayed, bytesPerDelayedJob: bytes)
        ])
      report.show()
      if let file = arguments.value("--json") { try Output.json(report, to: file) }
    }
  }

  @LoopActor
  private static func idle(_ installation: Installation, _ seconds: Int) async throws
    -> [String: MemoryReport.Process]
  {
    try await installation.start()
    Output.progress("idle for \(seconds) s")
    try await EventLoop.sleep(for: calm)
    let before = CPUTimes.read()
    let begun = Counter.now
    try await EventLoop.sleep(for: .seconds(seconds))
    let after = CPUTimes.read()
    let passed = Double(Counter.now - begun) / 1e9
    try installation.requireAlive()
    let processes = installation.processes.mapValues { process in
      MemoryReport.Process(
        rssMb: CPUTimes.residentMegabytes([process.id]).fourDigits,
        cpuPercent: ((after.own(process.id) - before.own(process.id)) / passed * 100).fourDigits)
    }
    await installation.stopProcesses()
    return processes
  }

  @LoopActor
  static func bytesPerDelayedJob(_ installation: Installation, _ count: Int) async throws -> Double {
    try await installation.empty()
    func used() async throws -> Double {
      Double(try await RedisFacts.field("used_memory", "memory", installation.redis) ?? "") ?? 0
    }
    Output.progress("delaying \(count) checks")
    // Once before, so that connections, buffers and scripts are not counted.
    let broker = RedisBroker(client: installation.redis)
    try await DelayedJobs(broker: broker).fill(count)
    _ = try await installation.redis.command("FLUSHALL")
    let before = try await used()
    try await DelayedJobs(broker: broker).fill(count)
    return ((try await used() - before) / Double(count)).fourDigits
  }
}
