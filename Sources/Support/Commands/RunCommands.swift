import Cipher
import CommandLine
import EventLoop
import OrderWork
import Orders
import Process
import Store

/// `worker run list|show|resume|abort`: runs over many orders, wherever they were begun (`order resolve --all`, the dashboard,
/// the API). `worker run` alone is the process.
enum RunCommands {
  private static let limitMax = 1_000
  private static let shownMax = 50
  private static let named = Arguments.Grammar(switches: ["--json"], wordsMax: 1)

  static let list = Command(
    "run list", usage: "[--unfinished] [--limit N] [--json]",
    "Lists runs over many orders, the newest first. --unfinished: those that were begun and have not ended; STOPPED is one"
      + " whose process is gone.",
    grammar: .init(values: ["--limit"], switches: ["--unfinished", "--json"]), settings: OrderCommands.reading,
    example: "worker run list --unfinished"
  ) { arguments, settings in
    let limit = try arguments.number("--limit", 1...limitMax) ?? shownMax
    try await with(settings) { sources in
      let runs = OrderRuns(store: sources.store)
      let found =
        arguments.has("--unfinished") ? try await runs.unfinished(limit: limit) : try await runs.newest(limit: limit)
      if arguments.has("--json") { return print(JSONText.array(found.map { RunText.json($0) })) }
      print(found.isEmpty ? "there is no such run" : RunText.table(found))
    }
  }

  static let show = Command(
    "run show", usage: "NUMBER [--json]", "Shows a run over many orders: how far it is, and what was refused.",
    grammar: named, settings: OrderCommands.reading, example: "worker run show 12"
  ) { arguments, settings in
    let number = try number(arguments)
    try await with(settings) { sources in
      let run = try await find(number, sources)
      let runs = OrderRuns(store: sources.store)
      let refused = try await runs.items(of: number, .refused, limit: ManyOrders.ordersMax)
      let wanted = try await runs.items(of: number, .wanted, limit: ManyOrders.ordersMax)
      print(
        arguments.has("--json")
          ? RunText.json(run, refused: refused, wanted: wanted) : RunText.full(run, refused: refused, wanted: wanted))
    }
  }

  static let resume = Command(
    "run resume", usage: "NUMBER [--by NAME] [--yes] [--json]",
    "Takes up a run whose process is gone, and does what is left under the name and note that it was begun with. What was"
      + " done is not done again.",
    grammar: .init(values: ["--by"], switches: [Confirmation.flag, "--json"], wordsMax: 1),
    settings: OrderCommands.settings + Setting.checks, example: "worker run resume 12"
  ) { arguments, settings in
    let number = try number(arguments)
    let who = try Person.name(arguments.value("--by"))
    let base = try settings.checkSchedule()
    try await with(settings) { sources in
      let run = try await find(number, sources)
      guard run.isOrphaned, let move = ManyMove(run.what) else {
        throw ExitError("nothing was changed: \(RunText.refusal(run))", code: 1)
      }
      try Confirmation.ask(
        "Run \(number) (\(run.filter)) was stopped with \(run.left) of \(run.total) orders left.\nthen      \(move.words)",
        arguments)
      let many = ManyOrders(sources, schedule: base)
      let runs = OrderRuns(store: sources.store)
      let process = "\(who) \(Hexadecimal.encode(RandomBytes.make(8)))"
      guard try await runs.takeOver(number, process: process) else {
        throw ExitError("nothing was changed: somebody else has just taken it up", code: 1)
      }
      try await sources.store.note(.continueRun, RunKeeper.title(run), who: who, note: "")
      try await ManyCommand.carryOut(number, many, process: process, preview: nil, arguments, sources)
    }
  }

  static let abort = Command(
    "run abort", usage: "NUMBER [--by NAME] [--json]",
    "Ends a run over many orders: what was done stays done, the rest is left alone.",
    grammar: .init(values: ["--by"], switches: ["--json"], wordsMax: 1), settings: OrderCommands.reading,
    example: "worker run abort 12"
  ) { arguments, settings in
    let number = try number(arguments)
    let who = try Person.name(arguments.value("--by"))
    try await with(settings) { sources in
      let run = try await find(number, sources)
      let runs = OrderRuns(store: sources.store)
      guard try await runs.abort(number) else {
        throw ExitError("nothing was changed: it has ended already", code: 1)
      }
      try await sources.store.note(.abortRun, RunKeeper.title(run), who: who, note: "")
      let now = try await find(number, sources)
      print(
        arguments.has("--json") ? RunText.json(now) : "run \(number) is aborted; \(now.left) orders were left alone")
    }
  }

  private static func number(_ arguments: Arguments) throws(UsageError) -> Int64 {
    guard let word = arguments.words.first else { throw UsageError("NUMBER is missing; see: worker run list") }
    guard let number = Int64(word) else {
      throw UsageError("NUMBER is the one that worker run list shows, not \(ShownText.visible(word))")
    }
    return number
  }

  @LoopActor
  private static func find(_ number: Int64, _ sources: SupportSources) async throws -> OrderRun {
    guard let run = try await OrderRuns(store: sources.store).run(number) else {
      throw ExitError("there is no run \(number); see: worker run list", code: 1)
    }
    return run
  }

  @LoopActor
  private static func with(
    _ settings: Settings, _ body: @LoopActor (SupportSources) async throws -> Void
  ) async throws {
    let frame = try ProcessFrame(program: "worker", settings: settings, key: .never)
    try await frame.connect(redis: false)
    do { try await body(frame.sources) } catch {
      await frame.close()
      throw error
    }
    await frame.close()
  }
}
