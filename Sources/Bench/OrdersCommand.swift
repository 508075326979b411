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
    "orders",
    usage: """
      [--orders N] [--rounds N] [--against DIR] [--peers celery|all] [--peer-orders N] [--peer-limit SECONDS] \
      [--json FILE]
      """,
    """
    Full orders: POST, intent, send to a simulated panel, question after a second, PIN, event. One dispatcher, one worker
    and one scheduler, with PostgreSQL that waits for its disk; 128 posts under way, and at most 8,192 open orders. From
    the first post to the last published completion, divided by the orders; and "steady", without how a run begins and
    ends, when orders are only posted or only waited for. The peer is a Celery pipeline that does the same work.
    """,
    grammar: .init(
      values: ["--orders", "--rounds", OtherVersion.flag, "--peers", "--peer-orders", Peers.limitFlag, "--json"]),
    details: [OtherVersion.details, Peers.limitDetails],
    example: "ops/bench orders --orders 20000 --rounds 3 --peers celery --json orders.json"
  ) { arguments, _ in
    let orders = try Numbers.integer(arguments, "--orders", default: 20_000, in: 1...1_000_000)
    let peerOrders = try Numbers.integer(arguments, "--peer-orders", default: peerOrdersDefault, in: 1...1_000_000)
    let rounds = try Numbers.integer(arguments, "--rounds", default: 3, in: 1...100)
    let list = arguments.value("--peers")
    guard [nil, "all", "celery"].contains(list) else { throw UsageError("--peers can only be celery or all here") }
    let limit = try Peers.limit(arguments)
    let programs = Peers.folder()
    let other = try OtherVersion(arguments, programs: ["dispatcher", "worker", "scheduler"])
    let file = arguments.value("--json")
    try await Stage.run { stage in
      let peers = Peers(stage: stage, names: [], programs: programs)
      let hasPeer = list == nil ? false : try await peers.install(["pipeline"]).contains("pipeline")
      let settings = ["SEVK_CHECK_FIRST_DELAY": checkDelay]
      let comparison = OrdersComparison(
        own: try Installation(stage: stage, settings: settings),
        other: try other.map { try Installation(stage: stage, settings: settings, other: $0) }, otherVersion: other,
        peers: hasPeer ? peers : nil, orders: orders, peerOrders: peerOrders, peerLimit: limit, rounds: rounds)
      try await stage.keeping { (report: OrdersReport) in
        report.show()
      } as: { report in
        if let file { try Output.json(report, to: file) }
      } of: { keep in
        try await comparison.run(keep)
      }
    }
  }
}
