import CommandLine
import EventLoop
import OrderWork
import Orders
import Store
import Support
import Telemetry

/// What a person does to one order: asked back first, with what it will do and the money at stake, then done the way the
/// command line does it.
@LoopActor
struct OrderActs {
  /// What came of a form that was sent.
  enum Outcome {
    /// Where the browser goes to see it.
    case done(String)
    /// Nothing was changed; the page says why.
    case refused(PageModel, status: Int)
  }

  /// A move of an order, or a question about it.
  enum Move: Equatable {
    case choice(PersonChoice)
    case ask

    static let all = PersonChoice.allCases.map(Move.choice) + [.ask]

    init?(_ text: String?) {
      guard let move = Self.all.first(where: { $0.name == text }) else { return nil }
      self = move
    }

    var name: String {
      switch self {
      case .choice(let choice): choice.rawValue
      case .ask: "ask"
      }
    }

    /// On the button.
    ///
    /// - Parameter isAccepted: the provider accepted its send, so that it can only have been cancelled since.
    func verb(isAccepted: Bool) -> String {
      switch self {
      case .ask: "Ask the provider now"
      case .choice(.received): "It is there: ask about it"
      case .choice(.notReceived):
        isAccepted ? "It was cancelled there: send it again" : "It is not there: send it again"
      case .choice(.completed): "It was delivered: complete it"
      case .choice(.failed): "It was refused or cancelled: fail it"
      case .choice(.retry): "Send it now"
      case .choice(.cancel): "Withdraw it"
      }
    }

    /// What is noted where nobody said why; nil where a note must be given.
    var noteFallback: String? {
      switch self {
      case .ask: "asked by hand"
      case .choice(.retry): "retried by hand"
      case .choice(.cancel): "cancelled by hand"
      case .choice: nil
      }
    }
  }

  private static let pinCharactersMax = 500
  /// The box that says that an order is delivered without the PIN that its product has.
  private static let noPin = "no_pin"

  let sources: SupportSources
  let schedule: CheckSchedule

  private var store: Store { sources.store }

  /// The page that asks back; nil when there is no such order or move.
  ///
  /// - Parameters:
  ///   - typed: what was typed before.
  ///   - problem: what was wrong with that.
  func page(
    _ text: String, _ move: Move, _ person: DashboardToken, typed: [String: String] = [:], problem: String? = nil
  ) async throws -> PageModel? {
    guard let id = OrderID(text), let order = try await store.order(id) else { return nil }
    let stakes = try await Stakes(order, store)
    let decision = PersonDecision(order, sends: stakes.sends)
    let name = order.shopReference ?? order.id.description
    let verb = move.verb(isAccepted: decision.speaksAgainstAcceptance(.notReceived))
    var page = PageModel(
      title: "\(name) · Sevk", heading: "\(verb) – order \(name)?", lead: "", tone: .warning,
      asOf: Timestamp.rfc3339(Int64(Clock.unixMilliseconds())), isLive: false, tables: [])
    if let why = refusal(move, order, decision) {
      page.lead = "This is not possible now: \(why)"
      page.tables = [Self.facts(stakes)]
      return page
    }
    var warnings: [String] = []
    var fields: [PageModel.Form.Field] = [
      .init(name: "move", label: "", kind: .hidden, value: move.name),
      .init(name: "version", label: "", kind: .hidden, value: "\(order.version)"),
    ]
    if case .choice(let choice) = move {
      (page.lead, warnings) = try await consequence(choice, stakes, decision, person)
      page.tone = choice == .notReceived || !warnings.isEmpty ? .bad : .warning
      if choice == .completed {
        let lacksPin = try await decision.lacksPin(choice, nil, sources.directory)
        fields.append(
          .init(
            name: "pin", label: lacksPin ? "PIN" : "PIN, if it has one", kind: .secret,
            help: order.hasPin ? "Empty: it keeps the PIN that it has." : "As the provider’s panel shows it.",
            lengthMax: Self.pinCharactersMax))
        if lacksPin {
          fields.append(
            .init(
              name: Self.noPin, label: "There is no PIN: complete it without one. None can be added later.",
              kind: .tick, value: typed[Self.noPin] ?? ""))
        }
      }
      if decision.speaksAgainstAcceptance(choice), let accepted = stakes.accepted {
        fields.append(
          .init(
            name: "reference", label: "Type the reference \(accepted.sendReference)", value: typed["reference"] ?? "",
            help: "The provider accepted it: this says that you saw it cancelled there.", isRequired: true))
      }
    } else {
      page.lead = "The provider is asked about it as soon as its limits let that; nothing else changes."
      page.tone = .muted
    }
    fields.append(
      .init(
        name: "note", label: "Why, for whoever reads this order’s story later", kind: .area, value: typed["note"] ?? "",
        isRequired: move.noteFallback == nil, lengthMax: PersonMove.noteCharactersMax))
    if let problem { warnings.insert("Nothing was changed: \(problem)", at: 0) }
    page.forms = [
      .init(
        id: "decide", action: "/orders/\(order.id)/decide", fields: fields, button: verb,
        tone: page.tone == .bad ? .bad : nil, back: "/orders/\(order.id)")
    ]
    page.tables = [Self.warnings(warnings), Self.facts(stakes)].filter { !$0.rows.isEmpty }
    return page
  }

  /// Does it.
  func act(_ text: String, _ form: [String: String], _ person: DashboardToken) async throws -> Outcome? {
    guard let id = OrderID(text), let move = Move(form["move"]), let order = try await store.order(id) else {
      return nil
    }
    func again(_ problem: String) async throws -> Outcome? {
      try await page(text, move, person, typed: form, problem: problem).map { .refused($0, status: 422) }
    }
    // What was shown was another order than this, as it were.
    guard form["version"] == "\(order.version)" else { return .refused(try await moved(order), status: 409) }
    let given = (form["note"] ?? "").replacing("\r\n", with: "\n")
    guard let note = given.contains(where: { !$0.isWhitespace }) ? given : move.noteFallback else {
      return try await again("say why.")
    }
    guard note.unicodeScalars.count <= PersonMove.noteCharactersMax, !note.contains("\0") else {
      return try await again("the note is longer than \(PersonMove.noteCharactersMax) characters.")
    }
    guard case .choice(let choice) = move else {
      let asking = AskNow(store: store, directory: sources.directory, broker: sources.broker)
      switch try await asking.ask(order, for: (person.who, note)) {
      case .asked: return .done("/orders/\(order.id)?done=ask")
      case .tooSoon(let wait):
        return try await again("it was asked about a moment ago; again in \(wait.inRoughWords).")
      case .refused(let why): return try await again("there is nothing to ask the provider: \(why).")
      }
    }
    let decision = PersonDecision(order, sends: try await store.sends(of: order.id))
    if decision.speaksAgainstAcceptance(choice), case .move = decision.verdict(choice),
      form["reference"]?.filter({ !$0.isWhitespace }) != decision.sends.last?.sendReference
    {
      return try await again("the reference is not the one that the provider accepted.")
    }
    var pin: Pin?
    if choice == .completed, let typed = form["pin"], !typed.isEmpty {
      do { pin = Pin(try SecretText.read(typed, "the PIN")) } catch { return try await again("\(error).") }
      guard typed.count <= Self.pinCharactersMax else { return try await again("the PIN is too long.") }
      guard !note.contains(typed) else {
        return try await again("the note contains the PIN; notes are not encrypted, so leave it out.")
      }
    }
    let saysNone = form[Self.noPin] == "1"
    guard pin == nil || !saysNone else {
      return try await again("a PIN is typed, and it is ticked that there is none.")
    }
    if !saysNone, try await decision.lacksPin(choice, pin, sources.directory) {
      return try await again("its product has a PIN: type it, or tick that there is none.")
    }
    do {
      _ = try await decision.make(choice, pin: pin, who: person.who, note: note, schedule: schedule, sources)
    } catch let refusal as PersonDecision.Refusal {
      switch refusal {
      case .notAllowed(let why): return try await again("\(why).")
      case .pinGiven(let holder, _, let reference):
        return try await again("this is the PIN of order \(reference ?? "\(holder)"), which has it already.")
      case .moved: return .refused(try await moved(try await store.order(order.id) ?? order), status: 409)
      case .secondNeeded(_, let isNoted, _):
        return .done("/orders/\(order.id)?done=\(isNoted ? "second_wanted" : "second_needed")")
      }
    }
    return .done("/orders/\(order.id)?done=\(choice.rawValue)")
  }

  /// What a page says after an act; nil for what is none.
  ///
  /// - Parameter second: what waits for a second person.
  static func notice(_ done: String?, _ second: SecondAsk?) -> String? {
    switch done {
    case "second_wanted":
      "Nothing is sent yet: it takes two people, and you are the first. Now somebody else says the same, within a day."
    case "second_needed":
      "Nothing was sent: you said so already\(second.map { " at \(MarkedTime.mark($0.time))" } ?? ""), and somebody else has"
        + " to."
    case "ask": "Done: the provider is asked now. What it says will stand in the story below."
    default: Move(done) == nil ? nil : "Done. It stands in the story below, with your name."
    }
  }

  // MARK: Parts

  private func refusal(_ move: Move, _ order: Order, _ decision: PersonDecision) -> String? {
    switch move {
    case .ask: return AskNow.refusal(order)
    case .choice(let choice):
      if case .refused(let why) = decision.verdict(choice) { return why }
      return nil
    }
  }

  private func consequence(
    _ choice: PersonChoice, _ stakes: Stakes, _ decision: PersonDecision, _ person: DashboardToken
  ) async throws -> (String, [String]) {
    var own = schedule
    if let id = stakes.order.providerID, let provider = try await sources.directory.provider(id) {
      own = provider.schedule(schedule)
    }
    let words = stakes.consequence(
      of: choice, pin: nil, pinHint: "type it below if it has one", firstCheck: own.first, deadline: own.deadline)
    var warnings = LocalTime.$isMarking.withValue(true) { stakes.warnings(of: choice) }
    if let second = try await decision.secondPerson(for: choice, store) {
      let goesTo = try await SendingAgain.read(stakes.order, sources)
      LocalTime.$isMarking.withValue(true) {
        warnings.append(Stakes.warning(second, by: person.who, goesTo: goesTo))
      }
    }
    return ("\(words.prefix(1).uppercased())\(words.dropFirst()).", warnings)
  }

  /// Somebody was faster.
  private func moved(_ order: Order) async throws -> PageModel {
    let last = try await store.audits(of: order.id).last.map {
      " The last act of a person: \(AuditText.words($0).what)."
    }
    return PageModel(
      title: "Nothing was changed · Sevk", heading: "Nothing was changed",
      lead: "The order moved since you looked, and is now \(order.status.rawValue).\(last ?? "") Look at it again.",
      tone: .warning, asOf: Timestamp.rfc3339(Int64(Clock.unixMilliseconds())), isLive: false,
      tables: [
        OrderTables.list(
          [order], tenants: try await store.tenantNames(), providers: try await store.providerNames(), id: "found",
          caption: "The order as it is now", empty: "")
      ])
  }

  private static func warnings(_ warnings: [String]) -> PageModel.Table {
    PageModel.Table(
      id: "warnings", caption: "Before you do it", columns: ["Warning"],
      rows: warnings.map { .init(key: $0, cells: [.init($0, tone: .bad)]) }, empty: "")
  }

  private static func facts(_ stakes: Stakes) -> PageModel.Table {
    PageModel.Table(
      id: "facts", caption: "What is at stake", columns: ["What", "Value"],
      rows: LocalTime.$isMarking.withValue(true) { stakes.facts }.compactMap { name, value in
        value.map { .init(key: name, cells: [.init(name), .init($0)]) }
      }, empty: "")
  }
}
