import EventLoop
import FoundationEssentials
import Glibc
import Orders
import Postgres
import PrivateServers
import Redis

/// The full way of orders: from the post to the published completion.
@LoopActor
struct OrdersBench {
  struct Result {
    let perSecond: Double
    /// See ``SteadyRate``; nil for a run that was too short.
    let steadyPerSecond: Double?
    let cpu: OrdersReport.CPU
    /// Microseconds of CPU an order, by process.
    let cpuByProcess: [String: Double]
    let residentMegabytes: Double
    let noise: Double
  }

  private static let standstill = Duration.seconds(60)
  private static let stopGrace = Duration.seconds(10)
  private static let completed = PostgresStatement(
    name: "bench_completed",
    sql: """
      SELECT count(*) FILTER (WHERE status = 'completed' AND pin IS NOT NULL), count(*),
             (SELECT count(*) FROM attempts) FROM orders
      """)
  private static let pipelineDone = PostgresStatement(
    name: "bench_pipeline_done",
    sql: "SELECT count(*) FILTER (WHERE status = 'completed' AND pin <> ''), count(*) FROM pipeline_orders")

  let installation: Installation
  let orders: Int
  /// Posts under way at once.
  var lanes = 128
  /// Most orders that are posted and not fulfilled: twice what are open at 1,000 a second, each for four seconds.
  var openMax = 8192
  /// How long a round may take.
  var limit = Duration.seconds(24 * 3600)

  // MARK: Sevk

  /// One round of Sevk with one dispatcher, one worker and one scheduler.
  func sevk(round: Int) async throws -> Result {
    try await installation.empty()
    try await installation.start()
    let result = try await sevkAsItRuns(run: "r\(round)")
    await installation.stopProcesses()
    let counts = try await installation.postgres.run(Self.completed, [])[0]
    guard try counts.int(0) == orders, try counts.int(1) == orders, try counts.int(2) == orders else {
      throw ChildProgram.Failure(
        "of \(orders) orders \(try counts.int(0)) were completed, with \(try counts.int(2)) sends")
    }
    return result
  }

  /// Orders on their whole way through the processes that run.
  ///
  /// - Parameter run: tells them from others.
  func sevkAsItRuns(run: String) async throws -> Result {
    let poster = OrderPoster(
      address: installation.apiAddress, token: installation.token, run: run, connectionsMax: lanes)
    defer { poster.close() }
    let events = EventReader(installation.redis, stream: "sevk:events", mark: "\"sevk.order.completed\"")
    try await events.skip()
    return try await measure(
      events, clients: installation.processes.mapValues(\.id), loads: [getpid()],
      logs: Array(installation.processes.values), requireAlive: installation.requireAlive,
      posted: { poster.answeredAt }
    ) {
      try await poster.post(all: orders, lanes: lanes, openMax: openMax) { events.count }
    }
  }

  // MARK: Celery

  /// One round of a Celery pipeline that does the same work.
  func pipeline(_ peers: Peers, round: Int) async throws -> Result {
    _ = try await installation.redis.command("FLUSHALL")
    try await installation.postgres.script(
      """
      DROP TABLE IF EXISTS pipeline_orders;
      CREATE TABLE pipeline_orders (
        id text PRIMARY KEY, status text NOT NULL, player text NOT NULL, phone text NOT NULL, reference text UNIQUE,
        pin text, updated_at timestamptz NOT NULL DEFAULT now())
      """)
    let counts = installation.stage.emptied("counts")
    var environment = ChildProgram.environment.merging(installation.peerEnvironment) { $1 }
    environment[Counter.folderVariable] = counts
    environment["BENCH_ROUND"] = "\(round)"
    func start(_ launch: Launch, _ name: String) throws -> ChildProgram {
      try ChildProgram(
        launch.program, launch.arguments, environment: environment.merging(launch.environment) { $1 },
        log: "\(installation.stage.folder)/\(name).log")
    }
    let workers = try peers.pipelineWorkers().enumerated().map { try start($1, "pipeline-\($0)") }
    // It has its modules loaded and waits at the gate.
    let load = try start(peers.pipelineLoad(orders: orders), "pipeline-load")
    defer { for child in workers + [load] { child.signal(SIGKILL) } }
    let requireAlive: @LoopActor () throws -> Void = {
      for child in workers + [load] {
        if let end = child.poll() {
          throw RoundFailure("the pipeline ended with \(end.words)", logsOf: [child])
        }
      }
    }
    do {
      try await Waiting.until("the pipeline was ready", within: min(Self.standstill, limit)) {
        try requireAlive()
        return Tally(folder: counts).processes > workers.count
      }
    } catch let error as ChildProgram.Failure { throw RoundFailure("\(error)", logsOf: workers + [load]) }
    let events = EventReader(installation.redis, stream: "pipeline:events", mark: "completed")
    let clients = Dictionary(uniqueKeysWithValues: workers.enumerated().map { ("worker \($0 + 1)", $1.id) })
    let result = try await measure(
      events, clients: clients, loads: [getpid(), load.id], logs: workers + [load], requireAlive: requireAlive
    ) {
      close(open("\(counts)/gate", O_CREAT | O_WRONLY, 0o644))
    }
    for child in workers + [load] { await child.stop(grace: Self.stopGrace) }
    let done = try await installation.postgres.run(Self.pipelineDone, [])[0]
    guard try done.int(0) == orders, try done.int(1) == orders else {
      throw RoundFailure("of \(orders) orders of the pipeline \(try done.int(0)) were completed", logsOf: workers)
    }
    return result
  }

  // MARK: Both

  private func measure(
    _ events: EventReader, clients: [String: pid_t], loads: [pid_t], logs: [ChildProgram],
    requireAlive: @LoopActor () throws -> Void, posted: (@LoopActor () -> [ContinuousClock.Instant])? = nil,
    _ begin: @escaping @LoopActor @Sendable () async throws -> Void
  ) async throws -> Result {
    let before = CPUTimes.read()
    let begun = try await EventReader.now(installation.redis)
    let started = ContinuousClock.now
    // Beside the reading: how fast orders are posted depends on how many are fulfilled.
    let load = Load(begin)
    defer { load.cancel() }
    var progressAt = ContinuousClock.now
    while events.count < orders {
      try load.check()
      let count = events.count
      try await events.read()
      if events.count > count { progressAt = .now }
      guard ContinuousClock.now - progressAt < Self.standstill else {
        throw RoundFailure("it stands still after \(events.count) of \(orders) orders", logsOf: logs)
      }
      guard ContinuousClock.now - started < limit else {
        throw RoundFailure("it had done \(events.count) of \(orders) orders when its time was over", logsOf: logs)
      }
      try requireAlive()
      try await EventLoop.sleep(for: .milliseconds(50))
    }
    let after = CPUTimes.read()
    func perOrder(_ ids: [pid_t?], alone: Bool = false) -> Double {
      ids.reduce(0) { sum, id in
        guard let id else { return sum }
        let spent = alone ? after.own(id) - before.own(id) : after.seconds(of: id) - before.seconds(of: id)
        return sum + spent / Double(orders) * 1e6
      }
    }
    return Result(
      perSecond: Double(orders) / (Double(events.lastMilliseconds - begun) / 1000),
      steadyPerSecond: SteadyRate.perSecond(
        fulfilled: events.times.map { $0 - begun },
        posted: posted.map { $0().map { ($0 - started).milliseconds } }),
      cpu: .init(
        client: perOrder(Array(clients.values)), redis: perOrder([installation.redisServer.process?.id]),
        postgresql: perOrder([installation.postgresServer.process?.id]),
        panel: perOrder([installation.panel?.process.id]), load: perOrder(loads, alone: true)),
      cpuByProcess: clients.mapValues { perOrder([$0]) },
      residentMegabytes: CPUTimes.residentMegabytes(clients.values.flatMap { after.family(of: $0) }),
      noise: after.noise(since: before))
  }
}
