import EventLoop
import PrivateServers

/// Webhooks: how fast, beside Celery, and whether a dead endpoint delays others. By turns, round by round.
@LoopActor
struct WebhooksBench {
  private static let peerName = "celery with requests"
  private static let setUp =
    "one worker and a scheduler; each event read from PostgreSQL and written down there, in order of its order"

  let installation: Installation
  /// Nil for the one part or the other.
  let events: Int?
  let drainEndpoints: Int
  let peers: Peers?
  let peerEvents: Int
  let peerLimit: Duration
  let delays: WebhookDelay?
  let rounds: Int

  /// A system that fails is tried no more; the others go on.
  ///
  /// - Parameter keep: is given what is known after each turn.
  /// - Throws: at the end, when Sevk is among those that failed.
  func run(_ keep: @LoopActor (WebhooksReport) throws -> Void) async throws {
    try await installation.create()
    let machine = try await installation.machine()
    var results: [String: [WebhookDrain.Result]] = [:]
    var late: [WebhookDelay.Dead: [(Latencies, noise: Double)]] = [:]
    var failures: [RoundFailure] = []
    func report() -> WebhooksReport {
      WebhooksReport(
        machine: machine,
        results: [("sevk", Self.setUp, events ?? 0), (Self.peerName, Peers.webhookSetUp, peerEvents)].compactMap {
          name, setUp, count in results[name].map { Self.entry(name, setUp, count, $0) }
        },
        delays: WebhookDelay.Dead.allCases.compactMap { dead in late[dead].flatMap { delay(dead, $0) } },
        failures: failures)
    }
    func turn(_ name: String, _ round: Int, _ body: @LoopActor () async throws -> Void) async throws {
      guard !failures.contains(where: { $0.name == name }) else { return }
      Output.progress("round \(round) of \(rounds): \(name)")
      do { try await body() } catch {
        Output.progress("\(name) failed: \(error)")
        failures.append(RoundFailure(error, name: name, round: round))
        await installation.stopProcesses()
      }
      try keep(report())
    }
    for round in 1...rounds {
      if let events {
        try await turn("sevk", round) {
          results["sevk", default: []].append(
            try await WebhookDrain(installation: installation, events: events, endpoints: drainEndpoints).sevk())
        }
      }
      if let peers {
        try await turn(Self.peerName, round) {
          results[Self.peerName, default: []].append(
            try await WebhookDrain(installation: installation, events: peerEvents, endpoints: drainEndpoints).peer(
              peers, limit: peerLimit))
        }
      }
      for dead in WebhookDelay.Dead.allCases {
        guard let delays else { continue }
        try await turn(dead.rawValue, round) { late[dead, default: []].append(try await delays.round(dead)) }
      }
    }
    await installation.stop()
    if let failure = failures.first(where: { $0.name != Self.peerName }) { throw failure }
  }

  private func delay(_ dead: WebhookDelay.Dead, _ rounds: [(Latencies, noise: Double)]) -> WebhooksReport.Delay? {
    delays.map {
      WebhooksReport.Delay(
        name: dead.rawValue, endpoints: $0.endpoints, perSecond: $0.perSecond,
        dueToReceived: LatencyFigures(rounds.map(\.0)), noiseMax: (rounds.map(\.noise).max() ?? 0).fourDigits)
    }
  }

  private static func entry(_ name: String, _ setUp: String, _ events: Int, _ rounds: [WebhookDrain.Result])
    -> WebhooksReport.Entry
  {
    func median(_ value: (WebhookDrain.Result) -> Double) -> Double { Figures(rounds.map(value))?.median ?? 0 }
    return WebhooksReport.Entry(
      name: name, setUp: setUp, events: events, rounds: rounds.count, rate: Figures(rounds.map(\.perSecond)),
      cpuUsPerEvent: .init(
        client: median(\.cpu.client), redis: median(\.cpu.redis), postgresql: median(\.cpu.postgresql),
        receiver: median(\.cpu.receiver)),
      rssMb: median(\.residentMegabytes), noiseMax: (rounds.map(\.noise).max() ?? 0).fourDigits)
  }
}
