import EventLoop
import Glibc
import HTTPServer

/// `simulator messages`.
enum MessagesProgram {
  static func main(_ arguments: [String]) -> Never {
    let options: MessagesOptions
    switch MessagesOptions.parse(arguments) {
    case .run(let parsed): options = parsed
    case .help:
      Output.line(MessagesOptions.help)
      exit(0)
    case .wrong(let problem):
      Output.error("simulator messages: \(problem) (see --help)")
      exit(64)
    }
    EventLoop.shared.run { await run(options) }
    exit(0)
  }

  @LoopActor
  private static func run(_ options: MessagesOptions) async {
    let signals = [SIGTERM, SIGINT].map { LoopSignal($0) { exit(0) } }
    let messages = MessagesServer(options)
    let mail = MailServer(messages)
    let server = HTTPServer(host: options.host, port: options.port) { await messages.serve($0) }
    do { try server.start() } catch {
      Output.error("simulator: cannot listen on \(options.host):\(options.port): \(error)")
      exit(1)
    }
    guard mail.start(port: options.mailPort) else {
      Output.error("simulator: cannot listen on port \(options.mailPort)")
      exit(1)
    }
    Output.line("mail at \(options.host):\(mail.port)")
    Output.line("simulator listening on \(options.host):\(server.port)")
    _ = await LoopEvent().wait()
    withExtendedLifetime(signals) {}
  }
}
