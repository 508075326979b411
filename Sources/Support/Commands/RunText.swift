import CommandLine
import Orders
import Store

/// Runs over many orders, for people and for scripts.
enum RunText {
  private static let shownMax = 50

  static func table(_ runs: [OrderRun]) -> String {
    var table = TextTable([
      .init("RUN", isRight: true), .init("STATE"), .init("DONE", isRight: true), .init("WHO"), .init("MOVE"),
      .init("WHEN"), .init("WHICH"),
    ])
    for run in runs {
      table.add([
        "\(run.id)", state(run), "\(run.total - run.left) of \(run.total)", run.who ?? run.drawnBy, run.what,
        run.startedAt ?? run.drawnAt, run.filter,
      ])
    }
    return table.text()
  }

  static func full(_ run: OrderRun, refused: [OrderRun.Item], wanted: [OrderRun.Item]) -> String {
    var lines = [
      "run       \(run.id): \(state(run)), \(run.total - run.left) of \(run.total) gone through",
      "then      \(ManyMove(run.what)?.words ?? run.what)", "which     \(ShownText.visible(run.filter))",
      "who       \(ShownText.visible(run.who ?? run.drawnBy))",
    ]
    if let note = run.note { lines.append("why       \(ShownText.visible(note))") }
    if let begun = run.startedAt { lines.append("begun     \(begun)") }
    if let ended = run.endedAt { lines.append("ended     \(ended)") }
    lines.append("done      \(run.counts[.done] ?? 0)")
    if run.isOrphaned {
      lines.append("to go on: worker run resume \(run.id); to leave the rest: worker run abort \(run.id)")
    }
    if !wanted.isEmpty { lines.append("\(wanted.count) wait for a second person to say the same:") }
    lines += wanted.prefix(shownMax).map { "  \($0.id)" }
    if !refused.isEmpty { lines.append("\(refused.count) were refused:") }
    lines += refused.prefix(shownMax).map { "  \($0.id)  \(ShownText.visible($0.why ?? ""))" }
    if max(refused.count, wanted.count) > shownMax { lines.append("  … all of them: worker run show \(run.id) --json") }
    return lines.joined(separator: "\n")
  }

  static func json(_ run: OrderRun, refused: [OrderRun.Item]? = nil, wanted: [OrderRun.Item]? = nil) -> String {
    func list(_ items: [OrderRun.Item]?) -> String? {
      items.map { items in
        JSONText.array(
          items.map { JSONText.object(["id": JSONText.quote($0.id.description), "why": $0.why.map(JSONText.quote)]) })
      }
    }
    return JSONText.object([
      "run": "\(run.id)", "state": JSONText.quote(run.isOrphaned ? "stopped" : run.state.rawValue),
      "move": JSONText.quote(run.what), "filter": JSONText.quote(run.filter), "drawn_by": JSONText.quote(run.drawnBy),
      "drawn_at": JSONText.quote(run.drawnAt), "who": run.who.map(JSONText.quote), "note": run.note.map(JSONText.quote),
      "started_at": run.startedAt.map(JSONText.quote), "ended_at": run.endedAt.map(JSONText.quote),
      "total": "\(run.total)", "done": "\(run.counts[.done] ?? 0)",
      "waiting_for_second": "\(run.counts[.wanted] ?? 0)", "refused": "\(run.counts[.refused] ?? 0)",
      "left": "\(run.left)", "refusals": list(refused), "waiting": list(wanted),
    ])
  }

  /// Why it can't be taken up.
  static func refusal(_ run: OrderRun) -> String {
    switch run.state {
    case .drawn: "it was never begun"
    case .running:
      "its process is still at it, or was heard of less than \(OrderRun.patience.inWords) ago; look again then"
    case .aborted: "it was aborted"
    case .ended: "it has ended"
    }
  }

  private static func state(_ run: OrderRun) -> String {
    switch run.state {
    case .drawn: "not begun"
    case .running: run.isOrphaned ? "STOPPED" : "running"
    case .aborted: "aborted"
    case .ended: "ended"
    }
  }
}
