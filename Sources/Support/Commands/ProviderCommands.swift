import CommandLine
import Process
import ProviderGate

import EventLoop
import Queue
import Store

/// `worker provider list|show|pause|resume`: how the providers do, and a person's switch.
enum ProviderCommands {
  private static let settings: [Setting] = OrderCommands.reading
  private static let named = Arguments.Grammar(switches: ["--json"], wordsMax: 1)

  static let list = Command(
    "provider list", usage: "[--json]",
    "Lists the providers, whether sends go to them and since when, and whether the balance is too low for orders that"
      + " wait.",
    grammar: .init(switches: ["--json"]), settings: settings, example: "worker provider list"
  ) { arguments, settings in
    try await with(settings) { sources in
      var rows: [String] = []
      let right = ["SLOTS", "RATE", "BALANCE"]
      var table = TextTable(ProviderText.titles.map { .init($0, isRight: right.contains($0)) })
      let waits = ProviderWaits(directory: sources.directory, store: sources.store, redis: sources.redis)
      let shortages = try await waits.shortages(sources.store)
      for provider in try await sources.directory.providers() {
        let state = try await waits.state(of: provider.id)
        let shortage = shortages[provider.id]
        rows.append(ProviderText.json(provider, state, shortage))
        table.add(ProviderText.row(provider, state, shortage))
      }
      if arguments.has("--json") { return print(JSONText.array(rows)) }
      print(
        table.isEmpty
          ? "there is no provider yet: dispatcher provider add" : table.text(width: TextOutput.standard.columns))
    }
  }

  static let show = Command(
    "provider show", usage: "NAME [--json]", "Shows a provider's limits, health and balance.", grammar: named,
    settings: settings, example: "worker provider show panel"
  ) { arguments, settings in
    let name = try name(arguments)
    try await with(settings) { sources in
      guard let provider = try await sources.directory.providers().first(where: { $0.name == name }) else {
        throw unknown(name)
      }
      let state = try await ProviderLimiter(client: sources.redis).state(of: provider.id)
      print(arguments.has("--json") ? ProviderText.json(provider, state) : ProviderText.show(provider, state))
    }
  }

  static let pause = Command(
    "provider pause", usage: "NAME [--note TEXT] [--by NAME] [--json]",
    "Stops sends to a provider; orders wait as pending. What it has already is still asked about.",
    grammar: .init(values: ["--note", "--by"], switches: ["--json"], wordsMax: 1), settings: settings,
    example: "worker provider pause panel --note \"prices are wrong\""
  ) { arguments, settings in
    try await set(try name(arguments), isPaused: true, note: arguments.value("--note"), arguments, settings)
  }

  static let resume = Command(
    "provider resume", usage: "NAME [--by NAME] [--json]",
    "Lets sends go to a provider again, and forgets the costs learnt from its answers; one that is closed is probed at"
      + " once.", grammar: .init(values: ["--by"], switches: ["--json"], wordsMax: 1), settings: settings,
    example: "worker provider resume panel"
  ) { arguments, settings in
    try await set(try name(arguments), isPaused: false, note: nil, arguments, settings)
  }

  private static func name(_ arguments: Arguments) throws -> String {
    guard let name = arguments.words.first else { throw UsageError("NAME is missing; see: worker provider list") }
    return name
  }

  private static func unknown(_ name: String) -> ExitError {
    ExitError("there is no provider named \(name); see: worker provider list", code: 1)
  }

  @LoopActor
  private static func set(
    _ name: String, isPaused: Bool, note: String?, _ arguments: Arguments, _ settings: Settings
  ) async throws {
    let who = try Person.name(arguments.value("--by"))
    // The truth about a pause is in the database, so that Redis need not be there.
    try await with(settings, redis: false) { sources in
      guard
        let turned = try await ProviderSwitch.turn(name, isPaused: isPaused, who: who, note: note, sources)
      else {
        throw unknown(name)
      }
      let (before, hindrances) = (turned.before, turned.hindrances)
      if arguments.has("--json") {
        return print(
          JSONText.object([
            "name": JSONText.quote(name), "paused": "\(isPaused)",
            "hindrances": JSONText.array(hindrances.map(\.json)),
          ]))
      }
      print(isPaused ? paused(before) : resumed(before, hindrances))
      if !isPaused, !turned.isForgotten {
        print("Redis does not answer, so the costs learnt are kept; say it again when it does")
      }
    }
  }

  private static func paused(_ before: Provider) -> String {
    let already = before.pausedAt.map { " was paused already, since \(LocalTime.minute($0, now: LocalTime.now))" }
    return (already.map { before.name + $0 } ?? "paused sends to \(before.name); sends under way end")
      + "; to go on: worker provider resume \(before.name)"
  }

  private static func resumed(_ before: Provider, _ hindrances: [Hindrance]) -> String {
    let now = before.pausedAt == nil ? "\(before.name) was not paused" : "\(before.name) is no longer paused"
    guard !hindrances.isEmpty else { return "\(now): sends go to it, and waiting orders follow within seconds" }
    if hindrances.allSatisfy(\.isOnlySlow) {
      return "\(now): sends go to it; \(hindrances.map(\.text).joined(separator: " "))"
    }
    return "\(now), but sends still wait: \(hindrances.map(\.text).joined(separator: " "))"
  }

  @LoopActor
  private static func with(
    _ settings: Settings, redis: Bool = true, _ body: @LoopActor (SupportSources) async throws -> Void
  ) async throws {
    let frame = try ProcessFrame(program: "worker", settings: settings, key: .never)
    try await frame.connect(redis: redis)
    do { try await body(frame.sources) } catch {
      await frame.close()
      throw error
    }
    await frame.close()
  }
}
