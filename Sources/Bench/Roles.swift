import CommandLine
import EventLoop
import FoundationEssentials
import Glibc
import Jobs
import Kinds
import Orders
import Process
import Queue
import Redis

/// The parts that this program plays in processes of their own.
enum Roles {
  static let word = "role"

  static let program = Program("bench role", "parts of a measurement; not for people", [enqueue, work, check, receive])

  /// Where the counters are and where Redis is, as the parent says.
  private static func environment(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name] else { throw UsageError("\(name) is not set") }
    return value
  }

  /// Enqueues no-op jobs as the intake does: one call a job, many under way.
  private static let enqueue = Command(
    "enqueue", "Enqueues no-op jobs.", grammar: .init(values: ["--jobs"]), example: "bench role enqueue --jobs 1000"
  ) { arguments, _ in
    let jobs = try Numbers.integer(arguments, "--jobs", default: 1000, in: 1...10_000_000)
    let client = RedisClient(try RedisURL(try environment("BENCH_REDIS_URL")))
    try await client.ping()
    let broker = RedisBroker(client: client)
    let counter = try Counter(folder: try environment(Counter.folderVariable))
    counter.waitForGate()
    let begun = Counter.now
    try await NoOp.enqueue(jobs, with: broker)
    counter.note(jobs, from: begun, to: Counter.now)
    // Stays until it is told to go, so that the parent can read what it has spent.
    _ = await LoopEvent().wait()
  }

  /// Runs no-op jobs with what `worker run` runs jobs with.
  private static let work = Command(
    "work", "Runs no-op jobs.", settings: Setting.common, example: "bench role work"
  ) { arguments, _ in
    let counter = try Counter(folder: try environment(Counter.folderVariable))
    var handlers = Handlers()
    handlers.on(NoOp.self, policy: .persistent) { _, _ in
      counter.count()
      return .completed
    }
    try await run(NoOp.queue, handlers, arguments, counter)
  }

  /// Runs checks of nothing, and notes when each began, in microseconds of the wall clock that Redis goes by too.
  private static let check = Command(
    "check", "Runs checks that ask nobody.", grammar: .init(values: ["--times"]), settings: Setting.common,
    example: "bench role check --times FILE"
  ) { arguments, _ in
    let counter = try Counter(folder: try environment(Counter.folderVariable))
    let times = open(try arguments.required("--times", "where to note the times"), O_WRONLY | O_CREAT | O_APPEND, 0o644)
    var handlers = Handlers()
    handlers.on(CheckOrder.self, policy: .persistent) { job, _ in
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      let line = Array("\(job.id) \(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)\n".utf8)
      write(times, line, line.count)
      counter.count()
      return .completed
    }
    try await run(CheckOrder.queue, handlers, arguments, counter)
  }

  /// Takes what is posted, as a receiver that does nothing with it: 204 at once, and no answer below `/never`.
  private static let receive = Command(
    "receive", "Takes posts.", grammar: .init(values: ["--port", "--times"]),
    example: "bench role receive --port 8000"
  ) { arguments, _ in
    let port = try Numbers.integer(arguments, "--port", default: 0, in: 1...65_535)
    try await Receiver(
      port: port, counter: try Counter(folder: try environment(Counter.folderVariable)),
      times: arguments.value("--times")
    ).run()
  }

  @LoopActor
  private static func run(_ queue: QueueName, _ handlers: Handlers, _ arguments: Arguments, _ counter: Counter)
    async throws
  {
    let redis = try environment("BENCH_REDIS_URL")
    let settings = Settings(arguments) { variable in
      switch variable {
      case Setting.redisURL.variable: redis
      // Asked for, but never connected to: these jobs need no database.
      case Setting.databaseURL.variable: "postgres://nobody@/none"
      default: Settings.ofProcess(variable)
      }
    }
    let frame = try ProcessFrame(program: "bench", settings: settings, key: .never)
    let runner = try frame.runner(of: queue, handlers)
    try await frame.redis.ping()
    counter.waitForGate()
    try await frame.run([runner], hasDatabase: false)
  }
}
