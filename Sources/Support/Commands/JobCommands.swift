import CommandLine
import EventLoop
import Jobs
import Kinds
import Orders
import Queue
import Store

/// `worker job list|show|retry|cancel|delete`. Jobs that are running are never touched.
enum JobCommands {
  private static let limitMax = 10_000
  private static let dryRun = "--dry-run"

  static let list = Command(
    "job list", usage: "[--queue NAME] [--state ready|leased|delayed|dead] [--kind KIND] [--limit N] [--offset N]",
    "Lists jobs in the order in which they will be taken; dead ones newest first, with why.",
    grammar: .init(
      values: JobSelection.flags + ["--limit", "--offset"], switches: ["--json"],
      choices: JobSelection.choices()),
    settings: RedisCommand.settings, example: "worker job list --state dead --queue check"
  ) { arguments, settings in
    let selection = try JobSelection(arguments)
    let limit = try arguments.number("--limit", 1...limitMax) ?? 50
    let offset = try arguments.number("--offset", 0...1_000_000_000) ?? 0
    try await RedisCommand.with(settings) { broker in
      let jobs = try await selection.page(offset: offset, limit: limit, broker)
      if arguments.has("--json") { return print(JSONText.array(jobs.map { JobText.json($0, $1) })) }
      print(jobs.isEmpty ? "no such jobs" : JobText.table(jobs))
      if jobs.count == limit { print("there may be more: --offset \(offset + limit)") }
    }
  }

  static let show = Command(
    "job show", usage: "ID [--queue NAME]", "Shows one job; a job's id is its order's id.",
    grammar: .init(
      values: ["--queue"], switches: ["--json"], wordsMax: 1, choices: JobSelection.choices()),
    settings: RedisCommand.settings,
    example: "worker job show 01a1fe45-0000-7000-8000-000000000000"
  ) { arguments, settings in
    try await RedisCommand.with(settings) { broker in
      let found = try await find(arguments, broker)
      print(
        arguments.has("--json")
          ? JSONText.array(found.map { JobText.json($0, $1) })
          : found.map { JobText.full($0, $1) }.joined(separator: "\n\n"))
    }
  }

  static let retry = change(
    "retry", .retryJobs, "Makes a dead or delayed job ready.", allowed: [.dead, .delayed], done: "is ready again",
    doing: "made ready"
  ) { try await $2.revive($0, in: $1) }
  static let cancel = change(
    "cancel", .deleteJobs, "Removes a job that waits. \(RedisCommand.harmless)", allowed: [.ready, .delayed],
    done: "is removed",
    doing: "removed"
  ) { try await $2.delete($0, in: $1) }
  static let delete = change(
    "delete", .deleteJobs, "Removes a job that waits or is dead. \(RedisCommand.harmless)",
    allowed: [.dead, .ready, .delayed], done: "is removed", doing: "removed"
  ) { try await $2.delete($0, in: $1) }

  private static func change(
    _ name: String, _ what: Act.What, _ summary: String, allowed: [JobState], done: String, doing: String,
    _ act: @escaping @LoopActor @Sendable (String, QueueName, RedisBroker) async throws -> Bool
  ) -> Command {
    let states = allowed.map(\.rawValue).joined(separator: "|")
    return Command(
      "job \(name)",
      usage: "ID [--queue NAME] | --all --state \(states) [--queue NAME] [--kind KIND] [--dry-run] [--yes],"
        + " \(ActNote.usage)", summary,
      grammar: .init(
        values: JobSelection.flags + ActNote.flags, switches: ["--all", "--json", dryRun, Confirmation.flag],
        wordsMax: 1,
        choices: JobSelection.choices(allowed)),
      settings: ActNote.settings, details: ActNote.details,
      example: "worker job \(name) --all --state \(states.prefix { $0 != "|" }) --kind check"
    ) { arguments, settings in
      try await RedisCommand.with(settings) { broker in
        guard arguments.has("--all") else {
          guard !arguments.has(dryRun) else { throw UsageError("\(dryRun) goes only with --all") }
          let found = try await find(arguments, broker)
          guard found.count == 1, let (queue, job) = found.first else {
            throw UsageError("more than one queue has a job of this id; name one with --queue")
          }
          guard allowed.contains(job.state) else {
            throw ExitError("nothing was changed: \(JobText.line(queue, job))", code: 1)
          }
          try await ActNote.write(what, "\(queue), job \(job.record.id)", arguments, settings)
          guard try await act(job.record.id, queue, broker) else {
            throw ExitError("nothing was changed: \(JobText.line(queue, job))", code: 1)
          }
          if arguments.has("--json") { return print(JSONText.object(["changed": "1"])) }
          return print("\(queue) \(job.record.kind) \(job.record.id) \(done)")
        }
        let selection = try JobSelection(arguments)
        guard arguments.words.isEmpty else { throw UsageError("give an ID or --all, not both") }
        guard selection.states.count == 1, allowed.contains(selection.states[0]) else {
          throw UsageError("--all needs --state \(states)")
        }
        let count = try await selection.count(broker)
        if arguments.has(dryRun) {
          let would = "\(count) \(noun(count)) would be \(doing); nothing was changed"
          return print(arguments.has("--json") ? JSONText.object(["changed": "0", "would_change": "\(count)"]) : would)
        }
        guard count > 0 else {
          return print(arguments.has("--json") ? JSONText.object(["changed": "0"]) : "there are no such jobs")
        }
        try Confirmation.ask(
          "\(count) \(selection.states[0].rawValue) \(noun(count)) of"
            + " \(selection.queues.map(\.rawValue).joined(separator: ", "))"
            + (selection.kind.map { " of kind \($0)" } ?? "") + ". \(summary)", arguments)
        try await ActNote.write(what, target(selection), arguments, settings)
        let changed = try await selection.takeOut(atMost: count, broker, Progress(doing)) {
          try await act($0, $1, broker)
        }
        print(
          arguments.has("--json")
            ? JSONText.object(["changed": "\(changed)"]) : "\(changed) \(noun(changed)): each \(done)")
      }
    }
  }

  /// As the dashboard's acts have it, which are all of dead jobs.
  private static func target(_ selection: JobSelection) -> String {
    let states = selection.states == [.dead] ? [] : selection.states.map(\.rawValue)
    let which = states + (selection.kind.map { ["of kind \($0)"] } ?? [])
    return selection.queues.map(\.rawValue).joined(separator: ", ")
      + (which.isEmpty ? "" : " (\(which.joined(separator: " ")))")
  }

  private static func noun(_ count: Int) -> String { count == 1 ? "job" : "jobs" }

  @LoopActor
  private static func find(_ arguments: Arguments, _ broker: RedisBroker) async throws -> [(QueueName, ListedJob)] {
    guard let id = arguments.words.first else { throw UsageError("ID is missing: a job's id, which is its order's") }
    var found: [(QueueName, ListedJob)] = []
    for queue in try arguments.value("--queue").map({ [try RedisCommand.queue($0)] }) ?? JobKinds.sevk.queues {
      if let job = try await broker.find(id, in: queue) { found.append((queue, job)) }
    }
    guard !found.isEmpty else {
      let other = OrderID(id) == nil ? "; a job has its order's id: worker order show \(ShellWord.quoted(id))" : ""
      throw ExitError("there is no job \(ShownText.visible(id))\(other)", code: 1)
    }
    return found
  }
}
