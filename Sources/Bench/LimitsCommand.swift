import CommandLine
import EventLoop
import PrivateServers

/// `bench limits`
enum LimitsCommand {
  static let command = Command(
    "limits", usage: "[--seconds N] [--rounds N] [--json FILE]",
    """
    What each part could do if it were alone: Redis with plain commands and with the scripts of jobs, PostgreSQL with
    single rows and with what an order writes, the HTTP server, the HTTP client. One process makes the load; the last
    column is what one core of the part ends at, by its CPU time.
    """,
    grammar: .init(values: ["--seconds", "--rounds", "--json"]),
    example: "ops/bench limits --seconds 3 --rounds 3 --json limits.json"
  ) { arguments, _ in
    let seconds = try Numbers.integer(arguments, "--seconds", default: 3, in: 1...600)
    let rounds = try Numbers.integer(arguments, "--rounds", default: 3, in: 1...100)
    try await Stage.run { stage in
      let installation = try Installation(stage: stage)
      try await installation.create()
      let machine = try await installation.machine()
      let bench = LimitsBench(installation: installation, duration: .seconds(seconds))
      try await bench.setUp()
      for round in 1...rounds {
        Output.progress("round \(round) of \(rounds)")
        try await bench.round()
      }
      let report = LimitsReport(
        machine: machine,
        results: [.init(name: "sevk", rounds: rounds, parts: bench.parts, noiseMax: bench.noiseMax.fourDigits)])
      await bench.close()
      await installation.stop()
      report.show()
      if let file = arguments.value("--json") { try Output.json(report, to: file) }
    }
  }
}
