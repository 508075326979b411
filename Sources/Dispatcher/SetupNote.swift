import CommandLine
import Store
import Support

/// `--by` and `--note` of the commands that set up one thing, and the row of `audit list` that says who did it.
enum SetupNote {
  static let flags = ["--by", "--note"]
  static let usage = "[--by NAME] [--note TEXT]"
  static let details = [
    "--by            who does it, if not who is logged in; with --note it stands in dispatcher audit list",
    "--note          why",
  ]
  private static let program = "dispatcher "

  /// - Parameter lines: what changes, without any secret.
  /// - Throws: `UsageError` for a name or note that can't be.
  static func audit(_ arguments: Arguments, _ lines: [String]) throws(UsageError) -> SetupAudit {
    let person = try person(arguments)
    let command = arguments.command.hasPrefix(program) ? String(arguments.command.dropFirst(program.count)) : "set-up"
    let note = arguments.value("--note") == nil ? [] : ["note: \(person.note)"]
    return SetupAudit(who: person.name, command: command, lines: note + lines)
  }

  /// Before anything is looked up.
  @discardableResult
  static func person(_ arguments: Arguments) throws(UsageError) -> Person {
    try Person(arguments, noteFallback: "by hand")
  }
}
