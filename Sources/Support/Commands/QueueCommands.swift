import CommandLine
import EventLoop
import Jobs
import Kinds
import Queue
import Store

/// `worker queue list|pause|resume|purge`.
enum QueueCommands {
  static let list = Command(
    "queue list", "Shows how many jobs each queue has, and whether it is paused.",
    grammar: .init(switches: ["--json"]), settings: RedisCommand.settings, example: "worker queue list"
  ) { arguments, settings in
    try await RedisCommand.with(settings) { broker in
      var rows: [String] = []
      var table = TextTable(
        [.init("QUEUE")] + ["READY", "LEASED", "DELAYED", "DEAD"].map { .init($0, isRight: true) } + [.init("STATE")])
      for queue in JobKinds.sevk.queues {
        let counts = try await broker.counts(of: queue)
        rows.append(
          JSONText.object([
            "queue": JSONText.quote(queue.rawValue), "ready": "\(counts.ready)", "leased": "\(counts.leased)",
            "delayed": "\(counts.delayed)", "dead": "\(counts.dead)", "paused": "\(counts.isPaused)",
          ]))
        table.add([
          queue.rawValue, "\(counts.ready)", "\(counts.leased)", "\(counts.delayed)", "\(counts.dead)",
          counts.isPaused ? "PAUSED" : "working",
        ])
      }
      print(arguments.has("--json") ? JSONText.array(rows) : table.text())
    }
  }

  static let pause = set(
    true, "pause",
    "Stops giving out a queue's jobs; those that run go on, and new ones wait. A Redis that is emptied forgets it; a"
      + " provider's pause is kept in PostgreSQL: worker provider pause.")
  static let resume = set(false, "resume", "Gives out a paused queue's jobs again.")

  private static func set(_ isPaused: Bool, _ name: String, _ summary: String) -> Command {
    Command(
      "queue \(name)", usage: "QUEUE \(ActNote.usage) [--json]", summary,
      grammar: .init(
        values: ActNote.flags, switches: ["--json"], wordsMax: 1, wordChoices: JobKinds.sevk.queues.map(\.rawValue)),
      settings: ActNote.settings, details: ActNote.details, example: "worker queue \(name) dispatch"
    ) { arguments, settings in
      let queue = try word(arguments)
      try await RedisCommand.with(settings) { broker in
        try await ActNote.write(isPaused ? .pauseQueue : .resumeQueue, queue.rawValue, arguments, settings)
        try await broker.setPaused(isPaused, queue: queue)
        let counts = try await broker.counts(of: queue)
        if arguments.has("--json") {
          print(JSONText.object(["queue": JSONText.quote(queue.rawValue), "paused": "\(counts.isPaused)"]))
        } else {
          print(
            isPaused
              ? "\(queue) is paused with \(counts.ready) ready and \(counts.leased) running; go on with: worker queue"
                + " resume \(queue)"
              : "\(queue) goes on; \(counts.ready) are ready")
        }
      }
    }
  }

  static let purge = Command(
    "queue purge", usage: "QUEUE \(ActNote.usage) [--yes] [--json]",
    "Removes every job of a queue that is not running. \(RedisCommand.harmless)",
    grammar: .init(
      values: ActNote.flags, switches: ["--json", Confirmation.flag], wordsMax: 1,
      wordChoices: JobKinds.sevk.queues.map(\.rawValue)),
    settings: ActNote.settings, details: ActNote.details,
    example: "worker queue purge check"
  ) { arguments, settings in
    let queue = try word(arguments)
    try await RedisCommand.with(settings) { broker in
      let counts = try await broker.counts(of: queue)
      guard counts.ready + counts.delayed + counts.dead > 0 else {
        return print(
          arguments.has("--json")
            ? JSONText.object(["queue": JSONText.quote(queue.rawValue), "removed": "0"])
            : "\(queue) has nothing to remove; \(counts.leased) jobs are running")
      }
      try Confirmation.ask(
        "\(queue) has \(counts.ready) ready, \(counts.delayed) delayed and \(counts.dead) dead jobs, which are removed;"
          + " \(counts.leased) running ones are not touched.\n\(RedisCommand.harmless)", arguments)
      try await ActNote.write(.deleteJobs, "\(queue), all that do not run", arguments, settings)
      var removed = 0
      for state in [JobState.ready, .delayed, .dead] {
        let selection = JobSelection(queues: [queue], states: [state])
        removed += try await selection.takeOut(atMost: try await selection.count(broker), broker, Progress("removed")) {
          try await broker.delete($0, in: $1)
        }
      }
      print(
        arguments.has("--json")
          ? JSONText.object(["queue": JSONText.quote(queue.rawValue), "removed": "\(removed)"])
          : "removed \(removed) jobs from \(queue)")
    }
  }

  private static func word(_ arguments: Arguments) throws(UsageError) -> QueueName {
    guard let word = arguments.words.first else {
      throw UsageError("QUEUE is missing: one of \(JobKinds.sevk.queues.map(\.rawValue).joined(separator: ", "))")
    }
    return try RedisCommand.queue(word)
  }
}
