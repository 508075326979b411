import CommandLine

/// `scheduler`: moves due jobs to their queues, publishes events, and gives Redis back what PostgreSQL says is owed.
@main enum Main {
  static let program = Program(
    "scheduler", "moves due jobs, publishes events, repairs the queues", [RunCommand.command])

  static func main() { program.main() }
}
