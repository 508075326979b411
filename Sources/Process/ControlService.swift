import CommandLine
public import EventLoop
import Glibc
import Jobs
import Orders
public import Redis
public import Telemetry

/// Lets `worker inspect` find this process and ask it things.
///
/// A process is listed in the hash `sevk:processes` and has a list of questions: whoever asks pushes
/// `<question> <reply key>` there, rings the process's bell, and waits on the reply key. Redis is only a wire here; nothing is lost with it.
@LoopActor
public final class ControlService: ProcessService {
  public let name = "control"
  private let program: String
  private let process: String
  private let redis: RedisClient
  private let metrics: Metrics
  private let runners: [RunnerService]
  private var tasks: [Task<Void, Never>] = []
  private let startedAt = ContinuousClock.now

  public static let registry = "sevk:processes"
  /// The entry is renewed this often, so that it comes back after Redis was emptied.
  private static let renewal = Duration.seconds(3)
  private static let replySecondsMax: Int64 = 30

  public static func questions(_ process: String) -> String { "sevk:control:{\(process)}:questions" }
  public static func bell(_ process: String) -> String { "sevk:control:{\(process)}:bell" }

  /// - Parameter process: the name under which it is listed, one among all processes.
  public init(
    program: String, process: String, redis: RedisClient, metrics: Metrics, runners: [RunnerService]
  ) {
    self.program = program
    self.process = process
    self.redis = redis
    self.metrics = metrics
    self.runners = runners
  }

  public func start() async throws {
    tasks = [
      Task(executorPreference: EventLoop.shared) { await self.stayListed() },
      Task(executorPreference: EventLoop.shared) { await self.answerQuestions() },
    ]
  }

  public func stop() async {
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    _ = try? await redis.command("HDEL", .string(Self.registry), .string(process))
  }

  private func stayListed() async {
    while !Task.isCancelled {
      let now = String(time(nil))
      _ = try? await redis.command("HSET", .string(Self.registry), .string(process), .string(now))
      try? await EventLoop.sleep(for: Self.renewal)
    }
  }

  private func answerQuestions() async {
    while !Task.isCancelled {
      do {
        _ = try await redis.blockingPop(key: Self.bell(process), limit: .seconds(30))
        while let question = try await redis.command("LPOP", .string(Self.questions(process))).text {
          let words = question.split(separator: " ")
          guard words.count == 2 else { continue }
          let reply = await answer(String(words[0]))
          let key = RedisArgument.string(String(words[1]))
          _ = try await redis.command(
            "RPUSH", key,
            .string(
              JSONText.object([
                "process": JSONText.quote(process), "answer": reply,
              ])))
          _ = try await redis.command("EXPIRE", key, .integer(Self.replySecondsMax))
        }
      } catch {
        try? await EventLoop.sleep(for: .milliseconds(500))
      }
    }
  }

  /// The answer to a question, as JSON.
  private func answer(_ question: String) async -> String {
    switch question {
    case "ping":
      return JSONText.quote("pong")
    case "stats":
      let (seconds, _) = (ContinuousClock.now - startedAt).components
      var active = 0
      for runner in runners { active += await runner.runner.active.count }
      return JSONText.object([
        "program": JSONText.quote(program), "version": JSONText.quote(Program.version), "pid": "\(getpid())",
        "uptime_seconds": "\(seconds)",
        "queues": JSONText.array(runners.map { JSONText.quote($0.runner.queue.rawValue) }), "active": "\(active)",
        "jobs_processed": "\(Int64(metrics.total("sevk_jobs_processed_total")))",
        "rss_bytes": "\(Self.residentBytes())",
      ])
    case "active":
      var jobs: [String] = []
      for runner in runners {
        for (record, since) in await runner.runner.active {
          jobs.append(
            JSONText.object([
              "queue": JSONText.quote(runner.runner.queue.rawValue), "kind": JSONText.quote(record.kind),
              "id": JSONText.quote(record.id), "running_ms": "\(since.milliseconds)",
            ]))
        }
      }
      return JSONText.array(jobs)
    case "reserved":
      // A job is taken only when its handler can begin, so none waits inside a process.
      return JSONText.array([])
    case "registered":
      return JSONText.array(Set(runners.flatMap(\.runner.kinds)).sorted().map { JSONText.quote($0) })
    case "active_queues":
      return JSONText.array(
        runners.map {
          JSONText.object([
            "queue": JSONText.quote($0.runner.queue.rawValue), "concurrency": "\($0.runner.concurrency)",
          ])
        })
    default:
      return JSONText.object(["error": JSONText.quote("this process doesn't know the question \(question)")])
    }
  }

  private static func residentBytes() -> Int {
    guard let text = readTextFile("/proc/self/statm") else { return 0 }
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(getpagesize())
  }
}
