import CommandLine
import Process

import EventLoop
import Jobs
import Kinds
import Orders
import Queue
import Redis

/// `worker inspect ping|stats|active|reserved|scheduled|registered|active_queues`, under the names that Celery gave them.
enum InspectCommands {
  private static let settings: [Setting] = Setting.redis
  private static let grammar = Arguments.Grammar(switches: ["--json"])

  static let ping = ask("ping", "Asks every process whether it is alive.")
  static let stats = ask("stats", "Asks every process what it has done since it started.")
  static let active = ask("active", "Asks every process which jobs it is running.")

  static let reserved = ask(
    "reserved", "Asks every process which jobs it holds and has not begun; none, since it takes what it can begin.")
  static let registered = ask("registered", "Asks every process which kinds of jobs it can run.")
  static let activeQueues = ask("active_queues", "Asks every process which queues it takes jobs from.")

  static let scheduled = Command(
    "inspect scheduled", usage: "[--queue NAME] [--limit N]", "Lists the jobs that wait for their time, soonest first.",
    grammar: .init(values: ["--queue", "--limit"], switches: ["--json"], choices: JobSelection.choices()),
    settings: settings,
    example: "worker inspect scheduled --queue check"
  ) { arguments, settings in
    var queues = JobKinds.sevk.queues
    if let text = arguments.value("--queue") { queues = [try RedisCommand.queue(text)] }
    let limit = try arguments.number("--limit", 1...10_000) ?? 50
    let redis = try await connect(settings)
    let broker = RedisBroker(client: redis)
    var rows: [String] = []
    var parts: [String] = []
    for queue in queues {
      let counts = try await broker.counts(of: queue)
      var table = TextTable("QUEUE", "KIND", "ID", "DUE")
      for job in try await broker.list(.delayed, in: queue, offset: 0, limit: limit) {
        let due = job.remaining ?? .zero
        rows.append(
          JSONText.object([
            "queue": JSONText.quote(queue.rawValue), "kind": JSONText.quote(job.record.kind),
            "id": JSONText.quote(job.record.id), "due_in_ms": "\(due.milliseconds)",
            "attempts": "\(job.record.attempts)",
          ]))
        table.add([queue.rawValue, job.record.kind, job.record.id, JobText.due(due)])
      }
      if !table.isEmpty { parts += table.lines() }
      parts.append(
        "\(queue): \(counts.delayed) scheduled, \(counts.ready) ready, \(counts.leased) running, \(counts.dead) dead"
          + (counts.isPaused ? ", paused" : ""))
    }
    print(arguments.has("--json") ? JSONText.array(rows) : parts.joined(separator: "\n"))
    redis.close()
  }

  private static func ask(_ question: String, _ summary: String) -> Command {
    Command(
      "inspect \(question)", summary, grammar: grammar, settings: settings, example: "worker inspect \(question) --json"
    ) { arguments, settings in
      let redis = try await connect(settings)
      let answers = try await Inspector(redis: redis).ask(question)
      redis.close()
      if arguments.has("--json") {
        let silent = answers.silent.map {
          JSONText.object(["process": JSONText.quote($0.process), "seen_seconds_ago": "\($0.seenSecondsAgo)"])
        }
        print(
          JSONText.object(["replies": JSONText.array(answers.replies), "silent": JSONText.array(silent)]))
      } else {
        var table = TextTable([.init(), .init()])
        for row in answers.replies.flatMap(InspectText.rows) { table.add(row) }
        for process in answers.silent {
          table.add([process.process, "DOES NOT ANSWER (last seen \(process.seenSecondsAgo) s ago)"])
        }
        if !table.isEmpty { print(table.text()) }
        if answers.replies.isEmpty && answers.silent.isEmpty {
          print("no process is running; start one with: dispatcher run, worker run, scheduler run")
        }
      }
      guard !answers.replies.isEmpty, answers.silent.isEmpty else { throw ExitError("", code: 1) }
    }
  }

  @LoopActor
  private static func connect(_ settings: Settings) async throws -> RedisClient {
    let redis = RedisClient(try settings.redisURL())
    do { try await redis.ping() } catch {
      throw StartError("\(error.message); check \(Setting.redisURL.variable)")
    }
    return redis
  }
}
