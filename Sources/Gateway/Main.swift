import CommandLine

/// `gateway`: whatever stays connected or faces the public; live events.
@main enum Main {
  static let program = Program("gateway", "serves live events to shops and browsers", [RunCommand.command])

  static func main() { program.main() }
}
