import EventLoop
import PrivateServers

/// Sevk, another version of it and the Celery pipeline by turns, round by round.
@LoopActor
struct OrdersComparison {
  private static let pipelineName = "celery pipeline"
  private static let setUp = "one dispatcher, one worker, one scheduler"

  let own: Installation
  /// Has servers of its own.
  let other: Installation?
  let otherVersion: OtherVersion?
  let peers: Peers?
  let orders: Int
  let peerOrders: Int
  let peerLimit: Duration
  let rounds: Int

  private typealias Turn = @LoopActor (Int) async throws -> OrdersBench.Result

  /// A system that fails is tried no more; the others go on.
  ///
  /// - Parameter keep: is given what is known after each system's turn.
  /// - Throws: at the end, when this version of Sevk is among those that failed.
  func run(_ keep: @LoopActor (OrdersReport) throws -> Void) async throws {
    for installation in [own, other].compactMap({ $0 }) {
      try await installation.create(panelArguments: ["--complete-after", OrdersCommand.completeAfter])
    }
    let machine = try await own.machine()
    var results: [String: [OrdersBench.Result]] = [:]
    var failures: [RoundFailure] = []
    for round in 1...rounds {
      // The versions begin by turns as well: whoever comes second finds the disk and the caches busy or warm.
      let names = ["sevk", OtherVersion.name]
      for name in (round.isMultiple(of: 2) ? names.reversed() : names) + [Self.pipelineName]
      where !failures.contains(where: { $0.name == name }) {
        guard let (count, turn) = turn(of: name) else { continue }
        Output.progress("round \(round) of \(rounds): \(name), \(count) orders")
        do { results[name, default: []].append(try await turn(round)) } catch {
          Output.progress("\(name) failed: \(error)")
          failures.append(RoundFailure(error, name: name, round: round))
          await other?.stopProcesses()
          await own.stopProcesses()
        }
        try keep(report(machine, results, failures))
      }
    }
    await other?.stop()
    await own.stop()
    if let failure = failures.first(where: { $0.name == "sevk" }) { throw failure }
  }

  private func turn(of name: String) -> (orders: Int, Turn)? {
    switch name {
    case "sevk": (orders, { try await OrdersBench(installation: own, orders: orders).sevk(round: $0) })
    case OtherVersion.name:
      other.map { other in
        (orders, { try await OrdersBench(installation: other, orders: orders).sevk(round: $0) })
      }
    default:
      peers.map { peers in
        (
          peerOrders,
          {
            try await OrdersBench(installation: own, orders: peerOrders, limit: peerLimit).pipeline(peers, round: $0)
          }
        )
      }
    }
  }

  private func report(
    _ machine: Machine, _ results: [String: [OrdersBench.Result]], _ failures: [RoundFailure]
  ) -> OrdersReport {
    let systems = [
      ("sevk", Self.setUp, orders),
      (OtherVersion.name, "the programs in \(otherVersion?.folder ?? ""); \(Self.setUp)", orders),
      (Self.pipelineName, Peers.pipelineSetUp, peerOrders),
    ]
    return OrdersReport(
      machine: machine,
      results: systems.compactMap { name, setUp, count in results[name].map { Self.entry(name, setUp, count, $0) } },
      ratios: Self.ratios(results["sevk"] ?? [], results[OtherVersion.name] ?? []), failures: failures)
  }

  private static func ratios(_ own: [OrdersBench.Result], _ other: [OrdersBench.Result]) -> [VersionRatio] {
    func ratio(_ name: String, _ value: (OrdersBench.Result) -> Double) -> VersionRatio? {
      VersionRatio(name, own.map(value), other.map(value))
    }
    let programs = (own.first?.cpuByProcess ?? [:]).keys.sorted()
    let all =
      [
        ratio("orders a second", \.perSecond), ratio("  steady") { $0.steadyPerSecond ?? 0 },
        ratio("CPU an order, Sevk", \.cpu.client),
      ]
      + programs.map { program in ratio("  \(program)") { $0.cpuByProcess[program] ?? 0 } }
      + [ratio("CPU an order, PostgreSQL", \.cpu.postgresql), ratio("CPU an order, Redis", \.cpu.redis)]
    return all.compactMap { $0 }
  }

  private static func entry(_ name: String, _ setUp: String, _ orders: Int, _ rounds: [OrdersBench.Result])
    -> OrdersReport.Entry
  {
    func median(_ value: (OrdersBench.Result) -> Double) -> Double { Figures(rounds.map(value))?.median ?? 0 }
    return OrdersReport.Entry(
      name: name, setUp: setUp, orders: orders, rounds: rounds.count, throughput: Figures(rounds.map(\.perSecond)),
      steady: Figures(rounds.compactMap(\.steadyPerSecond)),
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
