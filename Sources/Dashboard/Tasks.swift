import CommandLine
import Jobs
import Orders
import Store
import Support

/// What a person has to do beside deciding about orders, each with its command.
enum Tasks {
  /// An order that takes a second person.
  ///
  /// - Parameter providers: names by id.
  static func second(_ order: Order, _ ask: SecondAsk, _ providers: [Int64: String]) -> PageModel.Row {
    let place = OrderTables.atProvider(order, providers).text
    let words =
      "\(ask.who) wants order \(order.shopReference ?? order.id.description) sent again"
      + (place.isEmpty ? "" : ", which may be at \(place)") + " (\(ask.note)): a second person has to say the same"
    return PageModel.Row(
      key: "second \(order.id)",
      cells: [
        .init(words, link: "/orders/\(order.id)", tone: .warning), .init("worker order show \(order.id)", .command),
      ])
  }

  /// The orders that wait for a person, with where they are listed.
  static func waiting(_ counts: [(status: Status, count: Int)]) -> [PageModel.Row] {
    counts.filter { $0.count > 0 }.map { status, count in
      let words =
        count == 1 ? "1 order is \(status): decide about it" : "\(count) orders are \(status): decide about them"
      return PageModel.Row(
        key: "waiting \(status.rawValue)",
        cells: [
          .init(
            words, link: "/orders?status=\(status.rawValue)", tone: .warning),
          .init("worker order list --status \(status.rawValue)", .command),
        ])
    }
  }

  static func table(_ overview: Overview) -> PageModel.Table {
    var rows: [PageModel.Row] = []
    func add(_ key: String, _ what: String, _ command: String, _ tone: PageModel.Tone = .bad) {
      rows.append(PageModel.Row(key: key, cells: [.init(what, tone: tone), .init(command, .command)]))
    }
    for problem in overview.problems { add(problem, problem, "worker doctor") }
    let processes = overview.processes ?? []
    let replaced = ReplacedProcesses.among(
      processes.compactMap { process in process.silentSeconds.map { (process.name, $0) } },
      alive: processes.filter { $0.silentSeconds == nil }.map { ($0.name, Int($0.uptimeSeconds)) })
    for process in processes {
      guard let seconds = process.silentSeconds, !replaced.contains(process.name) else { continue }
      add(process.name, "\(process.name) does not answer, last seen \(seconds) s ago", "worker inspect ping", .warning)
    }
    if let processes = overview.processes {
      for program in ["dispatcher", "worker", "scheduler"]
      where !processes.contains(where: { $0.silentSeconds == nil && $0.name.hasPrefix("\(program)@") }) {
        add("no \(program)", "No \(program) answers", "systemctl start sevk-\(program)")
      }
    }
    for line in overview.queues ?? [] {
      let queue = line.queue
      if line.counts.isPaused {
        add("\(queue) paused", "The queue \(queue) is paused", "worker queue resume \(queue)", .warning)
      }
      if line.counts.dead > 0 {
        add(
          "\(queue) dead", "\(line.counts.dead) jobs of \(queue) are dead",
          "worker job list --state dead --queue \(queue)")
      }
      if let overdue = line.overdue, overdue > .seconds(10) {
        add("\(queue) late", "Jobs of \(queue) are overdue by \(overdue.inRoughWords)", "worker doctor")
      }
    }
    for provider in overview.providers ?? [] {
      let why = provider.why.map { ": \($0)" } ?? ""
      switch provider.health {
      case .paused:
        add(
          "\(provider.name) paused", "Sends to \(provider.name) are paused\(why)",
          "worker provider resume \(provider.name)", .warning)
      case .down:
        add("\(provider.name) down", "\(provider.name) is down\(why)", "worker provider show \(provider.name)")
      case .working, .recovering, .unknown: break
      }
      if let shortage = provider.shortage {
        let orders = shortage.orders == 1 ? "1 order waits" : "\(shortage.orders) orders wait"
        add(
          "\(provider.name) balance", "\(orders) for money at \(provider.name): it has \(shortage.words). Pay in there",
          "worker provider show \(provider.name)")
      }
    }
    return PageModel.Table(
      id: "tasks", caption: "To do", columns: ["What", "Command"], rows: rows, empty: "Nothing to do.")
  }
}
