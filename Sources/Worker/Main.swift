import CommandLine
import Support

/// `worker`: asks providers about orders until they are settled; and support's window on queues and orders.
@main enum Main {
  static let program = Program(
    "worker", "asks providers about orders, and shows queues and orders to support",
    [RunCommand.command] + SupportCommands.all)

  static func main() { program.main() }
}
