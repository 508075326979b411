import CommandLine
import Glibc

/// `bench`: measures Sevk, and the systems it is compared with, on private servers.
@main enum Main {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == Roles.word { Roles.program.main(Array(arguments.dropFirst())) }
    Program(
      "bench", "measures Sevk on private servers, in several rounds, on this machine",
      [
        JobsCommand.command, OrdersCommand.command, LatencyCommand.command, ScaleCommand.command,
        MemoryCommand.command, BytesCommand.command, LimitsCommand.command, PollCommand.command, GateCommand.command,
        EventsCommand.command, WebhooksCommand.command,
      ]
    ).main(arguments)
  }
}
