import CommandLine
import EventLoop
import Jobs
import Orders
import Store

extension Overview {
  /// One JSON object; `ops/CLI.md` lists its fields. What could not be read is left out.
  public var json: String { json(since: nil) }

  /// The same, with the jobs processed per second since an earlier one.
  public func json(since earlier: Overview?) -> String {
    JSONText.object([
      "time": JSONText.quote(Timestamp.rfc3339(time)),
      "processes": processes.map { JSONText.array($0.map(Self.json)) },
      "queues": queues.map { lines in
        JSONText.array(
          lines.map { line in Self.json(line, rate: earlier.flatMap { rate(of: line.queue, since: $0) }) })
      },
      "providers": providers.map { JSONText.array($0.map(Self.json)) },
      "orders": orders.map { JSONText.array($0.map(Self.json)) },
      "problems": JSONText.array(problems.map { JSONText.quote($0) }),
    ])
  }

  private static func json(_ process: ProcessLine) -> String {
    guard process.silentSeconds == nil else {
      return JSONText.object([
        "process": JSONText.quote(process.name), "seen_seconds_ago": process.silentSeconds.map(String.init),
      ])
    }
    return JSONText.object([
      "process": JSONText.quote(process.name), "uptime_seconds": "\(process.uptimeSeconds)",
      "queues": JSONText.array(process.queues.map { JSONText.quote($0) }), "active": "\(process.active)",
      "jobs_processed": "\(process.jobsProcessed)", "rss_bytes": "\(process.residentBytes)",
    ])
  }

  private static func json(_ line: QueueLine, rate: Double?) -> String {
    JSONText.object([
      "queue": JSONText.quote(line.queue.rawValue), "ready": "\(line.counts.ready)", "leased": "\(line.counts.leased)",
      "delayed": "\(line.counts.delayed)", "dead": "\(line.counts.dead)", "paused": "\(line.counts.isPaused)",
      "overdue_ms": line.overdue.map { "\($0.milliseconds)" },
      "processed_per_second": rate.map { "\(($0 * 10).rounded() / 10)" },
    ])
  }

  private static func json(_ line: ProviderLine) -> String {
    JSONText.object([
      "provider": JSONText.quote(line.name), "health": JSONText.quote(line.health.rawValue),
      "why": line.why.map(JSONText.quote), "in_flight": line.inFlight.map(String.init),
      "concurrency": "\(line.concurrencyMax)", "balance": line.balance.map { JSONText.quote($0.description) },
      "balance_ms_ago": line.balanceAge.map { "\($0.milliseconds)" },
      "waiting_for_money": line.shortage.map { "\($0.orders)" },
      "last_sends": line.lastSends.map(String.init), "last_answered": line.lastAnswered.map(String.init),
      "usual_answer_ms": line.usualAnswer.map { "\($0.milliseconds)" },
      "last_error": line.lastError.map(JSONText.quote),
      "last_error_ms_ago": line.lastErrorAge.map { "\($0.milliseconds)" },
    ])
  }

  private static func json(_ line: WaitingOrders) -> String {
    JSONText.object([
      "status": JSONText.quote(line.status.rawValue), "count": "\(line.count)",
      "oldest": line.oldest.map { JSONText.quote($0.description) },
      "oldest_ms": line.oldestAge.map { "\($0.milliseconds)" },
    ])
  }
}
