import CommandLine
import EventLoop
import OrderWork
import Orders
import Process
import Store

/// `worker order resolve|retry|cancel`: what a person decides. Each shows the money at stake, asks, and leaves an audit
/// row with who and why.
enum DecideCommands {
  private static let settings = OrderCommands.settings + Setting.checks
  private static let shared = ["--note", "--by", ManyCommand.filter]
  private static let choices: [(flag: String, choice: PersonChoice)] = [
    ("--received", .received), ("--not-received", .notReceived), ("--completed", .completed), ("--failed", .failed),
  ]

  static let resolve = Command(
    "order resolve",
    usage: "ID --received|--not-received|--completed [--pin-file FILE]|--failed --note TEXT [--by NAME] [--yes]"
      + " [--despite-acceptance] [--json] | \(ManyCommand.usage)",
    "Settles an order by what a person saw on the provider's panel; without a flag for that, shows the choices.",
    grammar: .init(
      values: shared + ["--pin-file"],
      switches: choices.map(\.flag) + [Confirmation.flag, Confirmation.despiteAcceptance, "--json"] + ManyCommand.flags,
      wordsMax: 1),
    settings: settings,
    details: [
      "--received      it is there and being worked on: it is asked about until it is settled",
      "--completed     it is there and delivered: final; without --pin-file it has no PIN",
      "--pin-file      its first line is the PIN",
      "--failed        it is there, but refused or cancelled: final, and the shop may refund",
      "--not-received  it is surely not there: it is SENT AGAIN, and paid twice if it was there after all",
      "--despite-acceptance  with --not-received and --yes: the provider accepted it, but it was cancelled there",
      "--note          why, for whoever reads the order's story later",
      "--by            who decides, if not who is logged in",
    ] + ManyCommand.details,
    example: "worker order resolve shop-778 --completed --pin-file pin.txt --note 'seen on the panel, ticket 4711'"
  ) { arguments, settings in
    let given = choices.filter { arguments.has($0.flag) }
    let isMany = try ManyCommand.isWanted(arguments)
    guard given.count == 1 else {
      if given.isEmpty, !isMany, !arguments.has("--json") { try await showChoices(arguments, settings) }
      throw UsageError("give one of \(choices.map(\.flag).joined(separator: ", ")): what the panel shows")
    }
    var pin: Pin?
    if let file = arguments.value("--pin-file") {
      guard given[0].choice == .completed else { throw UsageError("--pin-file goes only with --completed") }
      pin = try PinFile.read(file)
    }
    guard given[0].choice == .notReceived || !arguments.has(Confirmation.despiteAcceptance) else {
      throw UsageError("\(Confirmation.despiteAcceptance) goes only with --not-received")
    }
    let person = try Person(arguments)
    if let pin, person.note.contains(pin.secret) {
      throw UsageError("--note contains the PIN; notes are not encrypted, so leave it out")
    }
    if isMany { return try await ManyCommand.run(.choice(given[0].choice), person, arguments, settings) }
    try await decide(given[0].choice, person, pin, arguments, settings)
  }

  static let retry = Command(
    "order retry", usage: "ID [--note TEXT] [--by NAME] [--yes] | \(ManyCommand.usage)",
    "Sends an order now that surely no provider has; refuses while a send's outcome is unknown.",
    grammar: .init(values: shared, switches: [Confirmation.flag, "--json"] + ManyCommand.flags, wordsMax: 1),
    settings: settings, details: ManyCommand.details,
    example: "worker order retry shop-778 --note 'the panel is back'"
  ) { arguments, settings in
    let person = try Person(arguments, noteFallback: "retried by hand")
    if try ManyCommand.isWanted(arguments) {
      return try await ManyCommand.run(.choice(.retry), person, arguments, settings)
    }
    try await decide(.retry, person, nil, arguments, settings)
  }

  static let cancel = Command(
    "order cancel", usage: "ID [--note TEXT] [--by NAME] [--yes] | \(ManyCommand.usage)",
    "Withdraws an order that surely no provider has.",
    grammar: .init(values: shared, switches: [Confirmation.flag, "--json"] + ManyCommand.flags, wordsMax: 1),
    settings: settings, details: ManyCommand.details,
    example: "worker order cancel shop-778 --note 'the customer changed their mind'"
  ) { arguments, settings in
    let person = try Person(arguments, noteFallback: "cancelled by hand")
    if try ManyCommand.isWanted(arguments) {
      return try await ManyCommand.run(.choice(.cancel), person, arguments, settings)
    }
    try await decide(.cancel, person, nil, arguments, settings)
  }

  @LoopActor
  private static func showChoices(_ arguments: Arguments, _ settings: Settings) async throws {
    try await OrderCommands.with(arguments, settings) { order, sources in
      print(try await Stakes(order, sources.store).choices)
    }
  }

  @LoopActor
  private static func decide(
    _ choice: PersonChoice, _ person: Person, _ pin: Pin?, _ arguments: Arguments, _ settings: Settings
  ) async throws {
    let base = try settings.checkSchedule()
    try await OrderCommands.with(arguments, settings, key: pin == nil ? .never : .needed) { order, sources in
      let stakes = try await Stakes(order, sources.store)
      var schedule = base
      if let id = order.providerID, let provider = try await sources.directory.provider(id) {
        schedule = provider.schedule(base)
      }
      let decision = PersonDecision(order, sends: stakes.sends)
      if case .refused(let why) = decision.verdict(choice) {
        throw ExitError("order \(order.id): \(why)\(stakes.advice)", code: 1)
      }
      let pinFingerprint = try pin.flatMap { $0.isCode ? try sources.store.fingerprint(of: $0) : nil }
      try await PinFile.refuseGiven(pinFingerprint, order, sources.store)
      let consequence = stakes.consequence(
        of: choice, pin: pin, firstCheck: schedule.first, deadline: schedule.deadline)
      var warnings = stakes.warnings(of: choice)
      if let second = try await decision.secondPerson(for: choice, sources.store) {
        warnings.append(
          Stakes.warning(second, by: person.name, goesTo: try await SendingAgain.read(order, sources)))
      }
      if try await decision.lacksPin(choice, pin, sources.directory) { warnings.append(Stakes.lacksPin) }
      try Confirmation.ask(
        stakes.text(consequence, warnings: warnings),
        despiteAcceptance: choice == .notReceived ? stakes.accepted?.sendReference : nil, arguments)
      let (to, isPlanned): (Status, Bool)
      do {
        (to, isPlanned) = try await decision.make(
          choice, pin: pin, who: person.name, note: person.note, schedule: base, sources)
      } catch PersonDecision.Refusal.moved(let now, let reason) {
        throw ExitError(
          "nothing was changed: the order moved meanwhile and is now \(now?.rawValue ?? "gone")"
            + (reason.map { " (\($0))" } ?? ""), code: 1)
      } catch PersonDecision.Refusal.secondNeeded(let why, let isNoted, let saidAt) {
        throw ExitError(
          "nothing was sent: \(why); "
            + (isNoted
              ? "noted that \(person.name) wants it; now somebody else says the same, within a day"
              : "\(person.name) has said so already"
                + (saidAt.map { " at \(LocalTime.minute($0, now: LocalTime.now))" } ?? "") + "; somebody else has to"),
          code: 1)
      } catch PersonDecision.Refusal.pinGiven {
        try await PinFile.refuseGiven(pinFingerprint, order, sources.store)
        throw ExitError("nothing was changed: another order had this PIN a moment ago; say it again", code: 1)
      } catch PersonDecision.Refusal.notAllowed(let why) {
        throw ExitError("order \(order.id): \(why)\(stakes.advice)", code: 1)
      }
      let decided = Decided(order: order, to: to, choice: choice, person: person, isPlanned: isPlanned)
      print(arguments.has("--json") ? await decided.json(base, sources) : await decided.text(base, sources))
    }
  }
}
