import CommandLine
import EventLoop
import Glibc
import HTTPClient
import Postgres
import PrivateServers

/// What `events` measured. The names are a contract: `--json` writes them in snake case.
struct EventsReport: Encodable {
  struct Live: Encodable {
    let connections: Int
    let ordersPerSecond: Int
    /// From the start of the transaction that wrote an event until a stream had it.
    let committedToFrame: LatencyFigures
    /// Percent of one core.
    let gatewayCpuPercent: Double
    /// Of the gateway, for one event to one stream, in microseconds: what a busy machine changes least.
    let gatewayCpuPerFrameUs: Double
    let noiseMax: Double
  }

  struct Idle: Encodable {
    let connections: Int
    let seconds: Int
    let rssMb: Double
    let cpuPercent: Double
  }

  struct List: Encodable {
    let events: Int
    /// A page of 100 in milliseconds: at the beginning, in the middle and at the end.
    let firstMs: Double
    let middleMs: Double
    let lastMs: Double
  }

  let machine: Machine
  let live: Live
  let idle: Idle
  let lists: [List]

  func show() {
    Output.line("")
    Output.line(machine.text)
    Output.line(
      "\(live.connections) streams, \(live.ordersPerSecond) orders a second; the gateway takes "
        + "\(live.gatewayCpuPercent.short) % of a core, \(live.gatewayCpuPerFrameUs.short) µs a frame; noise up to \((live.noiseMax * 100).short) %"
    )
    Output.table([LatencyFigures.header, live.committedToFrame.row("committed → frame")])
    Output.line(
      "\(idle.connections) idle streams: \(idle.rssMb.short) MB, \(idle.cpuPercent.short) % of a core, for \(idle.seconds) s"
    )
    Output.table(
      [["events", "first page ms", "middle", "last"]]
        + lists.map { ["\($0.events)", $0.firstMs.short, $0.middleMs.short, $0.lastMs.short] })
  }
}

/// `bench events`
enum EventsCommand {
  private static let calm = Duration.seconds(5)
  private static let pages = 50

  static let command = Command(
    "events",
    usage: "[--connections N] [--rate N] [--seconds N] [--idle N] [--events N] [--rounds N] [--json FILE]",
    """
    Live events: how old they are when many streams have them, at a steady rate of orders; what idle streams take of the
    gateway's memory and CPU; and how long a page of events takes with few and with very many of them.
    """,
    grammar: .init(values: ["--connections", "--rate", "--seconds", "--idle", "--events", "--rounds", "--json"]),
    example: "ops/bench events --connections 1000 --rate 100 --idle 10000 --events 2000000 --json events.json"
  ) { arguments, _ in
    let connections = try Numbers.integer(arguments, "--connections", default: 1000, in: 1...10_000)
    let rate = try Numbers.integer(arguments, "--rate", default: 100, in: 1...10_000)
    let seconds = try Numbers.integer(arguments, "--seconds", default: 20, in: 1...3600)
    let idle = try Numbers.integer(arguments, "--idle", default: 10_000, in: 1...10_000)
    let events = try Numbers.integer(arguments, "--events", default: 1_000_000, in: 1000...50_000_000)
    let rounds = try Numbers.integer(arguments, "--rounds", default: 3, in: 1...100)
    raiseFileLimit()
    try await Stage.run { stage in
      let installation = try Installation(stage: stage, settings: ["SEVK_CHECK_FIRST_DELAY": OrdersCommand.checkDelay])
      try await installation.create(panelArguments: ["--complete-after", OrdersCommand.completeAfter])
      let report = EventsReport(
        machine: try await installation.machine(),
        live: try await live(installation, connections, rate, seconds, rounds),
        idle: try await quiet(installation, idle, seconds), lists: try await lists(installation, events))
      await installation.stop()
      report.show()
      if let file = arguments.value("--json") { try Output.json(report, to: file) }
    }
  }

  private static func raiseFileLimit() {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    getrlimit(resource, &limit)
    limit.rlim_cur = min(limit.rlim_max, 40_000)
    _ = setrlimit(resource, &limit)
  }

  @LoopActor
  private static func live(
    _ installation: Installation, _ connections: Int, _ rate: Int, _ seconds: Int, _ rounds: Int
  ) async throws -> EventsReport.Live {
    try await installation.start(["dispatcher", "worker", "scheduler", "gateway"])
    let readers = StreamReaders(address: installation.liveAddress, token: installation.token)
    Output.progress("opening \(connections) streams")
    try await readers.open(connections)
    _ = try await SendLatency(installation).run(perSecond: Double(rate), for: .seconds(2), name: "warm-live")
    readers.isMeasuring = true
    var (ages, noise, cpu): ([Latencies], Double, Double) = ([], 0, 0)
    var (spent, frames) = (0.0, 0)
    for round in 1...rounds {
      Output.progress("round \(round) of \(rounds): \(rate) orders a second for \(seconds) s")
      let begun = readers.ages.count
      let (before, start) = (CPUTimes.read(), Counter.now)
      let sent = try await SendLatency(installation).run(
        perSecond: Double(rate), for: .seconds(seconds), name: "live-\(round)")
      let passed = Double(Counter.now - start) / 1e9
      if let gateway = installation.processes["gateway"] {
        let own = CPUTimes.read().own(gateway.id) - before.own(gateway.id)
        cpu = max(cpu, own / passed * 100)
        spent += own
        frames += (readers.ages.count - begun) * connections / min(StreamReaders.measured, connections)
      }
      noise = max(noise, sent.noise)
      ages.append(Latencies(Array(readers.ages[begun...])))
    }
    guard readers.ended == 0 else { throw ChildProgram.Failure("\(readers.ended) streams were ended") }
    readers.close()
    await installation.stopProcesses()
    return .init(
      connections: connections, ordersPerSecond: rate, committedToFrame: LatencyFigures(ages),
      gatewayCpuPercent: cpu.fourDigits, gatewayCpuPerFrameUs: (spent / Double(max(1, frames)) * 1e6).fourDigits,
      noiseMax: noise)
  }

  @LoopActor
  private static func quiet(_ installation: Installation, _ count: Int, _ seconds: Int) async throws
    -> EventsReport.Idle
  {
    try await installation.start(["gateway"])
    let readers = StreamReaders(address: installation.liveAddress, token: installation.token)
    Output.progress("opening \(count) streams")
    try await readers.open(count)
    try await EventLoop.sleep(for: calm)
    guard let gateway = installation.processes["gateway"] else { throw ChildProgram.Failure("no gateway") }
    Output.progress("idle for \(seconds) s")
    let (before, start) = (CPUTimes.read(), Counter.now)
    try await EventLoop.sleep(for: .seconds(seconds))
    let cpu = (CPUTimes.read().own(gateway.id) - before.own(gateway.id)) / (Double(Counter.now - start) / 1e9) * 100
    guard readers.ended == 0 else { throw ChildProgram.Failure("\(readers.ended) streams were ended") }
    let memory = CPUTimes.residentMegabytes([gateway.id]).fourDigits
    readers.close()
    await installation.stopProcesses()
    return .init(connections: count, seconds: seconds, rssMb: memory, cpuPercent: cpu.fourDigits)
  }

  @LoopActor
  private static func lists(_ installation: Installation, _ events: Int) async throws -> [EventsReport.List] {
    var results: [EventsReport.List] = []
    for size in [1000, events] {
      try await installation.empty()
      Output.progress("writing \(size) events")
      try await installation.postgres.script(fill(size))
      try await installation.start(["dispatcher"])
      let http = HTTPClient()
      defer { http.close() }
      func page(_ after: Int) async throws -> Double {
        var each: [Double] = []
        for _ in 0..<pages {
          let begun = Counter.now
          let reply = try await http.perform(
            HTTPClientRequest(
              url: "http://\(installation.apiAddress)/v1/events?limit=100&after=\(after)",
              headers: [("Authorization", "Bearer \(installation.token)")]))
          guard reply.status == 200 else { throw ChildProgram.Failure("a page of events: \(reply.status)") }
          each.append(Double(Counter.now - begun) / 1e6)
        }
        return Latencies(each).percentile(0.5).fourDigits
      }
      _ = try await page(0)
      results.append(
        .init(
          events: size, firstMs: try await page(0), middleMs: try await page(size / 2),
          lastMs: try await page(size - 100)))
      await installation.stopProcesses()
    }
    return results
  }

  /// Events of very many orders with their positions, as a relay leaves them: a run has some of each of its moments.
  private static func fill(_ count: Int) -> String {
    """
    SELECT set_config('sevk.keeps_lists', 'yes', false);
    INSERT INTO orders (id, tenant_id, product, fields, status, version, priority, quantity, idempotency_key, request_hash, due_at)
    SELECT gen_random_uuid(), (SELECT min(id) FROM tenants), 'pubg-60', '{}', 'pending', 1, 'normal', 1, 'bench-' || n,
           decode(repeat('00', 32), 'hex'), now() + interval '1 day'
    FROM generate_series(1, \(count) / 4) AS n;
    INSERT INTO events (order_id, version, status, type, position, published_at)
    SELECT o.id, v, 'pending', 'sevk.order.created', 0, 'infinity' FROM orders o, generate_series(1, 4) AS v;
    INSERT INTO event_places (first, last, least_id, ids, reach)
    SELECT min(place), max(place), min(id), array_agg(id ORDER BY place), max(id)
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM events) AS e GROUP BY (place - 1) / 50;
    INSERT INTO tenant_event_runs (tenant_id, last) SELECT (SELECT min(id) FROM tenants), last FROM event_places;
    UPDATE event_tail SET last = (SELECT max(last) FROM event_places), seen = (SELECT max(id) FROM events), kept_after = 0,
      gaps = '{}', old_gaps = '{}';
    ANALYZE;
    """
  }
}
