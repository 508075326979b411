import EventLoop
import FoundationEssentials
import Glibc

@main
enum Main {
  static func main() {
    let options: ChaosOptions
    switch ChaosOptions.parse(Array(CommandLine.arguments.dropFirst())) {
    case .run(let parsed): options = parsed
    case .help:
      Output.line(ChaosOptions.help)
      exit(0)
    case .wrong(let problem):
      Output.error("chaos: \(problem) (see --help)")
      exit(64)
    }
    if options.hosts > 0, let obstacle = Hosts.obstacle {
      Output.error("chaos: \(obstacle)")
      exit(70)
    }
    EventLoop.shared.run { await run(options) }
  }

  @LoopActor
  private static func run(_ options: ChaosOptions) async {
    var template = Array("/tmp/sevk-chaos.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      Output.error("chaos: cannot make a folder in /tmp")
      exit(70)
    }
    let folder = String(cString: made)
    chmod(folder, 0o755)
    var hosts: Hosts?
    // What this process started ends with it; the folder is left to nobody.
    let signals = [SIGTERM, SIGINT].map { number in
      LoopSignal(number) {
        hosts?.remove()
        remove(folder)
        exit(128 + number)
      }
    }
    defer { withExtendedLifetime(signals) {} }
    do {
      if options.hosts > 0 {
        hosts = try Hosts(options.hosts, others: Servers.hostNames(options), folder: folder)
      }
      let report = try await ChaosRun(options, folder: folder, hosts: hosts).run()
      hosts?.remove()
      Output.line(report.text)
      if let file = options.jsonFile { try Data(report.json).write(to: URL(filePath: file)) }
      let isGood = report.violations.isEmpty
      if isGood, !options.keepsFolder { remove(folder) } else { Output.line("logs and data: \(folder)") }
      exit(isGood ? 0 : 1)
    } catch {
      hosts?.remove()
      Output.error("chaos: \(error); logs: \(folder)")
      exit(70)
    }
  }

  private static func remove(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }
}
