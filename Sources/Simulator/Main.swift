import EventLoop
import Glibc
import HTTPServer

@main
enum Main {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == "messages" { MessagesProgram.main(Array(arguments.dropFirst())) }
    let options: SimulatorOptions
    switch SimulatorOptions.parse(arguments) {
    case .run(let parsed): options = parsed
    case .help:
      Output.line(SimulatorOptions.help)
      exit(0)
    case .wrong(let problem):
      Output.error("simulator: \(problem) (see --help)")
      exit(64)
    }
    EventLoop.shared.run { await run(options) }
  }

  @LoopActor
  private static func run(_ options: SimulatorOptions) async {
    // Nothing is worth saving: a stop is at once.
    let signals = [SIGTERM, SIGINT].map { LoopSignal($0) { exit(0) } }
    let panel = PanelServer(options)
    let server = HTTPServer(host: options.host, port: options.port) { await panel.serve($0) }
    do {
      try server.start()
    } catch {
      Output.error("simulator: cannot listen on \(options.host):\(options.port): \(error)")
      exit(1)
    }
    Output.line("simulator listening on \(options.host):\(server.port)")
    _ = await LoopEvent().wait()
    withExtendedLifetime(signals) {}
  }
}
