import CommandLine
import Process

import EventLoop
import Glibc
import Orders
import Redis
import Store

/// `worker top`.
enum TopCommand {
  private static let intervalMin = Duration.milliseconds(200)
  private static let intervalMax = Duration.seconds(3600)

  static let command = Command(
    "top", usage: "[--interval 2s] [--once] [--json]",
    "Shows orders, queues, providers and processes, again and again; q quits. Without a terminal it prints a block each"
      + " time, with --json an object a line, with --once only one.",
    grammar: .init(values: ["--interval"], switches: ["--once", "--json"]), settings: OrderCommands.reading,
    example: "worker top --interval 5s"
  ) { arguments, settings in
    let interval = try interval(arguments)
    let frame = try ProcessFrame(program: "worker", settings: settings, key: .never)
    let reader = OverviewReader(redis: frame.redis, store: frame.store, directory: frame.directory)
    if arguments.has("--once") {
      let overview = await reader.read()
      show(overview, nil, arguments)
      await frame.close()
      if !overview.problems.isEmpty { throw ExitError("", code: 69) }
    } else if TextOutput.standard.isTerminal, !arguments.has("--json") {
      await watch(reader, interval)
      await frame.close()
    } else {
      await repeatBlocks(reader, interval, arguments)
      await frame.close()
    }
  }

  private static func interval(_ arguments: Arguments) throws(UsageError) -> Duration {
    guard let text = arguments.value("--interval") else { return .seconds(2) }
    guard let interval = Duration(words: text), (intervalMin...intervalMax).contains(interval) else {
      throw UsageError(
        "--interval must be a duration from \(intervalMin.inWords) to \(intervalMax.inWords), such as 2s")
    }
    return interval
  }

  @LoopActor
  private static func watch(_ reader: OverviewReader, _ interval: Duration) async {
    let screen = TerminalScreen()
    var overview = await reader.read()
    var earlier: Overview?
    while true {
      screen.draw(TopLayout.lines(overview, since: earlier, on: .standard))
      let isSignalled = await screen.redraw.wait(for: interval)
      if screen.isEnding { break }
      // A new size is drawn at once, with what is known.
      if isSignalled { continue }
      (earlier, overview) = (overview, await reader.read())
    }
    screen.close()
  }

  @LoopActor
  private static func repeatBlocks(_ reader: OverviewReader, _ interval: Duration, _ arguments: Arguments) async {
    let quit = LoopEvent()
    let signals = [SIGINT, SIGTERM].map { LoopSignal($0) { quit.signal() } }
    var earlier: Overview?
    repeat {
      let overview = await reader.read()
      show(overview, earlier, arguments)
      earlier = overview
      // `top | head`: nobody reads on.
      if StandardOutput.isGone { break }
    } while await !quit.wait(for: interval)
    _ = signals.count
  }

  private static func show(_ overview: Overview, _ earlier: Overview?, _ arguments: Arguments) {
    if arguments.has("--json") {
      print(overview.json(since: earlier))
    } else {
      print(TopLayout.lines(overview, since: earlier, on: .plain).joined(separator: "\n") + "\n")
    }
    // Who reads a pipe wants each block when it is there.
    fflush(nil)
  }
}
