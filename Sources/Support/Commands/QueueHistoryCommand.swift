import CommandLine
import EventLoop
import Jobs
import Kinds
import Orders
import Queue

/// `worker queue history`.
enum QueueHistoryCommand {
  private static let sinceMax = Duration.seconds(QueueMinute.keptMax * 60)

  static let command = Command(
    "queue history", usage: "[QUEUE] [--since 1h] [--json]",
    "Shows what a queue did: each minute for up to an hour, each ten minutes for up to six, else each hour; a day at most."
      + " The figures are in Redis and gone when it is emptied; what became of an order is in PostgreSQL: worker order"
      + " timeline ID.",
    grammar: .init(
      values: ["--since"], switches: ["--json"], wordsMax: 1, wordChoices: JobKinds.sevk.queues.map(\.rawValue)),
    settings: RedisCommand.settings,
    example: "worker queue history dispatch --since 1h"
  ) { arguments, settings in
    let queues = try arguments.words.first.map { [try RedisCommand.queue($0)] } ?? JobKinds.sevk.queues
    let since = try since(arguments)
    let minutes = max(1, Int((since.milliseconds + 59_999) / 60_000))
    try await RedisCommand.with(settings) { broker in
      var parts: [String] = []
      for queue in queues {
        let history = try await broker.history(of: queue, minutes: minutes)
        let text = QueueHistoryText(queue: queue, now: history.now, minutes: history.minutes, span: minutes)
        parts.append(arguments.has("--json") ? text.json : text.table(on: .standard))
      }
      print(arguments.has("--json") ? JSONText.array(parts) : parts.joined(separator: "\n\n"))
    }
  }

  private static func since(_ arguments: Arguments) throws(UsageError) -> Duration {
    guard let text = arguments.value("--since") else { return .seconds(3600) }
    guard let since = Duration(words: text), since > .zero, since <= sinceMax else {
      throw UsageError("--since must be a duration of at most \(sinceMax.inWords), such as 1h")
    }
    return since
  }
}
