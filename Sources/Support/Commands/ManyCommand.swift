import Cipher
import CommandLine
import EventLoop
import Orders
import Process
import Store

/// `worker order resolve|retry|cancel|ask --all --filter …`: the same for every order that fits.
enum ManyCommand {
  static let flags = ["--all", "--dry-run"]
  static let filter = "--filter"
  static let usage = "--all --filter KEY=VALUE [--filter …] [--dry-run] …"
  static let details = [
    "--all           every order that fits --filter, \(ManyOrders.ordersMax) at most, each checked and moved on its own",
    "--filter        KEY=VALUE of \(OrderSelection.keys.joined(separator: ", ")); all of several must fit",
    "--dry-run       with --all: shows how many there are, the money at stake and the first of them; changes nothing",
  ]
  private static let shownMax = 10

  /// - Throws: `UsageError` where the flags of one order and of many are mixed.
  static func isWanted(_ arguments: Arguments) throws(UsageError) -> Bool {
    guard arguments.has("--all") else {
      for flag in [filter, "--dry-run"] where arguments.has(flag) || arguments.value(flag) != nil {
        throw UsageError("\(flag) goes only with --all")
      }
      return false
    }
    guard arguments.words.isEmpty else { throw UsageError("give an ID or --all, not both") }
    guard !arguments.all(filter).isEmpty else {
      throw UsageError(
        "--all needs --filter, such as --filter status=held; the keys are \(OrderSelection.keys.joined(separator: ", "))"
      )
    }
    for flag in ["--pin-file", Confirmation.despiteAcceptance]
    where arguments.has(flag) || arguments.value(flag) != nil {
      throw UsageError("\(flag) is said of one order at a time")
    }
    return true
  }

  @LoopActor
  static func run(_ move: ManyMove, _ person: Person, _ arguments: Arguments, _ settings: Settings) async throws {
    let base = try settings.checkSchedule()
    let fields = try OrderSelection.fields(arguments.all(filter))
    let frame = try ProcessFrame(program: "worker", settings: settings, key: .never)
    try await frame.connect(redis: false)
    do { try await run(move, person, fields, base, arguments, frame.sources) } catch {
      await frame.close()
      throw error
    }
    await frame.close()
  }

  @LoopActor
  private static func run(
    _ move: ManyMove, _ person: Person, _ fields: [String: String], _ base: CheckSchedule, _ arguments: Arguments,
    _ sources: SupportSources
  ) async throws {
    let selection = try await OrderSelection(fields, sources)
    let many = ManyOrders(sources, schedule: base)
    let runs = OrderRuns(store: sources.store)
    let isJSON = arguments.has("--json")
    guard let id = try await many.draw(move, selection, who: person.name), let drawn = try await runs.run(id) else {
      return print(isJSON ? json(nil, nil, []) : "no order fits \(selection.words)")
    }
    let preview = try await many.preview(drawn, move: move)
    let text = text(move, drawn, preview, person)
    guard !arguments.has("--dry-run"), !preview.possible.isEmpty else {
      _ = try await runs.abort(id)
      if isJSON { return print(json(nil, preview, [])) }
      return print(text + (preview.possible.isEmpty ? "\nnothing can be changed" : "\nnothing was changed"))
    }
    do { try Confirmation.ask(text, arguments) } catch {
      _ = try await runs.abort(id)
      throw error
    }
    let process = "\(person.name) \(Hexadecimal.encode(RandomBytes.make(8)))"
    guard try await runs.start(id, who: person.name, note: person.note, process: process) else {
      throw ExitError("nothing was changed: the run was begun or aborted by somebody else", code: 1)
    }
    try await sources.store.note(.startRun, "\(id): \(move.name)", who: person.name, note: person.note)
    try await carryOut(id, many, process: process, preview: preview, arguments, sources)
  }

  /// Goes through what is left of a run that this process has, and says what became of it.
  ///
  /// - Parameter preview: nil where somebody else drew it up.
  @LoopActor
  static func carryOut(
    _ id: Int64, _ many: ManyOrders, process: String, preview: ManyOrders.Preview?, _ arguments: Arguments,
    _ sources: SupportSources
  ) async throws {
    let runs = OrderRuns(store: sources.store)
    let progress = Progress("done")
    let isWhole = try await many.carryOut(
      id, process: process, told: { progress.show($0.total - $0.left, of: $0.total) })
    progress.end()
    let run = try await runs.run(id)
    let refused = try await runs.items(of: id, .refused, limit: ManyOrders.ordersMax)
    if arguments.has("--json") {
      print(json(run, preview, refused))
    } else {
      print(ended(run, refused))
    }
    if !isWhole { throw ExitError("somebody aborted run \(id); what was done stays done", code: 1) }
    if !refused.isEmpty || (run?.counts[.wanted] ?? 0) > 0 {
      throw ExitError("not every order was changed", code: 1)
    }
  }

  // MARK: Words

  private static func text(
    _ move: ManyMove, _ run: OrderRun, _ preview: ManyOrders.Preview, _ person: Person
  ) -> String {
    var lines = [
      "\(run.total) \(noun(run.total)) fit \(run.filter); \(preview.possible.count) can be changed.",
      "then      \(move.words)", "at stake  \(preview.money)",
    ]
    lines += preview.seconds(by: person.name).map { "WARNING   \($0)" }
    for refusal in preview.refusals { lines.append("refused   \(refusal.count): \(refusal.why)") }
    var table = TextTable([.init(), .init(), .init(isRight: true), .init(), .init(), .init()])
    for line in preview.possible.prefix(shownMax) {
      table.add([
        "  \(line.order.id)", line.order.status.rawValue, line.order.age.inRoughWords, line.order.product,
        line.order.shopReference ?? "", line.order.sendReference ?? "",
      ])
    }
    if !table.isEmpty { lines.append(table.text()) }
    if preview.possible.count > shownMax { lines.append("  and \(preview.possible.count - shownMax) more") }
    return lines.joined(separator: "\n")
  }

  private static func ended(_ run: OrderRun?, _ refused: [OrderRun.Item]) -> String {
    let counts = run?.counts ?? [:]
    var lines = ["done: \(counts[.done] ?? 0) \(noun(counts[.done] ?? 0))"]
    if let wanted = counts[.wanted], wanted > 0 { lines.append("\(wanted) wait for a second person to say the same") }
    if let left = counts[.waiting], left > 0 { lines.append("\(left) were left alone") }
    if !refused.isEmpty { lines.append("\(refused.count) were refused:") }
    lines += refused.prefix(50).map { "  \($0.id)  \($0.why ?? "")" }
    return lines.joined(separator: "\n")
  }

  private static func noun(_ count: Int) -> String { count == 1 ? "order" : "orders" }

  private static func json(_ run: OrderRun?, _ preview: ManyOrders.Preview?, _ refused: [OrderRun.Item]) -> String {
    let refusals =
      run == nil
      ? (preview?.lines ?? []).compactMap { line in line.why.map { (line.order.id, $0) } }
      : refused.map { ($0.id, $0.why ?? "") }
    return JSONText.object([
      "run": run.map { "\($0.id)" }, "matched": "\(preview?.lines.count ?? run?.total ?? 0)",
      "possible": preview != nil || run == nil ? "\(preview?.possible.count ?? 0)" : nil,
      "at_stake": preview != nil || run == nil ? JSONText.quote(preview?.money ?? "nothing") : nil,
      "done": "\(run?.counts[.done] ?? 0)", "waiting_for_second": "\(run?.counts[.wanted] ?? 0)",
      "left": "\(run?.left ?? 0)", "refused": "\(refusals.count)",
      "refusals": JSONText.array(
        refusals.map { JSONText.object(["id": JSONText.quote($0.0.description), "why": JSONText.quote($0.1)]) }),
    ])
  }
}
