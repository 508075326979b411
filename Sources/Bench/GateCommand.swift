import CommandLine
import EventLoop
import FoundationEssentials
import PrivateServers

/// What `gate` counted last, as it stands in the repository. The names are a contract.
struct GateFigures: Codable {
  /// Where it was counted: another compiler or C library counts otherwise.
  let machine: String
  let day: String
  /// Instructions of one time, by the way's name.
  let instructions: [String: Double]
}

/// `bench gate`
enum GateCommand {
  static let command = Command(
    "gate", usage: "[--rounds N] [--write] [--json FILE]",
    """
    How many instructions the hottest ways take: an order in each of the programs, a no-op job, an HTTP request. Counted by
    valgrind in the real programs, without the kernel's part, so that it hardly depends on how busy the machine is; two
    runs differ by some percent, since batches do. Shows what bench/gate.json has beside it, so that a slow-down is seen
    in review; --write replaces that file. CI does not judge by it.
    """,
    grammar: .init(values: ["--rounds", "--json"], switches: ["--write"]),
    example: "ops/bench gate --rounds 2"
  ) { arguments, _ in
    let rounds = try Numbers.integer(arguments, "--rounds", default: 1, in: 1...20)
    let file = URL(filePath: Peers.folder()).deletingLastPathComponent().path() + "gate.json"
    let before = try? JSONDecoder().decode(GateFigures.self, from: Data(contentsOf: URL(filePath: file)))
    try await Stage.run { stage in
      let bench = try await GateBench(stage)
      var all: [String: [Double]] = [:]
      for round in 1...rounds {
        Output.progress("round \(round) of \(rounds)")
        for (name, count) in try await bench.round() { all[name, default: []].append(count) }
      }
      let machine = Machine()
      let counted = GateFigures(
        machine: "\(machine.cpu), Linux \(machine.kernel)", day: String(Self.today().prefix(10)),
        instructions: all.compactMapValues { Figures($0)?.median })
      show(counted, before, all)
      if let json = arguments.value("--json") { try Output.json(counted, to: json) }
      if arguments.has("--write") {
        try Output.json(counted, to: file)
        Output.line("written to \(file)")
      }
    }
  }

  private static func show(_ now: GateFigures, _ before: GateFigures?, _ all: [String: [Double]]) {
    Output.line("")
    Output.line("instructions of one time, by valgrind; \(now.machine)")
    if let before { Output.line("before: \(before.day), \(before.machine)") }
    Output.table(
      [["", "now", "min", "max", "before", "now / before"]]
        + now.instructions.sorted { $0.value > $1.value }.map { name, count in
          let figures = Figures(all[name] ?? [])
          let old = before?.instructions[name]
          return [
            name, count.short, figures?.min.short ?? "–", figures?.max.short ?? "–", old?.short ?? "–",
            old.map { $0 > 0 ? (count / $0).short : "–" } ?? "–",
          ]
        })
  }

  private static func today() -> String { Date.now.ISO8601Format() }
}
