import CommandLine
import EventLoop
import PrivateServers

/// `bench webhooks`
enum WebhooksCommand {
  private static let parts = ["drain", "delay"]

  static let command = Command(
    "webhooks",
    usage: """
      [--parts drain,delay] [--events N] [--rounds N] [--peers celery|all] [--peer-events N] [--peer-limit SECONDS] \
      [--drain-endpoints N] [--endpoints N] [--rate N] [--seconds N] [--json FILE]
      """,
    """
    Events to endpoints. drain: one worker posts events that are in line, \(WebhookDrain.perOrder) of an order one after \
    the other, to ten endpoints of a fast receiver; the peer is a Celery task for each with
    `requests`, the same body, headers and receiver. delay: events due at a steady rate at many endpoints, and how late
    they come while all answer, while one refuses connections, and while one never answers and has a backlog.
    """,
    grammar: .init(values: [
      "--parts", "--events", "--rounds", "--peers", "--peer-events", Peers.limitFlag, "--drain-endpoints",
      "--endpoints", "--rate", "--seconds", "--json",
    ]),
    details: [Peers.limitDetails],
    example: "ops/bench webhooks --rounds 3 --peers celery --json webhooks.json"
  ) { arguments, _ in
    let parts = (arguments.value("--parts") ?? Self.parts.joined(separator: ",")).split(separator: ",").map(String.init)
    if let wrong = parts.first(where: { !Self.parts.contains($0) }) ?? (parts.isEmpty ? "" : nil) {
      throw UsageError("--parts \(wrong) is not known; there are \(Self.parts.joined(separator: " and "))")
    }
    let events = try Numbers.integer(arguments, "--events", default: 60_000, in: 2...10_000_000)
    let peerEvents = try Numbers.integer(arguments, "--peer-events", default: 10_000, in: 2...10_000_000)
    let drainEndpoints = try Numbers.integer(arguments, "--drain-endpoints", default: 10, in: 1...1000)
    let rounds = try Numbers.integer(arguments, "--rounds", default: 3, in: 1...100)
    let endpoints = try Numbers.integer(arguments, "--endpoints", default: 100, in: 2...1000)
    let rate = try Numbers.integer(arguments, "--rate", default: 500, in: 1...10_000)
    let seconds = try Numbers.integer(arguments, "--seconds", default: 20, in: 1...3600)
    let list = arguments.value("--peers")
    guard [nil, "all", "celery"].contains(list) else { throw UsageError("--peers can only be celery or all here") }
    let limit = try Peers.limit(arguments)
    let programs = Peers.folder()
    let file = arguments.value("--json")
    try await Stage.run { stage in
      let peers = Peers(stage: stage, names: [], programs: programs)
      let hasPeer = list == nil ? false : try await peers.install(["pipeline"]).contains("pipeline")
      let installation = try Installation(stage: stage)
      let bench = WebhooksBench(
        installation: installation, events: parts.contains("drain") ? whole(events) : nil,
        drainEndpoints: drainEndpoints,
        peers: hasPeer && parts.contains("drain") ? peers : nil, peerEvents: whole(peerEvents), peerLimit: limit,
        delays: parts.contains("delay")
          ? WebhookDelay(installation: installation, endpoints: endpoints, perSecond: rate, seconds: seconds) : nil,
        rounds: rounds)
      try await stage.keeping { (report: WebhooksReport) in
        report.show()
      } as: { report in
        if let file { try Output.json(report, to: file) }
      } of: { keep in
        try await bench.run(keep)
      }
    }
  }

  /// Whole orders.
  private static func whole(_ events: Int) -> Int { events / WebhookDrain.perOrder * WebhookDrain.perOrder }
}
