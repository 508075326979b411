import CommandLine

import Jobs
import Orders
import Store

/// What `worker top` shows, as lines: a pure function of what was read and of the room there is.
struct TopLayout {
  private let overview: Overview
  private let earlier: Overview?
  private let output: TextOutput

  /// - Parameters:
  ///   - earlier: what was read before, for what happens per second.
  ///   - output: its columns and rows are the room; none is no limit.
  static func lines(_ overview: Overview, since earlier: Overview?, on output: TextOutput) -> [String] {
    let layout = TopLayout(overview: overview, earlier: earlier, output: output)
    var lines = [layout.title]
    lines += overview.problems.map { layout.fit("WRONG: \(ShownText.visible($0))") }
    for part in [layout.orders, layout.queues, layout.providers, layout.processes] where !part.isEmpty {
      lines += [""] + part
    }
    guard let rows = output.rows, lines.count > rows, rows > 1 else { return lines }
    return lines.prefix(rows - 1) + [layout.fit("… and \(lines.count - rows + 1) more lines")]
  }

  private var title: String {
    fit("Sevk at \(LocalTime.clock(overview.time)) \(LocalTime.zone(overview.time))")
  }

  private func fit(_ line: String) -> String { output.columns.map { ShownText.cut(line, to: $0) } ?? line }
  private func lines(_ table: TextTable) -> [String] {
    table.isEmpty ? [] : table.lines(width: output.columns, on: output)
  }
  private static func right(_ title: String) -> TextTable.Column { .init(title, isRight: true) }

  private var orders: [String] {
    guard let orders = overview.orders else { return [] }
    var table = TextTable([.init("ORDERS"), Self.right("COUNT"), Self.right("OLDEST"), .init("WHICH")])
    for line in orders {
      table.add([
        line.status.rawValue, "\(line.count)", line.oldestAge?.inRoughWords ?? "-", line.oldest?.description ?? "",
      ])
    }
    return lines(table)
  }

  private var queues: [String] {
    guard let queues = overview.queues else { return [] }
    var table = TextTable(
      [.init("QUEUE")] + ["READY", "LEASED", "DELAYED", "DEAD", "LATE", "PER SECOND"].map(Self.right) + [.init()])
    for line in queues {
      table.add([
        line.queue.rawValue, "\(line.counts.ready)", "\(line.counts.leased)", "\(line.counts.delayed)",
        "\(line.counts.dead)", line.overdue?.inRoughWords ?? "-", perSecond(line.queue),
        line.counts.isPaused ? "PAUSED" : "",
      ])
    }
    return lines(table)
  }

  private func perSecond(_ queue: QueueName) -> String {
    guard let earlier, let rate = overview.rate(of: queue, since: earlier) else { return "-" }
    let tenths = Int((rate * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private var providers: [String] {
    guard let providers = overview.providers, !providers.isEmpty else { return [] }
    var table = TextTable(
      [.init("PROVIDER", widthMax: 30), .init("SENDS")]
        + ["IN FLIGHT", "BALANCE", "ANSWERED", "AFTER"].map(Self.right) + [.init("LAST ERROR")])
    for line in providers {
      table.add([
        line.name, line.health == .working ? "working" : line.health.rawValue.uppercased(),
        "\(line.inFlight.map(String.init) ?? "?")/\(line.concurrencyMax)", line.balance?.description ?? "-",
        line.lastSends.flatMap { sends in line.lastAnswered.map { sends == 0 ? "-" : "\($0)/\(sends)" } } ?? "?",
        line.usualAnswer?.inRoughWords ?? "-", error(line),
      ])
    }
    return lines(table)
  }

  private func error(_ line: Overview.ProviderLine) -> String {
    if let why = line.why { return why }
    if let shortage = line.shortage { return "short of money for \(shortage.orders) orders: \(shortage.words)" }
    guard let error = line.lastError else { return "" }
    return (line.lastErrorAge.map { "\($0.inRoughWords) ago: " } ?? "") + error
  }

  private var processes: [String] {
    guard let processes = overview.processes else { return [] }
    guard !processes.isEmpty else {
      return [fit("NO PROCESS RUNS; start them: dispatcher run, worker run, scheduler run")]
    }
    var table = TextTable(
      [.init("PROCESS")] + ["UP", "ACTIVE", "JOBS", "MIB"].map(Self.right) + [.init("QUEUES")])
    for line in processes {
      if let silent = line.silentSeconds {
        table.add([line.name, "-", "-", "-", "-", "DOES NOT ANSWER, last seen \(silent) s ago"])
      } else {
        table.add([
          line.name, Duration.seconds(line.uptimeSeconds).inRoughWords, "\(line.active)", "\(line.jobsProcessed)",
          "\(line.residentBytes / 1_048_576)", line.queues.joined(separator: ", "),
        ])
      }
    }
    return lines(table)
  }
}
