import EventLoop
import Jobs
import PrivateServers
import Queue
import Redis

/// No-op jobs: how fast they go into the queue, and how fast workers get them out and done.
@LoopActor
struct JobsBench {
  let stage: Stage
  let redis: RedisServer
  let contenders: [Contender]
  let rounds: Int

  /// A system that fails is tried no more; the others go on.
  ///
  /// - Parameter keep: is given what is known after each system's turn.
  /// - Throws: at the end, when this version of Sevk is among those that failed.
  func run(_ keep: @LoopActor (JobsReport) throws -> Void) async throws {
    try await redis.start()
    let client = RedisClient(try RedisURL(redis.url))
    defer { client.close() }
    let machine = Machine(redis: try await RedisFacts.version(client))
    var results: [String: [Turn]] = [:]
    var failures: [RoundFailure] = []
    // By turns, so that a noisy minute hits all of them.
    for round in 1...rounds {
      for contender in contenders where !failures.contains(where: { $0.name == contender.name }) {
        Output.progress("round \(round) of \(rounds): \(contender.name), \(contender.jobs) jobs")
        do { results[contender.name, default: []].append(try await turn(of: contender, client)) } catch {
          Output.progress("\(contender.name) failed: \(error)")
          failures.append(RoundFailure(error, name: contender.name, round: round))
        }
        try keep(report(machine, results, failures))
      }
    }
    await redis.kill()
    if let failure = failures.first(where: { $0.name == contenders.first?.name }) { throw failure }
  }

  private typealias Turn = (enqueue: Phase.Result, drain: Phase.Result)

  private func turn(of contender: Contender, _ client: RedisClient) async throws -> Turn {
    _ = try await client.command("FLUSHALL")
    let environment = ["BENCH_REDIS_URL": redis.url, "BENCH_REDIS_SOCKET": redis.socket]
    let begun = ContinuousClock.now
    let enqueue = try await Phase(
      name: "\(contender.name)-enqueue", stage: stage, redis: redis, limits: contender.limits
    ).run([contender.enqueue], processes: 1, count: contender.jobs, environment: environment)
    var limits = contender.limits
    limits.whole -= ContinuousClock.now - begun
    let drain = try await Phase(name: "\(contender.name)-drain", stage: stage, redis: redis, limits: limits)
      .run(contender.workers, processes: contender.workerProcesses, count: contender.jobs, environment: environment)
    if let queue = contender.queue { try await requireEmpty(queue, client) }
    return (enqueue, drain)
  }

  private func report(_ machine: Machine, _ results: [String: [Turn]], _ failures: [RoundFailure]) -> JobsReport {
    let own = results["sevk"] ?? []
    let other = results[OtherVersion.name] ?? []
    let ratios = [
      VersionRatio("jobs enqueued a second", own.map(\.enqueue.perSecond), other.map(\.enqueue.perSecond)),
      VersionRatio("jobs drained a second", own.map(\.drain.perSecond), other.map(\.drain.perSecond)),
      VersionRatio(
        "CPU a job, Sevk", own.map { $0.enqueue.clientCPU + $0.drain.clientCPU },
        other.map { $0.enqueue.clientCPU + $0.drain.clientCPU }),
      VersionRatio(
        "CPU a job, Redis", own.map { $0.enqueue.redisCPU + $0.drain.redisCPU },
        other.map { $0.enqueue.redisCPU + $0.drain.redisCPU }),
    ]
    return JobsReport(
      machine: machine,
      results: contenders.compactMap { contender in
        results[contender.name].map { entry(contender, $0.map(\.enqueue), $0.map(\.drain)) }
      }, ratios: ratios.compactMap { $0 }, failures: failures)
  }

  private func requireEmpty(_ queue: QueueName, _ client: RedisClient) async throws {
    let counts = try await RedisBroker(client: client).counts(of: queue)
    guard counts.ready + counts.leased + counts.delayed + counts.dead == 0 else {
      throw ChildProgram.Failure("jobs are left in the queue \(queue): \(counts)")
    }
  }

  private func entry(_ contender: Contender, _ enqueues: [Phase.Result], _ drains: [Phase.Result])
    -> JobsReport.Entry
  {
    func median(_ results: [Phase.Result], _ value: (Phase.Result) -> Double) -> Double {
      Figures(results.map(value))?.median ?? 0
    }
    return JobsReport.Entry(
      name: contender.name, setUp: contender.setUp, jobs: contender.jobs, rounds: drains.count,
      enqueue: Figures(enqueues.map(\.perSecond)), drain: Figures(drains.map(\.perSecond)),
      rssMb: median(drains, \.residentMegabytes),
      enqueueCpuUsPerJob: .init(redis: median(enqueues, \.redisCPU), client: median(enqueues, \.clientCPU)),
      drainCpuUsPerJob: .init(redis: median(drains, \.redisCPU), client: median(drains, \.clientCPU)),
      noiseMax: (enqueues + drains).map(\.noise).max() ?? 0)
  }
}

/// What Redis says of itself.
@LoopActor
enum RedisFacts {
  static func version(_ client: RedisClient) async throws -> String {
    try await field("redis_version", "server", client) ?? "unknown"
  }

  /// A field of `INFO`.
  static func field(_ name: String, _ section: String, _ client: RedisClient) async throws -> String? {
    let text = try await client.command("INFO", .string(section)).text ?? ""
    return text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") }
      .map { String($0.dropFirst(name.count + 1)) }
  }
}
