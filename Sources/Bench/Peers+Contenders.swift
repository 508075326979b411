extension Peers {
  /// How one of the peers is run.
  private struct SetUp {
    /// In a round: enough for some seconds.
    let jobs: Int
    let workers: [Launch]
    let words: String
  }

  /// Those that can be installed.
  ///
  /// - Parameters:
  ///   - jobs: how many a round has; nil for what takes each some seconds.
  ///   - limit: how long a round may take.
  func contenders(jobs: Int?, limit: Duration) async throws -> [Contender] {
    let installed = try await install(names)
    return names.filter(installed.contains).map { name in
      let setUp = setUp(of: name)
      let count = jobs ?? setUp.jobs
      let module = name.split(separator: "-").first.map(String.init) ?? name
      let enqueue =
        name == "sidekiq"
        ? Launch(program: "/usr/bin/ruby", arguments: ["\(programs)/sidekiq_peer.rb", "\(count)"])
        : python("python", "\(programs)/enqueue.py", "\(module)_peer", "\(count)")
      return Contender(
        name: name, jobs: count, enqueue: enqueue, workers: setUp.workers, workerProcesses: 2, setUp: setUp.words,
        limits: Phase.Limits(whole: limit))
    }
  }

  private func setUp(of name: String) -> SetUp {
    switch name {
    case "celery":
      SetUp(
        jobs: 10_000, workers: ["one", "two"].map { celery(on: $0, app: "celery_peer", pool: ["solo"]) },
        words: "two solo processes, prefetch 64; \(Self.celeryWithout)")
    case "celery-prefork":
      SetUp(
        jobs: 10_000, workers: [celery(on: "one", app: "celery_peer", pool: ["prefork", "-c", "2"])],
        words: "the default pool with two processes, prefetch 64; \(Self.celeryWithout)")
    case "rq":
      SetUp(
        jobs: 4000, workers: twice(python("python", "\(programs)/rq_peer.py")),
        words: "two SimpleWorkers, which don't fork; no results; enqueued a thousand at a time")
    case "huey":
      SetUp(
        jobs: 50_000, workers: twice(python("huey_consumer", "huey_peer.huey", "-w", "1", "-q")),
        words: "two consumers of one thread, no results")
    case "taskiq":
      SetUp(
        jobs: 20_000,
        workers: [python("taskiq", "worker", "taskiq_peer:broker", "--workers", "2", "--log-level", "ERROR")],
        words: "two processes, uvloop, the list broker, no results")
    case "dramatiq":
      SetUp(
        jobs: 50_000, workers: [python("dramatiq", "dramatiq_peer", "--processes", "2", "--threads", "32")],
        words: "two processes of 32 threads, default middleware")
    default:
      SetUp(
        jobs: 50_000,
        workers: twice(
          Launch(
            program: "/usr/bin/sidekiq",
            arguments: ["--require", "\(programs)/sidekiq_peer.rb", "--concurrency", "10", "--queue", "default"])),
        words: "two processes of ten threads, quiet log; enqueued a thousand at a time")
    }
  }

  private func twice(_ launch: Launch) -> [Launch] { [launch, launch] }

  private func python(_ program: String, _ arguments: String...) -> Launch {
    Launch(program: "\(venv)/bin/\(program)", arguments: arguments, environment: ["PYTHONPATH": programs])
  }

  // MARK: Celery

  nonisolated private static let celeryWithout = "no results, events, gossip, mingle, heartbeat or remote control"

  /// A worker with everything off that costs time and that these jobs don't need.
  private func celery(on node: String, app: String, pool: [String]) -> Launch {
    Launch(
      program: "\(venv)/bin/celery",
      arguments: ["-A", app, "worker", "-n", node, "-l", "ERROR", "-P"] + pool
        + ["--without-gossip", "--without-mingle", "--without-heartbeat"],
      environment: ["PYTHONPATH": programs])
  }

  nonisolated static let pipelineSetUp =
    "Celery, two solo processes, which is fastest while the panel answers at once; connections kept"

  /// The workers of a pipeline that does the work of orders.
  func pipelineWorkers() -> [Launch] {
    ["one", "two"].map { celery(on: $0, app: "pipeline_peer", pool: ["solo"]) }
  }

  nonisolated static let webhookProcesses = 2
  nonisolated static let webhookSetUp = """
    Celery, two solo processes, each with a session of requests that keeps its connections and looks for no proxy; \
    prefetch 64; \(celeryWithout); nothing is read from a database or written down
    """

  /// The workers that post webhooks.
  func webhookWorkers() -> [Launch] {
    ["one", "two"].map { celery(on: $0, app: "webhook_peer", pool: ["solo"]) }
  }

  /// Puts the events that are in line into its queue, and ends.
  func webhookLoad() -> Launch { python("python", "\(programs)/webhook_peer.py") }

  /// Puts its orders in.
  func pipelineLoad(orders: Int) -> Launch {
    python("python", "\(programs)/enqueue.py", "pipeline_peer", "\(orders)")
  }
}
