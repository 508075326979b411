import EventLoop
import Glibc
import Jobs
import Kinds
import Postgres
import PrivateServers
import Queue
import Redis

/// How cost grows with what waits.
@LoopActor
final class ScaleBench {
  private static let probes = 20_000
  private static let batch = 200
  private static let lease = Duration.seconds(60)
  /// Rows in one transaction.
  private static let fillBatch = 100_000
  private static let rebuildLimit = Duration.seconds(300)
  /// Until what a scheduler does at its start is over.
  private static let calm = Duration.seconds(3)
  private static let plannedOrders = 100

  private let installation: Installation
  private let rounds: Int
  private(set) var noiseMax = 0.0

  init(installation: Installation, rounds: Int) {
    self.installation = installation
    self.rounds = rounds
  }

  // MARK: Delayed jobs

  func delayed(_ sizes: [Int]) async throws -> [ScaleReport.Delayed] {
    var results: [ScaleReport.Delayed] = []
    for size in sizes {
      // Leaves the queue filled.
      let bytes = try await MemoryCommand.bytesPerDelayedJob(installation, size)
      var costs: [Double] = []
      for _ in 1...rounds { costs.append(try await costOfOneMore()) }
      results.append(.init(delayedJobs: size, bytesPerJob: bytes, redisCpuUsPerJob: Figures(costs)))
    }
    return results
  }

  /// Microseconds of Redis' CPU for a job that is delayed, becomes due, is claimed and settled.
  private func costOfOneMore() async throws -> Double {
    let broker = RedisBroker(client: installation.redis)
    guard let id = installation.redisServer.process?.id else { throw ChildProgram.Failure("Redis does not run") }
    var random = SystemRandomNumberGenerator()
    let before = CPUTimes.read()
    var done = 0
    while done < Self.probes {
      let jobs = (0..<Self.batch).map { _ in
        NewJob(DelayedJobs.check(&random), delay: .milliseconds(1))
      }
      _ = try await broker.enqueue(jobs, to: CheckOrder.queue)
      var claimed: [JobRecord] = []
      while claimed.count < jobs.count {
        _ = try await broker.promote(in: CheckOrder.queue, max: Self.batch, crashesMax: 3)
        let claim = try await broker.claim(Self.batch, from: CheckOrder.queue, token: "bench", lease: Self.lease)
        claimed += claim.jobs
      }
      _ = try await broker.settle(
        claimed.map { Settlement($0, .complete) }, in: CheckOrder.queue, token: "bench")
      done += claimed.count
    }
    let after = CPUTimes.read()
    noiseMax = max(noiseMax, after.noise(since: before))
    return (after.seconds(of: id) - before.seconds(of: id)) / Double(done) * 1e6
  }

  // MARK: Open orders

  func openOrders(_ sizes: [Int], orders: Int) async throws -> [ScaleReport.OpenOrders] {
    var results: [ScaleReport.OpenOrders] = []
    for size in sizes {
      Output.progress("\(size) open orders")
      try await installation.empty()
      try await fill(size)
      Output.progress("starting beside \(size) open orders")
      try await installation.start()
      try await Waiting.until("every job was there", within: Self.rebuildLimit) {
        try await self.jobs() >= size
      }
      var rates: [Double] = []
      var costs: [Double] = []
      var rebuilds: [Double] = []
      for round in 1...rounds {
        Output.progress("round \(round) of \(rounds): \(orders) orders, then Redis is emptied")
        let bench = OrdersBench(installation: installation, orders: orders)
        let result = try await bench.sevkAsItRuns(run: "s\(size)-\(round)")
        rates.append(result.perSecond)
        costs.append(result.cpu.postgresql)
        noiseMax = max(noiseMax, result.noise)
        rebuilds.append(try await rebuild(size))
      }
      await installation.stopProcesses()
      results.append(
        .init(
          openOrders: size, throughput: Figures(rates),
          postgresqlCpuUsPerOrder: Figures(costs)?.median ?? 0, rebuildSeconds: Figures(rebuilds)))
    }
    return results
  }

  /// Seconds from emptying Redis until it has a job for each open order again.
  private func rebuild(_ orders: Int) async throws -> Double {
    try await EventLoop.sleep(for: Self.calm)
    let before = CPUTimes.read()
    let begun = Counter.now
    _ = try await installation.redis.command("FLUSHALL")
    try await Waiting.until("every job was back", within: Self.rebuildLimit) {
      try self.installation.requireAlive()
      return try await self.jobs() >= orders
    }
    let seconds = Double(Counter.now - begun) / 1e9
    noiseMax = max(noiseMax, CPUTimes.read().noise(since: before))
    return seconds
  }

  private func jobs() async throws -> Int {
    let counts = try await RedisBroker(client: installation.redis).counts(of: CheckOrder.queue)
    return counts.ready + counts.leased + counts.delayed
  }

  /// Orders that the provider has, to be asked about in one hour to twenty-five.
  private func fill(_ count: Int) async throws {
    for first in stride(from: 1, through: count, by: Self.fillBatch) {
      try await installation.postgres.script(
        """
        -- The rows refer to each other rightly; checking each costs more than writing it.
        SET session_replication_role = replica;
        INSERT INTO orders (id, version, status, came_from, tenant_id, product, fields, reference, priority, quantity,
                            idempotency_key, request_hash, provider_id, provider_reference, attempt, sent_at, due_at)
        SELECT ('01a00000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 3, 'sent', 'sending',
               (SELECT min(id) FROM tenants), '\(Installation.product)',
               jsonb_build_object('player_id', 'open-' || n, 'phone', '905551234567'), 'open-' || n, 'normal', 1,
               'open-' || n, sha256(n::text::bytea), (SELECT min(id) FROM providers),
               (900000000000000 + n)::text, 1, now(), now() + interval '1 hour' + random() * interval '24 hours'
        FROM generate_series(\(first), \(min(first + Self.fillBatch - 1, count))) AS n;
        INSERT INTO attempts (order_id, number, provider_id, reference, state, answered_at)
        SELECT ('01a00000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, (SELECT min(id) FROM providers),
               (900000000000000 + n)::text, 'accepted', now()
        FROM generate_series(\(first), \(min(first + Self.fillBatch - 1, count))) AS n
        """)
    }
    try await installation.postgres.script("ANALYZE orders; ANALYZE attempts")
  }

  // MARK: Finished orders

  func finishedOrders(_ sizes: [Int], orders: Int) async throws -> [ScaleReport.FinishedOrders] {
    let finished = FinishedOrders(installation: installation)
    var results: [ScaleReport.FinishedOrders] = []
    var filled = 0
    try await installation.empty()
    for size in sizes {
      Output.progress("\(size) finished orders")
      if size > filled { try await finished.fill(filled + 1...size) }
      filled = size
      try await installation.start()
      var rates: [Double] = []
      var costs: [Double] = []
      var reads: [Double] = []
      var lists: [String: [Latencies]] = [:]
      for round in 1...rounds {
        Output.progress("round \(round) of \(rounds): \(orders) orders, then lists")
        let rowsBefore = try await finished.rowsRead()
        let result = try await OrdersBench(installation: installation, orders: orders)
          .sevkAsItRuns(run: "f\(size)-\(round)")
        // Sessions tell the statistics now and then; a second is their longest pause.
        try await EventLoop.sleep(for: Self.calm)
        reads.append((try await finished.rowsRead() - rowsBefore) / Double(orders))
        rates.append(result.perSecond)
        costs.append(result.cpu.postgresql)
        noiseMax = max(noiseMax, result.noise)
        for (name, times) in try await finished.lists() { lists[name, default: []].append(times) }
      }
      await installation.stopProcesses()
      results.append(
        .init(
          finishedOrders: size, throughput: Figures(rates),
          postgresqlCpuUsPerOrder: Figures(costs)?.median ?? 0, rowsReadPerOrder: Figures(reads)?.median ?? 0,
          lists: lists.mapValues { LatencyFigures($0) }))
    }
    return results
  }

  /// The plans of the statements that some orders, their lists and the loss of Redis need, beside what is there now.
  func plans() async throws -> String {
    let plans = QueryPlans(installation: installation)
    try await plans.begin()
    try await installation.start()
    _ = try await OrdersBench(installation: installation, orders: Self.plannedOrders).sevkAsItRuns(run: "plans")
    _ = try await FinishedOrders(installation: installation).lists()
    _ = try await installation.redis.command("FLUSHALL")
    try await EventLoop.sleep(for: Self.calm)
    await installation.stopProcesses()
    return plans.written()
  }

  // MARK: Processes

  func processes(_ numbers: ClosedRange<Int>, jobs: Int) async throws -> [ScaleReport.Processes] {
    var rates: [Int: [Double]] = [:]
    let environment = installation.peerEnvironment
    for round in 1...rounds {
      for number in numbers {
        Output.progress("round \(round) of \(rounds): \(number) worker processes, \(jobs) jobs")
        _ = try await installation.redis.command("FLUSHALL")
        let contender = Contender.sevk(jobs: jobs)
        func phase(_ name: String) -> Phase {
          Phase(name: name, stage: installation.stage, redis: installation.redisServer)
        }
        _ = try await phase("enqueue").run([contender.enqueue], processes: 1, count: jobs, environment: environment)
        let result = try await phase("drain").run(
          (0..<number).flatMap { _ in contender.workers }, processes: number, count: jobs, environment: environment)
        rates[number, default: []].append(result.perSecond)
        noiseMax = max(noiseMax, result.noise)
      }
    }
    return numbers.map { .init(workerProcesses: $0, drain: Figures(rates[$0] ?? [])) }
  }
}
