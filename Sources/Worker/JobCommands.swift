import EventLoop
import Jobs
import Queue
import Service

/// `worker job list|show|retry|cancel|delete`. Jobs that are running are never touched.
enum JobCommands {
  private static let limitMax = 10_000

  static let list = Command(
    "job list", usage: "[--queue NAME] [--state ready|leased|delayed|dead] [--kind KIND] [--limit N] [--offset N]",
    "Lists jobs in the order in which they will be taken; dead ones newest first, with why.",
    grammar: .init(values: JobSelection.flags + ["--limit", "--offset"], switches: ["--json"]),
    settings: RedisCommand.settings, example: "worker job list --state dead --queue check"
  ) { arguments, settings in
    let selection = try JobSelection(arguments)
    let limit = try number(arguments, "--limit", 1...limitMax, default: 50)
    let offset = try number(arguments, "--offset", 0...1_000_000_000, default: 0)
    try await RedisCommand.with(settings) { broker in
      let jobs = try await selection.page(offset: offset, limit: limit, broker)
      if arguments.has("--json") { return print(JSONText.array(jobs.map { JobText.json($0, $1) })) }
      for (queue, job) in jobs { print(JobText.line(queue, job)) }
      if jobs.isEmpty { print("no such jobs") }
      if jobs.count == limit { print("there may be more: --offset \(offset + limit)") }
    }
  }

  static let show = Command(
    "job show", usage: "ID [--queue NAME]", "Shows one job; a job's id is its order's id.",
    grammar: .init(values: ["--queue"], switches: ["--json"], wordsMax: 1), settings: RedisCommand.settings,
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
    "retry", "Makes a dead or delayed job ready.", allowed: [.dead, .delayed], done: "is ready again",
    one: { try await $2.revive($0, in: $1) }, all: { try await $0.reviveAll($1) })
  static let cancel = change(
    "cancel", "Removes a job that waits. \(RedisCommand.harmless)", allowed: [.ready, .delayed], done: "is removed",
    one: { try await $2.delete($0, in: $1) }, all: { try await $0.removeAll($1) })
  static let delete = change(
    "delete", "Removes a job that waits or is dead. \(RedisCommand.harmless)", allowed: [.dead, .ready, .delayed],
    done: "is removed", one: { try await $2.delete($0, in: $1) }, all: { try await $0.removeAll($1) })

  private static func change(
    _ name: String, _ summary: String, allowed: [JobState], done: String,
    one: @escaping @LoopActor @Sendable (String, QueueName, RedisBroker) async throws -> Bool,
    all: @escaping @LoopActor @Sendable (JobSelection, RedisBroker) async throws -> Int
  ) -> Command {
    let states = allowed.map(\.rawValue).joined(separator: "|")
    return Command(
      "job \(name)", usage: "ID [--queue NAME] | --all --state \(states) [--queue NAME] [--kind KIND] [--yes]", summary,
      grammar: .init(values: JobSelection.flags, switches: ["--all", "--json", Confirmation.flag], wordsMax: 1),
      settings: RedisCommand.settings,
      example: "worker job \(name) --all --state \(states.prefix { $0 != "|" }) --kind check"
    ) { arguments, settings in
      try await RedisCommand.with(settings) { broker in
        guard arguments.has("--all") else {
          let found = try await find(arguments, broker)
          guard found.count == 1, let (queue, job) = found.first else {
            throw UsageError("more than one queue has a job of this id; name one with --queue")
          }
          guard allowed.contains(job.state), try await one(job.record.id, queue, broker) else {
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
        let count = try await selection.ids(broker).values.reduce(0) { $0 + $1.count }
        try Confirmation.ask(
          "\(count) \(selection.states[0].rawValue) jobs of \(selection.queues.map(\.rawValue).joined(separator: ", "))"
            + (selection.kind.map { " of kind \($0)" } ?? "") + ". \(summary)", arguments)
        let changed = try await all(selection, broker)
        print(arguments.has("--json") ? JSONText.object(["changed": "\(changed)"]) : "\(changed) jobs: each \(done)")
      }
    }
  }

  @LoopActor
  private static func find(_ arguments: Arguments, _ broker: RedisBroker) async throws -> [(QueueName, ListedJob)] {
    guard let id = arguments.words.first else { throw UsageError("ID is missing: a job's id, which is its order's") }
    var found: [(QueueName, ListedJob)] = []
    for queue in try arguments.value("--queue").map({ [try RedisCommand.queue($0)] }) ?? QueueName.all {
      if let job = try await broker.find(id, in: queue) { found.append((queue, job)) }
    }
    guard !found.isEmpty else { throw ExitError("there is no job \(id)", code: 1) }
    return found
  }

  private static func number(
    _ arguments: Arguments, _ flag: String, _ range: ClosedRange<Int>, default fallback: Int
  ) throws(UsageError) -> Int {
    guard let text = arguments.value(flag) else { return fallback }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError("\(flag) must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
