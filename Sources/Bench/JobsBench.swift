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

  func run() async throws -> JobsReport {
    try await redis.start()
    let client = RedisClient(try RedisURL(redis.url))
    defer { client.close() }
    let machine = Machine(redis: try await RedisFacts.version(client))
    var enqueues: [String: [Phase.Result]] = [:]
    var drains: [String: [Phase.Result]] = [:]
    // By turns, so that a noisy minute hits all of them.
    for round in 1...rounds {
      for contender in contenders {
        Output.progress("round \(round) of \(rounds): \(contender.name), \(contender.jobs) jobs")
        _ = try await client.command("FLUSHALL")
        let environment = ["BENCH_REDIS_URL": redis.url, "BENCH_REDIS_SOCKET": redis.socket]
        enqueues[contender.name, default: []].append(
          try await Phase(name: "\(contender.name)-enqueue", stage: stage, redis: redis)
            .run([contender.enqueue], processes: 1, count: contender.jobs, environment: environment))
        drains[contender.name, default: []].append(
          try await Phase(name: "\(contender.name)-drain", stage: stage, redis: redis)
            .run(
              contender.workers, processes: contender.workerProcesses, count: contender.jobs,
              environment: environment))
        if let queue = contender.queue { try await requireEmpty(queue, client) }
      }
    }
    await redis.kill()
    return JobsReport(
      machine: machine,
      results: contenders.map { entry($0, enqueues[$0.name] ?? [], drains[$0.name] ?? []) })
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
