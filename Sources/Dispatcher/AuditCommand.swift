import CommandLine
import EventLoop
import Store

/// `dispatcher audit list`.
enum AuditCommand {
  private static let limitUsual = 50
  private static let limits = 1...10_000

  static let list = Command(
    "audit list", usage: "[--limit N] [--json]",
    "Lists who changed the set-up, by which command, and what; the last first.",
    grammar: .init(values: ["--limit"], switches: ["--json"]), settings: SetupCommands.needed,
    example: "dispatcher audit list"
  ) { arguments, settings in
    let limit = try arguments.number("--limit", limits) ?? limitUsual
    try await SetupCommands.withSetup(settings) { setup, _ in
      let audits = try await setup.audits(limit: limit)
      if arguments.has("--json") {
        return print(
          JSONText.array(
            audits.map {
              JSONText.object([
                "at": JSONText.quote($0.at), "who": JSONText.quote($0.who), "what": JSONText.quote($0.what),
                "changes": JSONText.array($0.changes.map { JSONText.quote($0) }),
              ])
            }))
      }
      if audits.isEmpty { print("nothing was changed yet") }
      for audit in audits {
        print("\(audit.at)  \(ShownText.visible(audit.who))  \(audit.what)")
        for change in audit.changes { print("    \(ShownText.visible(change))") }
      }
    }
  }
}
