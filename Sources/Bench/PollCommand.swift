import CommandLine
import EventLoop
import PrivateServers

/// `bench poll`
enum PollCommand {
  static let command = Command(
    "poll", usage: "[--seconds N] [--rounds N] [--json FILE]",
    """
    How often a second one dispatcher answers a shop that asks for an order: 304 where the order still is what its ETag
    names, and the whole order. With the CPU of dispatcher and database for one answer, and the rows that were read for it.
    """,
    grammar: .init(values: ["--seconds", "--rounds", "--json"]),
    example: "ops/bench poll --seconds 5 --rounds 3"
  ) { arguments, _ in
    let seconds = try Numbers.integer(arguments, "--seconds", default: 5, in: 1...600)
    let rounds = try Numbers.integer(arguments, "--rounds", default: 3, in: 1...100)
    try await Stage.run { stage in
      let installation = try Installation(stage: stage)
      try await installation.create()
      let machine = try await installation.machine()
      let bench = PollBench(installation: installation, duration: .seconds(seconds))
      try await bench.setUp()
      for round in 1...rounds {
        Output.progress("round \(round) of \(rounds)")
        try await bench.round()
      }
      let report = PollReport(
        machine: machine,
        results: [
          .init(name: "sevk", rounds: rounds, parts: bench.results(), noiseMax: bench.noiseMax.fourDigits)
        ])
      bench.close()
      await installation.stop()
      report.show()
      if let file = arguments.value("--json") { try Output.json(report, to: file) }
    }
  }
}
