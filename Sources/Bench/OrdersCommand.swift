import CommandLine
import EventLoop
import PrivateServers

/// `bench orders`
enum OrdersCommand {
  /// From a send to the first question, in both systems: long enough for the panel to be done.
  static let checkDelay = "1s"
  static let completeAfter = "500ms"
  private static let peerOrdersDefault = 2000

  static let command = Command(
    "orders", usage: "[--orders N] [--rounds N] [--peers celery|all] [--peer-orders N] [--json FILE]",
    """
    Full orders: POST, intent, send to a simulated panel, question after a second, PIN, event. One dispatcher, one worker
    and one scheduler, with PostgreSQL that waits for its disk; 128 posts under way. From the first post to the last
    published completion, divided by the orders. The peer is a Celery pipeline that does the same work.
    """,
    grammar: .init(values: ["--orders", "--rounds", "--peers", "--peer-orders", "--json"]),
    example: "ops/bench orders --orders 20000 --rounds 3 --peers celery --json orders.json"
  ) { arguments, _ in
    let orders = try Numbers.integer(arguments, "--orders", default: 20_000, in: 1...1_000_000)
    let peerOrders = try Numbers.integer(arguments, "--peer-orders", default: peerOrdersDefault, in: 1...1_000_000)
    let rounds = try Numbers.integer(arguments, "--rounds", default: 3, in: 1...100)
    let list = arguments.value("--peers")
    guard [nil, "all", "celery"].contains(list) else { throw UsageError("--peers can only be celery or all here") }
    let programs = Peers.folder()
    try await Stage.run { stage in
      let peers = Peers(stage: stage, names: [], programs: programs)
      let hasPeer = list == nil ? false : try await peers.install(["pipeline"]).contains("pipeline")
      let installation = try Installation(stage: stage, settings: ["SEVK_CHECK_FIRST_DELAY": checkDelay])
      let report = try await run(installation, hasPeer ? peers : nil, orders, peerOrders, rounds)
      report.show()
      if let file = arguments.value("--json") { try Output.json(report, to: file) }
    }
  }

  @LoopActor
  private static func run(
    _ installation: Installation, _ peers: Peers?, _ orders: Int, _ peerOrders: Int, _ rounds: Int
  ) async throws -> OrdersReport {
    try await installation.create(panelArguments: ["--complete-after", completeAfter])
    let machine = try await installation.machine()
    var own: [OrdersBench.Result] = []
    var pipeline: [OrdersBench.Result] = []
    for round in 1...rounds {
      Output.progress("round \(round) of \(rounds): sevk, \(orders) orders")
      own.append(try await OrdersBench(installation: installation, orders: orders).sevk(round: round))
      guard let peers else { continue }
      Output.progress("round \(round) of \(rounds): Celery pipeline, \(peerOrders) orders")
      pipeline.append(
        try await OrdersBench(installation: installation, orders: peerOrders).pipeline(peers, round: round))
    }
    await installation.stop()
    var results = [entry("sevk", "one dispatcher, one worker, one scheduler", orders, own)]
    if !pipeline.isEmpty { results.append(entry("celery pipeline", Peers.pipelineSetUp, peerOrders, pipeline)) }
    return OrdersReport(machine: machine, results: results)
  }

  private static func entry(_ name: String, _ setUp: String, _ orders: Int, _ rounds: [OrdersBench.Result])
    -> OrdersReport.Entry
  {
    func median(_ value: (OrdersBench.Result) -> Double) -> Double { Figures(rounds.map(value))?.median ?? 0 }
    return OrdersReport.Entry(
      name: name, setUp: setUp, orders: orders, rounds: rounds.count, throughput: Figures(rounds.map(\.perSecond)),
      rssMb: median(\.residentMegabytes),
      cpuUsPerOrder: .init(
        client: median(\.cpu.client), redis: median(\.cpu.redis), postgresql: median(\.cpu.postgresql),
        panel: median(\.cpu.panel), load: median(\.cpu.load)),
      cpuUsPerOrderByProcess: Dictionary(
        uniqueKeysWithValues: (rounds.first?.cpuByProcess ?? [:]).keys.map { name in
          (name, median { $0.cpuByProcess[name] ?? 0 })
        }),
      noiseMax: rounds.map(\.noise).max() ?? 0)
  }
}
