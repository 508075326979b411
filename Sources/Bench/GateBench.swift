import CommandLine
import EventLoop
import FoundationEssentials
import Glibc
import PrivateServers

/// Counts instructions of the real programs on their hottest ways, with valgrind: a figure that hardly depends on how
/// busy the machine is, and none of the kernel's work.
///
/// Each way is gone twice, often and seldom, in fresh processes: what the difference costs is what one time costs, without
/// start and end.
@LoopActor
final class GateBench {
  private static let valgrind = "/usr/bin/valgrind"
  private static let objcopy = "/usr/bin/objcopy"
  private static let copyLimit = Duration.seconds(60)
  private static let programs = ["dispatcher", "worker", "scheduler", "bench"]
  /// So few that connections and caches are made already, and so many that the difference tells.
  private static let orders = (few: 200, many: 800)
  private static let jobs = (few: 2000, many: 12_000)
  private static let requests = (few: 500, many: 4500)
  private static let lanes = 16
  private static let timeout = Duration.seconds(60)

  private let stage: Stage
  private let folder: String
  private let counted: OtherVersion

  init(_ stage: Stage) async throws {
    for (program, package) in [(Self.valgrind, "valgrind"), (Self.objcopy, "binutils")]
    where access(program, X_OK) != 0 {
      throw ChildProgram.Failure("\(program) is missing: apt install \(package)")
    }
    self.stage = stage
    folder = stage.emptied("counted")
    counted = OtherVersion(folder: folder)
    for program in Self.programs { try await wrap(program) }
  }

  /// Makes a program that counts what it does when it runs, and is as it was for commands.
  private func wrap(_ program: String) async throws {
    let (given, stripped) = ("\(Stage.binaries)/\(program)", "\(folder)/\(program).stripped")
    // This valgrind gives up on debug information of a newer form; the names of functions are not needed.
    let copy = try ChildProgram(
      Self.objcopy, ["--strip-debug", given, stripped], log: "\(stage.folder)/objcopy-\(program).log")
    guard try await copy.ended(within: Self.copyLimit) == .exited(0) else {
      throw ChildProgram.Failure("\(program) can't be stripped: \(copy.output)")
    }
    // Hashes differ from process to process otherwise, and with them how often two of them collide.
    let script = """
      #!/bin/sh
      case "$1" in run | role) ;; *) exec '\(given)' "$@" ;; esac
      export SWIFT_DETERMINISTIC_HASHING=1
      exec \(Self.valgrind) --tool=cachegrind --cache-sim=no --cachegrind-out-file='\(folder)/\(program).out' \
      '\(stripped)' "$@"

      """
    try Output.text(script, to: "\(folder)/\(program)")
    chmod("\(folder)/\(program)", 0o755)
  }

  /// Instructions of one time, by the way's name.
  func round() async throws -> [String: Double] {
    var found = try await orders()
    found["a no-op job, in the process that runs it"] = try await difference(Self.jobs, of: "bench", jobs)
    let installation = try Installation(stage: stage, other: counted)
    try await installation.create()
    found["an HTTP request to the dispatcher, GET /healthz"] = try await difference(Self.requests, of: "dispatcher") {
      try await self.requests($0, installation)
    }
    await installation.stop()
    return found
  }

  private func orders() async throws -> [String: Double] {
    let installation = try Installation(
      stage: stage, settings: ["SEVK_CHECK_FIRST_DELAY": OrdersCommand.checkDelay], other: counted)
    try await installation.create(panelArguments: ["--complete-after", OrdersCommand.completeAfter])
    var counts: [(orders: Int, instructions: [String: Double])] = []
    for count in [Self.orders.few, Self.orders.many] {
      Output.progress("\(count) orders")
      _ = try await OrdersBench(installation: installation, orders: count, lanes: Self.lanes).sevk(round: counts.count)
      counts.append((count, try instructions(of: ["dispatcher", "worker", "scheduler"])))
    }
    await installation.stop()
    func one(_ program: String) -> Double {
      let (few, many) = (counts[0], counts[1])
      return ((many.instructions[program] ?? 0) - (few.instructions[program] ?? 0)) / Double(many.orders - few.orders)
    }
    return [
      "an order taken in and sent, in the dispatcher": one("dispatcher"),
      "an order asked about until it is completed, in the worker": one("worker"),
      "an order's events and jobs, in the scheduler": one("scheduler"),
    ]
  }

  private func jobs(_ count: Int) async throws {
    Output.progress("\(count) no-op jobs")
    let redis = RedisServer(folder: "\(stage.folder)/gate-redis", log: "\(stage.folder)/gate-redis.log")
    try await redis.start()
    defer { redis.process?.signal(SIGKILL) }
    let environment = ["BENCH_REDIS_URL": redis.url, "BENCH_REDIS_SOCKET": redis.socket]
    let own = Contender.sevk(jobs: count)
    let other = Contender.sevk(jobs: count, other: counted)
    _ = try await Phase(name: "enqueue", stage: stage, redis: redis)
      .run([own.enqueue], processes: 1, count: count, environment: environment)
    _ = try await Phase(name: "drain", stage: stage, redis: redis)
      .run(other.workers, processes: 1, count: count, environment: environment)
  }

  private func requests(_ count: Int, _ installation: Installation) async throws {
    Output.progress("\(count) requests")
    try await installation.start(["dispatcher"])
    let address = installation.apiAddress.split(separator: ":")
    let connection = try await PostingConnection(
      host: String(address[0]), port: Int(address[1]) ?? 0, timeout: Self.timeout)
    for _ in 0..<count { _ = try await connection.exchange("GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n") }
    connection.close()
    await installation.stopProcesses()
  }

  private func difference(
    _ counts: (few: Int, many: Int), of program: String, _ run: @LoopActor (Int) async throws -> Void
  ) async throws -> Double {
    try await run(counts.few)
    let few = try instructions(of: [program])[program] ?? 0
    try await run(counts.many)
    let many = try instructions(of: [program])[program] ?? 0
    return (many - few) / Double(counts.many - counts.few)
  }

  /// What the processes that ended last wrote down.
  private func instructions(of programs: [String]) throws -> [String: Double] {
    var found: [String: Double] = [:]
    for program in programs {
      let lines = readTextFile("\(folder)/\(program).out")?.split(whereSeparator: \.isNewline) ?? []
      guard let summary = lines.last(where: { $0.hasPrefix("summary:") }),
        let count = summary.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
      else { throw ChildProgram.Failure("valgrind did not say what \(program) did: \(folder)/\(program).out") }
      unlink("\(folder)/\(program).out")
      found[program] = count
    }
    return found
  }
}
