import EventLoop
import FoundationEssentials
import PrivateServers
import Service

/// The job queues that Sevk is compared with, each in the set-up that was fastest here. `bench/peers` has their programs.
@LoopActor
struct Peers {
  /// All of them, fastest last.
  nonisolated static let all = ["celery", "rq", "huey", "taskiq", "dramatiq", "sidekiq"]
  private static let installLimit = Duration.seconds(600)

  let stage: Stage
  let names: [String]
  /// The folder `bench/peers`.
  let programs: String
  private var venv: String { "\(stage.folder)/venv" }

  /// - Parameter list: names with commas, `all`, or nil for none.
  nonisolated static func names(_ list: String?) throws -> [String] {
    guard let list else { return [] }
    if list == "all" { return all }
    return try list.split(separator: ",").map { name in
      guard all.contains(String(name)) else {
        throw UsageError("--peers \(name) is not known; there are \(all.joined(separator: ", ")), and all")
      }
      return String(name)
    }
  }

  /// - Parameter given: the folder with the peers' programs; nil for `bench/peers` in the working directory.
  nonisolated static func folder(_ given: String?) throws -> String {
    let path = URL(filePath: given ?? "bench/peers").standardizedFileURL.path()
    return path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// Installs those that are asked for; says of each that can't be, and leaves it out.
  func install(_ wanted: [String]) async throws -> Set<String> {
    guard !wanted.isEmpty else { return [] }
    Output.progress("installing \(wanted.joined(separator: ", "))")
    let installer = try ChildProgram(
      "\(programs)/install", [venv] + wanted, environment: ProcessInfo.processInfo.environment,
      log: "\(stage.folder)/install.log")
    _ = try await installer.ended(within: Self.installLimit)
    let lines = installer.output.split(whereSeparator: \.isNewline).map(String.init)
    for line in lines where line.hasPrefix("bench: ") { Output.progress(line) }
    return Set(lines).intersection(wanted)
  }

  /// - Parameter jobs: how many a round has; nil for what takes each some seconds.
  func contenders(jobs: Int?) async throws -> [Contender] {
    let installed = try await install(names)
    return names.filter(installed.contains).map { name in
      name == "sidekiq" ? sidekiq(jobs ?? 50_000) : python(name, jobs)
    }
  }

  private func sidekiq(_ jobs: Int) -> Contender {
    let worker = Launch(
      program: "/usr/bin/sidekiq",
      arguments: ["--require", "\(programs)/sidekiq_peer.rb", "--concurrency", "10", "--queue", "default"])
    return Contender(
      name: "sidekiq", jobs: jobs,
      enqueue: Launch(program: "/usr/bin/ruby", arguments: ["\(programs)/sidekiq_peer.rb", "\(jobs)"]),
      workers: [worker, worker], workerProcesses: 2,
      setUp: "two processes of ten threads, quiet log; enqueued a thousand at a time")
  }

  private func python(_ name: String, _ jobs: Int?) -> Contender {
    let environment = ["PYTHONPATH": programs]
    func launch(_ program: String, _ arguments: String...) -> Launch {
      Launch(program: "\(venv)/bin/\(program)", arguments: arguments, environment: environment)
    }
    let (jobsOfOwn, workers, setUp): (Int, [Launch], String) =
      switch name {
      case "celery":
        (10_000, ["one", "two"].map { celery(on: $0, app: "celery_peer", environment) }, Self.celerySetUp)
      case "rq":
        (
          5_000, Array(repeating: launch("python", "\(programs)/rq_peer.py"), count: 2),
          "two SimpleWorkers, which don't fork; no results; enqueued a thousand at a time"
        )
      case "huey":
        (
          20_000, Array(repeating: launch("huey_consumer", "huey_peer.huey", "-w", "1", "-q"), count: 2),
          "two consumers of one thread, no results"
        )
      case "taskiq":
        (
          10_000, [launch("taskiq", "worker", "taskiq_peer:broker", "--workers", "2", "--log-level", "ERROR")],
          "two processes, uvloop, no results"
        )
      default:
        (
          20_000, [launch("dramatiq", "dramatiq_peer", "--processes", "2", "--threads", "8")],
          "two processes of eight threads, default middleware"
        )
      }
    let count = jobs ?? jobsOfOwn
    return Contender(
      name: name, jobs: count, enqueue: launch("python", "\(programs)/enqueue.py", "\(name)_peer", "\(count)"),
      workers: workers, workerProcesses: 2, setUp: setUp)
  }

  private static let celerySetUp =
    "two processes of eight threads, no results, no events, no gossip, mingle, heartbeat or remote control, prefetch 64"

  /// A Celery worker with everything off that costs time and that these jobs don't need.
  func celery(on node: String, app: String, _ environment: [String: String]) -> Launch {
    Launch(
      program: "\(venv)/bin/celery",
      arguments: [
        "-A", app, "worker", "-P", "threads", "-c", "8", "-n", node, "--without-gossip", "--without-mingle",
        "--without-heartbeat", "-l", "ERROR",
      ], environment: environment)
  }

  // MARK: The pipeline of orders

  nonisolated static let pipelineSetUp = "Celery, two processes of eight threads, requests and psycopg connections kept"

  func pipelineWorkers() -> [Launch] {
    ["one", "two"].map { celery(on: $0, app: "pipeline_peer", ["PYTHONPATH": programs]) }
  }

  func pipelineLoad(orders: Int) -> Launch {
    Launch(
      program: "\(venv)/bin/python", arguments: ["\(programs)/enqueue.py", "pipeline_peer", "\(orders)"],
      environment: ["PYTHONPATH": programs])
  }
}
