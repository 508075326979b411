import CommandLine
import EventLoop
import PrivateServers
import Queue

/// `bench scale`
enum ScaleCommand {
  private static let jobsDefault = 100_000
  private static let processesMax = 4

  static let command = Command(
    "scale",
    usage:
      "[--sizes N,N,…] [--parts delayed,open,finished,processes] [--jobs N] [--orders N] [--rounds N] [--plans FILE] [--json FILE]",
    """
    How cost grows: with more delayed jobs (what one more costs Redis), with more open orders (orders a second, what one
    costs PostgreSQL, and how long until every job is back when Redis is emptied), with more finished orders (the same,
    rows read, and pages of lists), and with one to four worker processes. --plans writes how PostgreSQL found its rows
    beside the finished orders.
    """,
    grammar: .init(values: ["--sizes", "--parts", "--jobs", "--orders", "--rounds", "--plans", "--json"]),
    example: "ops/bench scale --sizes 1000,100000 --parts open --rounds 3 --json scale.json"
  ) { arguments, _ in
    let sizes = try sizes(arguments.value("--sizes") ?? "1000,10000,100000,1000000")
    let parts = try parts(arguments.value("--parts") ?? "delayed,open,finished,processes")
    let jobs = try Numbers.integer(arguments, "--jobs", default: jobsDefault, in: 1...10_000_000)
    let orders = try Numbers.integer(arguments, "--orders", default: 3000, in: 1...1_000_000)
    let rounds = try Numbers.integer(arguments, "--rounds", default: 3, in: 1...100)
    try await Stage.run { stage in
      // With the usual ten minutes a due time in hours would be taken for that of a clock that was wrong.
      let settings = ["SEVK_CHECK_FIRST_DELAY": OrdersCommand.checkDelay, "SEVK_CHECK_BACKOFF_MAX": "30h"]
      let installation = try Installation(stage: stage, settings: settings)
      try await installation.create(panelArguments: ["--complete-after", OrdersCommand.completeAfter])
      let machine = try await installation.machine()
      let bench = ScaleBench(installation: installation, rounds: rounds)
      let delayed = parts.contains("delayed") ? try await bench.delayed(sizes) : []
      let open = parts.contains("open") ? try await bench.openOrders(sizes, orders: orders) : []
      let finished = parts.contains("finished") ? try await bench.finishedOrders(sizes, orders: orders) : []
      if let file = arguments.value("--plans") { try Output.text(try await bench.plans(), to: file) }
      let processes = parts.contains("processes") ? try await bench.processes(1...processesMax, jobs: jobs) : []
      await installation.stop()
      let report = ScaleReport(
        machine: machine,
        results: [
          .init(
            name: "sevk", rounds: rounds, delayed: delayed, openOrders: open, finishedOrders: finished,
            processes: processes,
            noiseMax: bench.noiseMax.fourDigits)
        ])
      report.show()
      if let file = arguments.value("--json") { try Output.json(report, to: file) }
    }
  }

  private static func sizes(_ list: String) throws -> [Int] {
    try list.split(separator: ",").map { text in
      guard let size = Int(text), (1...10_000_000).contains(size) else {
        throw UsageError("--sizes \(text) must be a number from 1 to 10000000")
      }
      return size
    }.sorted()
  }

  private static func parts(_ list: String) throws -> [String] {
    let known = ["delayed", "open", "finished", "processes"]
    return try list.split(separator: ",").map { part in
      guard known.contains(String(part)) else {
        throw UsageError("--parts \(part) is not known; there are \(known.joined(separator: ", "))")
      }
      return String(part)
    }
  }
}
