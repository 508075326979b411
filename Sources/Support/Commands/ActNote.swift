import CommandLine
import EventLoop
import Postgres
import Process
import Store

/// Writes down what a person does to queues and jobs from a terminal, as the dashboard does.
enum ActNote {
  static let flags = ["--by", "--note"]
  static let usage = "[--by NAME] [--note TEXT]"
  static let details = [
    "--by            who acts, if not who is logged in",
    "--note          why; both stand in the dashboard's list of acts",
  ]
  /// What such a command needs beside Redis.
  static let settings = OrderCommands.reading

  /// Before it is done: an act that nobody wrote down is worse than a line about one that failed. A database that does not
  /// answer is no reason to leave a queue as it is, so that this is only said.
  ///
  /// - Throws: `UsageError` for a name or note that can't be; `StartError` where the login may not write it down.
  @LoopActor
  static func write(_ what: Act.What, _ target: String, _ arguments: Arguments, _ settings: Settings) async throws {
    let person = try Person(arguments, noteFallback: "by hand")
    let frame = try ProcessFrame(program: "worker", settings: settings, key: .never)
    do {
      try await frame.connect(redis: false)
      try await frame.store.note(what, target, who: person.name, note: arguments.value("--note") ?? "")
    } catch let error as UsageError {
      throw error
    } catch {
      if (error as? PostgresError)?.sqlstate == "42501" {
        throw StartError(
          "nothing was changed: this login of PostgreSQL may not write down who does it (ops/postgres/roles.sql: sevk_app)"
        )
      }
      StandardError.shared.write("it stands in no list of acts: \(error)\n")
    }
    await frame.close()
  }
}
