import CommandLine
import Jobs
import Orders
import Store
import Support

/// The figures of the first page.
struct OverviewTables {
  let overview: Overview
  /// For rates; nil at first.
  let earlier: Overview?

  private static let unread = "This could not be read."

  func orders(ended: [Status: Int]?) -> PageModel.Table {
    let waiting = overview.orders
    let rows = Status.allCases.compactMap { status -> PageModel.Row? in
      var count: Int?
      var oldest = ""
      if status.isFinal {
        count = ended.map { $0[status] ?? 0 }
      } else if let waiting {
        let line = waiting.first { $0.status == status }
        count = line?.count ?? 0
        oldest = line?.oldestAge.map(\.inRoughWords) ?? ""
      }
      guard let count else { return nil }
      let tone: PageModel.Tone? = count > 0 && status.isDoubtful ? .warning : nil
      return PageModel.Row(
        key: status.rawValue,
        cells: [
          .init(status.rawValue, link: "/status/\(status.rawValue)", tone: tone), .number(count, tone: tone),
          .init(oldest, .number), .init(status.meaning),
        ])
    }
    return PageModel.Table(
      id: "orders", caption: "Orders",
      note: "Ended ones: of those posted within a day, the newest \(Store.endedOrdersMax) at most.",
      columns: ["Status", "Orders", "Oldest", "Means"], rows: rows, empty: Self.unread)
  }

  var queues: PageModel.Table {
    let rows = (overview.queues ?? []).map { line in
      let counts = line.counts
      let rate = earlier.flatMap { overview.rate(of: line.queue, since: $0) }
      let late = line.overdue.map { "\($0.inRoughWords) late" }
      return PageModel.Row(
        key: line.queue.rawValue,
        cells: [
          .init(line.queue.rawValue, link: "/queues/\(line.queue.rawValue)"), .number(counts.ready),
          .number(counts.leased), .number(counts.delayed),
          .number(counts.dead, tone: counts.dead > 0 ? .bad : nil), .init(rate.map(Words.rate) ?? "–", .number),
          counts.isPaused
            ? .init("paused", .badge, tone: .warning)
            : .init(late ?? "working", .badge, tone: late == nil ? .good : .warning),
        ])
    }
    return PageModel.Table(
      id: "queues", caption: "Queues",
      columns: ["Queue", "Ready", "Running", "Delayed", "Dead", "Jobs/s", "State"], rows: rows, empty: Self.unread)
  }

  var providers: PageModel.Table {
    let rows = (overview.providers ?? []).map { line in
      let tone: PageModel.Tone =
        switch line.health {
        case .working: .good
        case .recovering, .paused: .warning
        case .down: .bad
        case .unknown: .muted
        }
      let answered = line.lastSends.map { "\(line.lastAnswered ?? 0) of \($0)" } ?? "–"
      return PageModel.Row(
        key: line.name,
        cells: [
          .init(line.name, link: "/providers/\(percentEncoded(line.name))"),
          .init(line.health.rawValue, .badge, tone: tone),
          .init(line.inFlight.map { "\($0) of \(line.concurrencyMax)" } ?? "–", .number), .init(answered, .number),
          .init(line.usualAnswer.map(\.inRoughWords) ?? "–", .number),
          .init(line.balance.map { "\($0)\(Words.ago(line.balanceAge))" } ?? "–", .number),
          .init(line.why ?? line.lastError.map { "last error: \($0)\(Words.ago(line.lastErrorAge))" } ?? ""),
        ])
    }
    return PageModel.Table(
      id: "providers", caption: "Providers", note: "Answered: of the last sends.",
      columns: ["Provider", "State", "In flight", "Answered", "Usual answer", "Balance", "Notes"],
      rows: rows,
      empty: overview.providers == nil ? Self.unread : "There is none yet: dispatcher provider add")
  }

  var processes: PageModel.Table {
    let rows = (overview.processes ?? []).map { line in
      let isSilent = line.silentSeconds != nil
      let before = earlier?.processes?.first { $0.name == line.name }
      let rate = before.flatMap { before in
        earlier.map {
          Double(line.jobsProcessed - before.jobsProcessed) * 1000 / Double(max(1, overview.time - $0.time))
        }
      }
      return PageModel.Row(
        key: line.name,
        cells: [
          .init(line.name),
          .init(isSilent ? "silent" : "answers", .badge, tone: isSilent ? .bad : .good),
          .init(isSilent ? "" : Duration.seconds(line.uptimeSeconds).inRoughWords, .number),
          .init(line.queues.joined(separator: ", ")), .init(isSilent ? "" : "\(line.active)", .number),
          .init(isSilent ? "" : rate.map(Words.rate) ?? "–", .number),
          .init(isSilent ? "" : "\(line.residentBytes / 1_048_576) MiB", .number),
        ])
    }
    return PageModel.Table(
      id: "processes", caption: "Processes",
      columns: ["Process", "State", "Up", "Queues", "Active", "Jobs/s", "Memory"], rows: rows,
      empty: overview.processes == nil ? Self.unread : "No process is running.")
  }
}
