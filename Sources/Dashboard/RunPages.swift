import CommandLine
import EventLoop
import Orders
import Store
import Support
import Telemetry

/// Moves of many orders at once: drawn up from a filter, looked at, begun, watched, aborted, taken up again.
@LoopActor
final class RunPages {
  private static let refusedShownMax = 200
  private static let runsShownMax = 50

  private let sources: SupportSources
  private let keeper: RunKeeper
  private var many: ManyOrders { keeper.many }
  private var runs: OrderRuns { keeper.runs }

  init(_ sources: SupportSources, schedule: CheckSchedule, log: Log) {
    self.sources = sources
    keeper = RunKeeper(sources, schedule: schedule, log: log)
  }

  /// Leaves what is under way to another process, and waits for the order that is being moved.
  func stop() async { await keeper.stop() }

  // MARK: Pages

  func list() async throws -> PageModel {
    let rows = try await runs.newest(limit: Self.runsShownMax).map { run in
      PageModel.Row(
        key: "\(run.id)",
        cells: [
          .init("Run \(run.id)", link: "/runs/\(run.id)"), .init(Self.words(run)), .init(run.filter),
          .init(run.who ?? run.drawnBy), .init(Self.state(run), .badge, tone: Self.tone(run)),
          .init("\(run.total - run.left) of \(run.total)", .number), .init(run.startedAt ?? run.drawnAt, .time),
        ])
    }
    var page = page("Many at once", "Choose the orders by a filter, then what is to be done with all that fit.", .muted)
    page.tables = [
      .init(
        id: "runs", caption: "Runs", columns: ["Run", "What", "Which", "Who", "State", "Done", "When"], rows: rows,
        empty: "None yet.", more: "/orders?status=held", moreWords: "Choose orders")
    ]
    return page
  }

  /// Nil when there is no such run.
  ///
  /// - Parameters:
  ///   - typed: what was filled in before, or `tick` with `none`.
  ///   - problem: what was wrong with that.
  func run(
    _ text: String, _ person: DashboardToken, typed: [String: String] = [:], problem: String? = nil
  ) async throws -> PageModel? {
    guard let id = Int64(text), let run = try await runs.run(id), let move = ManyMove(run.what) else { return nil }
    return run.state == .drawn
      ? try await drawn(run, move, person, typed, problem) : try await begun(run, move, person, problem)
  }

  private func drawn(
    _ run: OrderRun, _ move: ManyMove, _ person: DashboardToken, _ typed: [String: String], _ problem: String?
  ) async throws -> PageModel {
    let preview = try await many.preview(run, move: move)
    let count = preview.possible.count
    var page = page(
      "Run \(run.id): \(move.words)?",
      "\(run.total) \(Self.noun(run.total)) fit \(run.filter); \(count) can be changed. At stake: \(preview.money).",
      move.sendsAgain ? .bad : .warning)
    var warnings = problem.map { ["Nothing was changed: \($0)"] } ?? []
    warnings += LocalTime.$isMarking.withValue(true) { preview.seconds(by: person.who) }
    warnings += preview.refusals.map { "\($0.count) will be left alone: \($0.why)" }
    let mayDecide = person.roles.contains(.decide)
    if count > 0, mayDecide {
      page.forms = [
        .init(
          id: "start", action: "/runs/\(run.id)/start",
          fields: [
            .init(
              name: "note", label: "Why, for whoever reads the orders’ stories later", kind: .area,
              value: typed["note"] ?? "", isRequired: true, lengthMax: PersonMove.noteCharactersMax)
          ], button: "Do it to those that are ticked", tone: .bad, back: "/runs")
      ]
    }
    let names = try await OrdersPage.Names(sources)
    var columns = OrdersPage.columns
    columns.insert("At stake", at: Self.stakeColumn)
    page.tables = [
      .init(
        id: "warnings", caption: "Before you do it", columns: ["Warning"],
        rows: warnings.map { .init(key: $0, cells: [.init($0, tone: .bad)]) }, empty: ""),
      .init(
        id: "first", caption: "What it would be done to", columns: columns,
        rows: preview.possible.map {
          Self.row($0, names, isTicked: mayDecide ? Self.isTicked($0.order.id, typed) : nil)
        },
        empty: "None can be changed.", ticks: mayDecide ? "/runs/\(run.id)" : nil),
    ].filter { $0.id != "warnings" || !$0.rows.isEmpty }
    return page
  }

  /// Before when it was recorded.
  private static let stakeColumn = 8

  /// - Parameter isTicked: nil where it has no box.
  private static func row(
    _ line: ManyOrders.Preview.Line, _ names: OrdersPage.Names, isTicked: Bool?
  ) -> PageModel.Row {
    var row = OrdersPage.row(line.order, names)
    let money = line.money.map { line.currency.isEmpty ? "\($0)" : "\($0) \(line.currency)" }
    row.cells.insert(.init(money ?? "unknown", .number), at: stakeColumn)
    row.cells[0].tick = isTicked.map {
      .init(form: "start", name: tickName(line.order.id), label: "Do it to \(row.cells[0].text)", isOn: $0)
    }
    return row
  }

  private static func tickName(_ id: OrderID) -> String { "o-\(id)" }

  /// All are ticked until somebody says otherwise.
  private static func isTicked(_ id: OrderID, _ typed: [String: String]) -> Bool {
    typed["note"] == nil ? typed["tick"] != "none" : typed[tickName(id)] != nil
  }

  private func begun(
    _ run: OrderRun, _ move: ManyMove, _ person: DashboardToken, _ problem: String?
  ) async throws -> PageModel {
    let done = run.total - run.left
    var words = "\(Self.state(run)): \(run.counts[.done] ?? 0) done"
    if let wanted = run.counts[.wanted], wanted > 0 { words += ", \(wanted) wait for a second person" }
    if let refused = run.counts[.refused], refused > 0 { words += ", \(refused) refused" }
    words += ", \(run.left) left."
    if run.isOrphaned {
      words += " The process that did it is gone; what was done stays done, and the rest was not touched."
    }
    if let problem { words = "\(problem) \(words)" }
    var page = page("Run \(run.id): \(move.words)", words.prefix(1).uppercased() + words.dropFirst(), Self.tone(run))
    page.isLive = run.state == .running
    page.progress = (done, run.total)
    if run.state == .running, person.roles.contains(.decide) {
      if run.isOrphaned {
        page.forms.append(.init(id: "continue", action: "/runs/\(run.id)/continue", fields: [], button: "Go on"))
      }
      page.forms.append(
        .init(
          id: "abort", action: "/runs/\(run.id)/abort", fields: [], button: "Abort: leave the rest alone", tone: .bad))
    }
    let refused = try await runs.items(of: run.id, .refused, limit: Self.refusedShownMax)
    let wanted = try await runs.items(of: run.id, .wanted, limit: Self.refusedShownMax)
    let orders = Dictionary(
      try await sources.store.orders(in: (refused + wanted).map(\.id)).map { ($0.id, $0) }
    ) { $1 }
    let providers = try await sources.store.providerNames()
    let rows = (refused + wanted).map { item in
      let order = orders[item.id]
      return PageModel.Row(
        key: item.id.description,
        cells: [
          order.map(OrderTables.name) ?? .init(item.id.description, link: "/orders/\(item.id)"),
          order.map { OrderTables.atProvider($0, providers) } ?? .init(""),
          .init(item.state == .wanted ? "waits for a second person" : "refused", .badge, tone: .warning),
          .init(item.why ?? ""),
        ])
    }
    page.tables = [
      .init(
        id: "facts", caption: "Run", columns: ["What", "Value"],
        rows: [
          ("Which", PageModel.Cell(run.filter)), ("Who", .init(run.who ?? run.drawnBy)), ("Why", .init(run.note ?? "")),
          ("Begun", .init(run.startedAt ?? "", .time)), ("Ended", .init(run.endedAt ?? "", .time)),
        ].map { .init(key: $0.0, cells: [.init($0.0), $0.1]) }, empty: ""),
      .init(
        id: "items", caption: "Not done", columns: ["Order", "At the provider", "State", "Why"], rows: rows,
        empty: run.state == .running ? "None so far." : "None."),
    ]
    return page
  }

  // MARK: Doing it

  /// Draws one up from the fields of a filter.
  ///
  /// - Returns: its path; nil when no order fits.
  func draw(_ form: [String: String], _ person: DashboardToken) async throws -> String? {
    guard let move = ManyMove(form["move"]) else { throw UsageError("choose what is to be done with them") }
    let selection = try await OrderSelection(OrdersPage.given(form), sources)
    return try await many.draw(move, selection, who: person.who).map { "/runs/\($0)" }
  }

  /// - Parameter act: `start`, `abort` or `continue`.
  /// - Returns: what was wrong, for the run's page; nil when it was done.
  func act(_ act: String, _ text: String, _ form: [String: String], _ person: DashboardToken) async throws -> String? {
    guard let id = Int64(text), let run = try await runs.run(id) else { return "there is no such run." }
    switch act {
    case "start":
      let note = (form["note"] ?? "").replacing("\r\n", with: "\n")
      guard note.contains(where: { !$0.isWhitespace }), note.unicodeScalars.count <= PersonMove.noteCharactersMax,
        !note.contains("\0")
      else { return "say why, in at most \(PersonMove.noteCharactersMax) characters." }
      // What is done is done to orders that were shown and are ticked, each as it was when the run was drawn up.
      let shown = try await runs.items(of: id, nil, limit: ManyOrders.ordersMax)
      let ticked = shown.map(\.id).filter { form[Self.tickName($0)] == "1" }
      guard !ticked.isEmpty else { return "tick the orders that it is to be done to." }
      let words = ticked.count < shown.count ? " (\(ticked.count) of \(shown.count) were ticked)" : ""
      guard try await keeper.start(run, who: person.who, note: note, only: ticked, words: words) else {
        return "it was begun, aborted or dropped before."
      }
    case "continue":
      guard try await keeper.takeUp(run, who: person.who) else {
        return "its process is still at it, or it has ended."
      }
    case "abort":
      guard try await keeper.abort(run, who: person.who) else { return "it has ended already." }
    default: return "there is no such act."
    }
    return nil
  }

  // MARK: Words

  private func page(_ heading: String, _ lead: String, _ tone: PageModel.Tone) -> PageModel {
    PageModel(
      title: "\(heading.prefix(60)) · Sevk", heading: heading, lead: lead, tone: tone,
      asOf: Timestamp.rfc3339(Int64(Clock.unixMilliseconds())), isLive: false, tables: [])
  }

  private static func noun(_ count: Int) -> String { count == 1 ? "order" : "orders" }
  private static func words(_ run: OrderRun) -> String { ManyMove(run.what)?.words ?? run.what }

  private static func state(_ run: OrderRun) -> String {
    switch run.state {
    case .drawn: "not begun"
    case .running: run.isOrphaned ? "stopped in the middle" : "running"
    case .aborted: "aborted"
    case .ended: "ended"
    }
  }

  private static func tone(_ run: OrderRun) -> PageModel.Tone {
    switch run.state {
    case .drawn: .muted
    case .running: run.isOrphaned ? .bad : .warning
    case .aborted: .warning
    case .ended: run.counts[.refused] ?? 0 > 0 || run.counts[.wanted] ?? 0 > 0 ? .warning : .good
    }
  }
}
