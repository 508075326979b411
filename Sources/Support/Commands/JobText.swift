import CommandLine
import Jobs
import Orders

/// A job as a line, in full, and for machines.
enum JobText {
  static func line(_ queue: QueueName, _ job: ListedJob) -> String {
    let attempts = job.record.attempts == 0 ? "" : ", \(job.record.attempts) failed attempts"
    let about = state(job)
    return ShownText.visible(
      "\(queue)  \(job.state.rawValue)  \(job.record.kind) \(job.record.id)\(about.isEmpty ? "" : "  " + about)\(attempts)"
    )
  }

  static func table(_ jobs: [(QueueName, ListedJob)]) -> String {
    // Most jobs never fail: then a column of zeros would only take room.
    let haveFailed = jobs.contains { $1.record.attempts > 0 }
    let titles = ["QUEUE", "STATE", "KIND", "ID"] + (haveFailed ? ["FAILED"] : []) + ["ABOUT"]
    var table = TextTable(titles.map { .init($0, isRight: $0 == "FAILED") })
    for (queue, job) in jobs {
      table.add(
        [queue.rawValue, job.state.rawValue, job.record.kind, job.record.id]
          + (haveFailed ? ["\(job.record.attempts)"] : []) + [state(job)])
    }
    let output = TextOutput.standard
    return table.text(width: output.columns, on: output)
  }

  static func full(_ queue: QueueName, _ job: ListedJob) -> String {
    let record = job.record
    let rows: [(String, String?)] = [
      ("job", record.id), ("kind", record.kind), ("queue", queue.rawValue), ("state", job.state.rawValue),
      ("about", state(job).isEmpty ? nil : state(job)),
      ("priority", record.priority.rawValue), ("flow", record.flow.isEmpty ? nil : record.flow),
      ("attempts", "\(record.attempts) failed"),
      ("trace", record.trace.isEmpty ? nil : record.trace),
      ("payload", record.payload.isEmpty ? nil : "\(record.payload.count) bytes"),
    ]
    return FieldList.text(rows)
  }

  private static func state(_ job: ListedJob) -> String {
    switch job.state {
    case .ready: ""
    case .dead: "\(job.detail.isEmpty ? "no reason was noted" : job.detail)"
    case .delayed: due(job.remaining)
    case .leased: "by \(job.detail), for \((job.remaining ?? .zero).milliseconds) ms more"
    }
  }

  /// `in 5 min`, `now`.
  static func due(_ remaining: Duration?) -> String {
    guard let remaining, remaining > .zero else { return "due now" }
    return "due in \(remaining.inRoughWords)"
  }

  static func json(_ queue: QueueName, _ job: ListedJob) -> String {
    JSONText.object([
      "queue": JSONText.quote(queue.rawValue), "state": JSONText.quote(job.state.rawValue),
      "kind": JSONText.quote(job.record.kind), "id": JSONText.quote(job.record.id),
      "priority": JSONText.quote(job.record.priority.rawValue),
      "flow": job.record.flow.isEmpty ? nil : JSONText.quote(job.record.flow), "attempts": "\(job.record.attempts)",
      "remaining_ms": job.remaining.map { "\($0.milliseconds)" },
      "detail": job.detail.isEmpty ? nil : JSONText.quote(job.detail),
      "trace": job.record.trace.isEmpty ? nil : JSONText.quote(job.record.trace),
    ])
  }
}
