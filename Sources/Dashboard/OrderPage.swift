import CommandLine
import EventLoop
import OrderWork
import Orders
import Store
import Support
import Telemetry

/// All about one order: what it waits for, what a person can do, and its story. Never its PIN.
@LoopActor
struct OrderPage {
  let sources: SupportSources
  /// For providers that set none of their own.
  let schedule: CheckSchedule

  /// Nil when there is no such order.
  ///
  /// - Parameters:
  ///   - person: who looks: what they may do stands beside the commands.
  ///   - done: what they did a moment ago.
  func page(_ text: String, _ person: DashboardToken, done: String? = nil) async throws -> PageModel? {
    guard let id = OrderID(text), let order = try await sources.store.order(id) else { return nil }
    let provider = order.providerID == nil ? nil : try await sources.directory.provider(order.providerID ?? 0)?.name
    let sends = try await sources.store.sends(of: id)
    let steps = try await sources.store.timeline(of: id)
    let audits = try await sources.store.audits(of: id)
    let tenant = try await sources.store.tenantNames()[order.tenantID] ?? ""
    let (why, told) = try await LocalTime.$isMarking.withValue(true) {
      let why = try await OrderWhy.read(order, schedule: schedule, sources)
      return (why.text, why.told)
    }
    let name = order.shopReference ?? order.id.description
    let second = try await sources.store.secondAsk(of: order)
    return PageModel(
      title: "\(name) \(order.status.rawValue) · Sevk", heading: "Order \(name)", lead: why,
      tone: OrderTables.tone(order.status), asOf: Timestamp.rfc3339(Int64(Clock.unixMilliseconds())),
      isLive: !order.status.isFinal, notice: OrderActs.notice(done, second),
      tables: [
        choices(order, sends, person, second),
        facts(order, provider: provider, tenant: tenant), OrderTables.told(told),
        story(steps, audits),
      ])
  }

  private func facts(_ order: Order, provider: String?, tenant: String) -> PageModel.Table {
    var rows: [(String, PageModel.Cell?)] = [
      ("Status", .init(order.status.rawValue, .badge, tone: OrderTables.tone(order.status))),
      ("Means", .init(order.status.meaning)),
      ("Reason", order.reason.map { .init($0) }),
      (
        "Refund safe",
        .init(
          "\(order.refundSafety.answer.rawValue): \(order.refundSafety.proof.words)"
            + (order.isRefundClaimed ? "; its shop claimed it" : ""))
      ),
      ("Product", .init(order.quantity == 1 ? order.product : "\(order.product) × \(order.quantity)")),
      ("Tenant", .init(tenant)),
      ("Shop’s reference", order.shopReference.map { .init($0) }),
      ("Our id", .init(order.id.description)),
      ("Provider", provider.map { .init($0) }),
      ("Provider’s reference", order.sendReference.map { .init($0) }),
      ("Sends", .init("\(order.sends)")),
      ("Cost", order.cost.map { .init($0.description) }),
      ("PIN", order.hasPin ? .init("stored; only the API shows it") : nil),
      ("Priority", order.priority == .normal ? nil : .init(order.priority.rawValue)),
      ("Created", .init(Timestamp.rfc3339(order.createdAt), .time)),
      ("Changed", .init(Timestamp.rfc3339(order.updatedAt), .time)),
    ]
    for (name, value) in order.fields.sorted(by: { $0.key < $1.key }) { rows.append(("Field \(name)", .init(value))) }
    return PageModel.Table(
      id: "facts", caption: "Order", columns: ["What", "Value"],
      rows: rows.compactMap { name, cell in cell.map { PageModel.Row(key: name, cells: [.init(name), $0]) } }, empty: ""
    )
  }

  private func choices(
    _ order: Order, _ sends: [Send], _ person: DashboardToken, _ second: SecondAsk?
  ) -> PageModel.Table {
    let choices = PersonCommands.choices(order, sends)
    let open = sends.filter { !$0.state.provesNothingThere }
    let mayDecide = person.roles.contains(.decide)
    let isAccepted = PersonDecision(order, sends: sends).speaksAgainstAcceptance(.notReceived)
    func row(
      _ when: String, _ then: String, _ move: OrderActs.Move, _ command: String, tone: PageModel.Tone? = nil
    ) -> PageModel.Row {
      let here = PageModel.Cell(
        move.verb(isAccepted: isAccepted), link: "/orders/\(order.id)/decide?move=\(move.name)")
      return PageModel.Row(
        key: command,
        cells: [.init(when), .init(then, tone: tone)] + (mayDecide ? [here] : []) + [.init(command, .command)])
    }
    var rows = choices.map { command in
      row(
        command.sight, command.then, .choice(command.choice), command.command, tone: command.mayBuyTwice ? .bad : nil)
    }
    if mayDecide, AskNow.refusal(order) == nil {
      let when = order.status.isFinal ? "you doubt that it still holds" : "you don’t want to wait until it is asked"
      rows.append(row(when, "asks its provider now", .ask, "worker order ask \(order.id)"))
    }
    var notes: [String] = []
    if let second {
      notes.append("\(second.who) wants it sent again (\(second.note)): another person has to say the same.")
    }
    if !choices.isEmpty, !open.isEmpty {
      notes.append(
        "First look on the provider’s panel for "
          + open.map { "\($0.sendReference) (\($0.provider))" }.joined(separator: ", ") + ". Then press what it shows.")
      if isAccepted, choices.contains(where: { $0.choice == .notReceived }) {
        notes.append(
          "If it is not there at all, although \(sends.last?.provider ?? "the provider") accepted it: ask them, and press nothing."
        )
      }
    }
    return PageModel.Table(
      id: "choices", caption: "What a person can do", note: notes.joined(separator: " "),
      columns: ["When", "Then"] + (mayDecide ? ["Here"] : []) + ["Command"], rows: rows,
      empty: order.status.isFinal ? "Nothing: \(order.status.rawValue) is final." : "Nothing: it goes on by itself.")
  }

  private func story(_ steps: [TimelineStep], _ audits: [Audit]) -> PageModel.Table {
    let rows = Story(steps, audits, isFull: false).entries.enumerated().map { number, entry in
      switch entry.event {
      case .decision(let audit):
        let (what, said) = AuditText.words(audit)
        return row(audit.time, .init(what, tone: .warning), .init(said), number: number)
      case .step(let step):
        let (what, said) = TimelineText.words(step)
        switch step.kind {
        case .status(let status, _):
          return row(step.time, .init(what, .badge, tone: OrderTables.tone(status)), .init(said ?? ""), number: number)
        case .send, .pinShown, .rated: return row(step.time, .init(what), .init(""), number: number)
        case .exchange:
          let answer = entry.count > 1 ? TimelineText.often(step, entry, time: MarkedTime.mark) : said ?? ""
          return row(step.time, .init(what, .wire), .init(answer, .wire), number: number)
        }
      }
    }
    return PageModel.Table(
      id: "story", caption: "Story",
      note: "Oldest first; equal answers in a row stand in one line. Credentials and PINs were taken out before it was"
        + " stored.",
      columns: ["Time", "What", "Answer or reason"], rows: rows, empty: "Nothing has happened yet.")
  }

  private func row(_ time: String, _ what: PageModel.Cell, _ said: PageModel.Cell, number: Int) -> PageModel.Row {
    PageModel.Row(key: "\(number)", cells: [.init(time, .time), what, said])
  }
}
