import CommandLine
import EventLoop
import FoundationEssentials
import Glibc
import Jobs
import Kinds
import PrivateServers
import Queue
import Redis

/// Checks that become due one after the other while very many others wait: how long from due to claimed, with the real
/// scheduler and a worker process.
@LoopActor
struct DueLatency {
  private static let limit = Duration.seconds(60)
  /// Until the first is due: what must have started by then has.
  private static let lead = Duration.seconds(2)
  private static let stopGrace = Duration.seconds(10)

  let installation: Installation
  let broker: RedisBroker

  /// - Parameters:
  ///   - count: how many become due.
  ///   - perSecond: at what rate.
  func run(count: Int, perSecond: Double) async throws -> (latencies: Latencies, noise: Double) {
    let counts = installation.stage.emptied("counts")
    let times = "\(counts)/times"
    close(open("\(counts)/gate", O_CREAT | O_WRONLY, 0o644))
    var environment = ChildProgram.environment
    environment["BENCH_REDIS_URL"] = installation.redisServer.url
    environment[Counter.folderVariable] = counts
    let worker = try ChildProgram(
      "\(Stage.binaries)/bench", [Roles.word, "check", "--times", times], environment: environment,
      log: "\(installation.stage.folder)/check.log")
    defer { worker.signal(SIGKILL) }
    try await Waiting.until("the worker was ready", within: Self.limit) { Tally(folder: counts).processes == 1 }

    let before = CPUTimes.read()
    var random = SystemRandomNumberGenerator()
    let jobs = (0..<count).map { index in
      NewJob(DelayedJobs.check(&random), delay: Self.lead + .microseconds(Int64(Double(index) / perSecond * 1e6)))
    }
    _ = try await broker.enqueue(jobs, to: CheckOrder.queue)
    let scores = try await installation.redis.command(
      ["ZMSCORE", DelayedJobs.key] + jobs.map { .string($0.record.id) })
    let due = Dictionary(
      uniqueKeysWithValues: zip(jobs, scores.array ?? []).map {
        ($0.record.id, $1.text.flatMap { Double($0) } ?? 0)
      })
    let passes = Self.lead + .seconds(Double(count) / perSecond) + Self.limit
    try await Waiting.until("all were claimed", within: passes) {
      try installation.requireAlive()
      if let end = worker.poll() { throw ChildProgram.Failure("the worker ended with \(end.words): \(worker.output)") }
      return Tally(folder: counts).count >= count
    }
    let noise = CPUTimes.read().noise(since: before)
    await worker.stop(grace: Self.stopGrace)
    var latencies: [Double] = []
    for line in (readTextFile(times) ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let milliseconds = due[String(words[0])], let claimed = Double(words[1]) else { continue }
      latencies.append(claimed / 1000 - milliseconds)
    }
    guard latencies.count == count, due.values.allSatisfy({ $0 > 0 }) else {
      throw ChildProgram.Failure("\(latencies.count) checks were claimed instead of \(count)")
    }
    return (Latencies(latencies), noise)
  }
}
