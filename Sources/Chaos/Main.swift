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
    // What this process started ends with it; the folder is left to nobody.
    let signals = [SIGTERM, SIGINT].map { number in
      LoopSignal(number) {
        remove(folder)
        exit(128 + number)
      }
    }
    defer { withExtendedLifetime(signals) {} }
    do {
      let report = try await ChaosRun(options, folder: folder).run()
      Output.line(report.text)
      if let file = options.jsonFile { try Data(report.json).write(to: URL(filePath: file)) }
      let isGood = report.violations.isEmpty
      if isGood, !options.keepsFolder { remove(folder) } else { Output.line("logs and data: \(folder)") }
      exit(isGood ? 0 : 1)
    } catch {
      Output.error("chaos: \(error); logs: \(folder)")
      exit(70)
    }
  }

  private static func remove(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }
}
