import CommandLine
import EventLoop
import FoundationEssentials
import Glibc
import PrivateServers

/// The job queues that Sevk is compared with, each in the set-up that was fastest here
/// of those its documents describe. `bench/peers` has their programs.
@LoopActor
struct Peers {
  /// All of them. `celery-prefork` is Celery as most run it; `celery` is what was fastest for jobs that do nothing.
  nonisolated static let all = ["celery", "celery-prefork", "rq", "huey", "taskiq", "dramatiq", "sidekiq"]
  private static let installLimit = Duration.seconds(600)
  nonisolated static let limitFlag = "--peer-limit"
  nonisolated static let limitDetails =
    "\(limitFlag) SECONDS: a peer whose round is not over by then is given up, and the others go on (300)"

  let stage: Stage
  let names: [String]
  /// The folder `bench/peers`.
  let programs: String
  var venv: String { "\(stage.folder)/venv" }

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

  /// How long a peer's round may take.
  nonisolated static func limit(_ arguments: Arguments) throws -> Duration {
    .seconds(try Numbers.integer(arguments, limitFlag, default: 300, in: 1...86_400))
  }

  /// The folder with the peers' programs: `BENCH_PEERS`, which `ops/bench` sets, or `bench/peers` where this is run.
  nonisolated static func folder() -> String {
    let given = ProcessInfo.processInfo.environment["BENCH_PEERS"] ?? "bench/peers"
    let path = URL(filePath: given).standardizedFileURL.path()
    return path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// Installs those that are asked for; says of each that can't be, and leaves it out.
  func install(_ wanted: [String]) async throws -> Set<String> {
    guard !wanted.isEmpty else { return [] }
    Output.progress("installing \(wanted.joined(separator: ", "))")
    let installer = try ChildProgram(
      "\(programs)/install", [venv] + wanted, environment: ProcessInfo.processInfo.environment,
      log: "\(stage.folder)/install.log")
    if (try? await installer.ended(within: Self.installLimit)) == nil {
      Output.progress("the installation is given up after \(Self.installLimit): \(installer.output.suffix(2000))")
      for id in CPUTimes.read().family(of: installer.id) { kill(id, SIGKILL) }
    }
    let lines = installer.output.split(whereSeparator: \.isNewline).map(String.init)
    for line in lines where line.hasPrefix("bench: ") { Output.progress(line) }
    return Set(lines).intersection(wanted)
  }
}
