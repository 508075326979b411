import CommandLine
import EventLoop
import PrivateServers
import Queue

/// What `latency` measured. The names are a contract: `--json` writes them in snake case.
struct LatencyReport: Encodable {
  struct Entry: Encodable {
    let name: String
    let ordersPerSecond: Double
    let delayedJobs: Int
    let rounds: Int
    /// From when the post was to begin until its 201 was there.
    let postToAccepted: LatencyFigures
    /// From when the post was to begin until the panel had the send.
    let postToProvider: LatencyFigures
    /// From the 201 until the panel had the send.
    let acceptedToProvider: LatencyFigures
    /// From a check's due time until its handler began.
    let dueToClaimed: LatencyFigures
    /// One after the other, of a round in which each order was traced.
    let waits: OrderWaits
    let noiseMax: Double
  }

  let machine: Machine
  let results: [Entry]

  func show() {
    Output.line("")
    Output.line(machine.text)
    for entry in results {
      Output.line(
        """
        \(entry.rounds) rounds; \(entry.ordersPerSecond.short) orders a second, open loop; \
        \(entry.delayedJobs) checks delayed; noise up to \((entry.noiseMax * 100).short) %
        """)
      Output.table([
        LatencyFigures.header, entry.postToAccepted.row("post → accepted"),
        entry.postToProvider.row("post → at the provider"), entry.acceptedToProvider.row("accepted → at the provider"),
        entry.dueToClaimed.row("due → claimed"),
      ])
      entry.waits.show()
    }
  }
}

/// `bench latency`
enum LatencyCommand {
  private static let probesPerSecond = 200.0

  static let command = Command(
    "latency", usage: "[--rate N] [--seconds N] [--delayed N] [--rounds N] [--json FILE]",
    """
    Orders at a steady rate, each measured from the moment it should have been posted (no coordinated omission), until
    the 201 and until the provider has the send; then checks that become due at 200 a second while very many others wait,
    until a worker has them. In milliseconds: the percentiles of each round, their median, least and greatest. In one more
    round each order is traced, and the histogram says what it waited for: batch, commit, claim, permit, intent, send.
    """,
    grammar: .init(values: ["--rate", "--seconds", "--delayed", "--rounds", "--json"]),
    example: "ops/bench latency --rate 300 --seconds 30 --delayed 1000000 --json latency.json"
  ) { arguments, _ in
    let rate = try Numbers.integer(arguments, "--rate", default: 300, in: 1...10_000)
    let seconds = try Numbers.integer(arguments, "--seconds", default: 20, in: 1...3600)
    let delayed = try Numbers.integer(arguments, "--delayed", default: 1_000_000, in: 0...10_000_000)
    let rounds = try Numbers.integer(arguments, "--rounds", default: 3, in: 1...100)
    try await Stage.run { stage in
      let installation = try Installation(stage: stage, settings: ["SEVK_CHECK_FIRST_DELAY": OrdersCommand.checkDelay])
      try await installation.create(panelArguments: ["--complete-after", OrdersCommand.completeAfter])
      let machine = try await installation.machine()
      let sends = try await sends(installation, Double(rate), seconds, rounds)
      let waits = try await waits(installation, Double(rate), seconds)
      let dues = try await dues(installation, delayed, seconds, rounds)
      await installation.stop()
      let report = LatencyReport(
        machine: machine,
        results: [
          .init(
            name: "sevk", ordersPerSecond: Double(rate), delayedJobs: delayed, rounds: rounds,
            postToAccepted: LatencyFigures(sends.map(\.accepting)),
            postToProvider: LatencyFigures(sends.map(\.sending)),
            acceptedToProvider: LatencyFigures(sends.map(\.afterAccepting)),
            dueToClaimed: LatencyFigures(dues.map(\.latencies)), waits: waits,
            noiseMax: (sends.map(\.noise) + dues.map(\.noise)).max() ?? 0)
        ])
      report.show()
      if let file = arguments.value("--json") { try Output.json(report, to: file) }
    }
  }

  @LoopActor
  private static func sends(_ installation: Installation, _ rate: Double, _ seconds: Int, _ rounds: Int) async throws
    -> [SendLatency.Round]
  {
    try await installation.start()
    // The first orders meet cold caches, as nobody measures a service that was just restarted.
    _ = try await SendLatency(installation).run(perSecond: rate, for: .seconds(2), name: "warm")
    var results: [SendLatency.Round] = []
    for round in 1...rounds {
      Output.progress("round \(round) of \(rounds): \(Int(rate)) orders a second for \(seconds) s")
      results.append(
        try await SendLatency(installation).run(perSecond: rate, for: .seconds(seconds), name: "r\(round)"))
    }
    await installation.stopProcesses()
    return results
  }

  /// A round of its own, since spans cost time.
  @LoopActor
  private static func waits(_ installation: Installation, _ rate: Double, _ seconds: Int) async throws -> OrderWaits {
    Output.progress("\(Int(rate)) orders a second for \(seconds) s, each traced")
    let reader = SpanReader()
    try await installation.start(["dispatcher", "worker", "scheduler"], try reader.start())
    _ = try await SendLatency(installation).run(perSecond: rate, for: .seconds(2), name: "warm-traced")
    let round = try await SendLatency(installation).run(perSecond: rate, for: .seconds(seconds), name: "traced")
    // What they recorded is sent by the time they have stopped.
    await installation.stopProcesses()
    await reader.stop()
    let each = round.ways.compactMap { way in
      OrderWaits.of(reader.spans[way.trace] ?? [], posted: way.posted, atPanel: way.atPanel)
    }
    guard each.count * 2 > round.ways.count else {
      throw ChildProgram.Failure("only \(each.count) of \(round.ways.count) orders were traced whole")
    }
    return OrderWaits(
      (each.first ?? []).indices.map { index in (each[0][index].name, each.map { $0[index].milliseconds }) })
  }

  @LoopActor
  private static func dues(_ installation: Installation, _ delayed: Int, _ seconds: Int, _ rounds: Int) async throws
    -> [(latencies: Latencies, noise: Double)]
  {
    try await installation.empty()
    let broker = RedisBroker(client: installation.redis)
    Output.progress("delaying \(delayed) checks")
    try await DelayedJobs(broker: broker).fill(delayed)
    try await installation.start(["scheduler"])
    let probe = DueLatency(installation: installation, broker: broker)
    var results: [(latencies: Latencies, noise: Double)] = []
    for round in 1...rounds {
      Output.progress("round \(round) of \(rounds): checks due at \(Int(probesPerSecond)) a second for \(seconds) s")
      results.append(try await probe.run(count: Int(probesPerSecond) * seconds, perSecond: probesPerSecond))
    }
    await installation.stopProcesses()
    return results
  }
}
