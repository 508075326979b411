import Adapters
import Calls
import CommandLine
import EventLoop
import Glibc
import Orders
import ProviderGate
import Store

/// Compares a statement with orders, and settles what it may.
@LoopActor
final class ReconcileRun {
  private let wish: ReconcileWish
  private let sources: SupportSources
  private let schedule: CheckSchedule
  private let provider: Provider
  private let adapter: any Adapter
  private let statements: StatementStore
  private let client: ProviderClient
  private var report: ReconcileReport
  private var output: Int32?
  /// A line whose reference is not known may be a second one about any order: then none settles anything.
  private var hidesReferences = false
  /// A send of later is not missed. Milliseconds of Unix time.
  private var missesUntil: Int64

  init(
    _ wish: ReconcileWish, _ sources: SupportSources, _ schedule: CheckSchedule, _ client: ProviderClient
  ) async throws {
    self.client = client
    (self.wish, self.sources, self.schedule) = (wish, sources, schedule)
    statements = StatementStore(sources.store)
    missesUntil = wish.until
    guard let provider = try await sources.directory.providers().first(where: { $0.name == wish.provider }),
      let adapter = AdapterRegistry.sevk.adapter(named: provider.adapter)
    else { throw ExitError("there is no provider named \(wish.provider); see: worker provider list", code: 1) }
    (self.provider, self.adapter) = (provider, adapter)
    guard type(of: adapter).channel != .sandbox else {
      throw ExitError("\(provider.name) is the sandbox's panel, which has no money", code: 1)
    }
    guard wish.file != nil || StatementStore.isOurs(adapter: provider.adapter) || adapter is any StatementAdapter else {
      throw UsageError(
        "--file is missing: the adapter \(provider.adapter) lists no statement by itself, so give it as CSV")
    }
    report = ReconcileReport(
      provider: provider.name, currency: provider.currency, since: wish.since, until: wish.until,
      source: wish.file ?? "the provider's list")
  }

  func run(_ arguments: Arguments) async throws -> ReconcileReport {
    if wish.settles {
      try Confirmation.ask(
        "Settles orders of \(provider.name) by this statement: what it says was delivered or cancelled is believed.",
        arguments)
    }
    if let path = wish.csv {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
      guard descriptor >= 0 else { throw ExitError("--csv: \(path): \(String(cString: strerror(errno)))", code: 2) }
      output = descriptor
      try write(ReconcileReport.Difference.csvHead)
    }
    defer { output.map { _ = close($0) } }
    let (id, begunAt) = try await statements.begin(
      provider: provider.id, since: wish.since, until: wish.until, who: wish.person.name)
    // Who orders now may not stand on the provider's list yet.
    if wish.file == nil { missesUntil = min(wish.until, begunAt) }
    do {
      try await take(id)
      try await compare(id)
      try await findMissing(id)
    } catch {
      try? await statements.end(id)
      throw error
    }
    try await statements.end(id)
    return report
  }

  // MARK: The statement

  private func take(_ id: Int64) async throws {
    guard let path = wish.file else {
      guard StatementStore.isOurs(adapter: provider.adapter) else { return try await ask(id) }
      return try await statements.stateOurs(
        id, adapter: provider.adapter, provider: provider.id, since: wish.since, until: wish.until)
    }
    let file = StatementFile(
      file: CSVFile(path), columns: wish.columns, meanings: wish.meanings, offset: wish.offset,
      decimalMark: provider.decimalMark,
      reference: { [adapter] in
        (adapter as? any QueryingAdapter)?.reference(ofWire: $0) ?? $0
      })
    let progress = Progress("read")
    try await file.read(progress) { [self] lines in
      report.lines += lines.count
      let inside = lines.filter { line in
        line.at.map { $0 >= wish.since - wish.edge && $0 < wish.until + wish.edge } ?? true
      }
      report.outside += lines.count - inside.count
      try await statements.add(inside, to: id)
    } refuse: { [self] unread, hasReference in
      if !hasReference { hidesReferences = true }
      report.unreadCount += 1
      if report.unread.count < ReconcileReport.listedMax { report.unread.append(unread) }
    }
    progress.end()
    try await statements.name(id, provider: provider.id)
  }

  /// Asks the provider for its list.
  private func ask(_ id: Int64) async throws {
    guard sources.store.hasVault else {
      throw UsageError("to ask \(provider.name) needs the secret key; set SEVK_SECRET_KEY, or give --file")
    }
    let progress = Progress("read")
    let (since, until) = (wish.since - wish.edge, wish.until + wish.edge)
    do {
      try await client.statement(since: since, until: until, account: ProviderAccount(provider)) { [self] in
        try await statements.end(id)
        (report.lines, report.outside, report.unreadCount, report.unread) = (0, 0, 0, [])
        hidesReferences = false
      } _: { [self] lines in
        for start in stride(from: 0, to: lines.count, by: StatementStore.batchMax) {
          let batch = lines[start..<min(start + StatementStore.batchMax, lines.count)]
          try await statements.add(batch.compactMap(line), to: id)
        }
        progress.show(report.lines)
      }
    } catch let error as StatementError {
      throw ExitError("\(provider.name): \(error)", code: 2)
    }
    progress.end()
    try await statements.name(id, provider: provider.id)
  }

  /// - Returns: nil for a line that is of another time, or names no order.
  private func line(_ line: StatementPage.Line) -> StatementStore.Line? {
    report.lines += 1
    guard line.at.map({ $0 >= wish.since - wish.edge && $0 < wish.until + wish.edge }) ?? true else {
      report.outside += 1
      return nil
    }
    var (amount, why) = (line.amount, line.isDamaged ? "can't be read whole" : nil)
    if let theirs = line.currency, let own = provider.currency, theirs.uppercased() != own.uppercased() {
      // Money of another kind is no amount to compare.
      (amount, why) = (nil, why ?? "is in \(theirs), and the account in \(own)")
    }
    if line.reference == nil, line.providerID == nil {
      hidesReferences = true
      why = "names no order"
    }
    if let why {
      report.unreadCount += 1
      if report.unread.count < ReconcileReport.listedMax { report.unread.append(.init(line: report.lines, why: why)) }
    }
    guard line.reference != nil || line.providerID != nil else { return nil }
    return StatementStore.Line(
      number: report.lines,
      reference: line.reference.map { (adapter as? any QueryingAdapter)?.reference(ofWire: $0) ?? $0 }, amount: amount,
      status: line.status,
      // What the operator says comes first.
      meaning: line.status.flatMap { wish.meanings[$0] } ?? line.meaning, at: line.at,
      providerOrderID: line.providerID, isDamaged: why != nil)
  }

  // MARK: Line by line

  private func compare(_ id: Int64) async throws {
    let canBeAsked = adapter is any QueryingAdapter
    try await statements.compare(id, provider: provider.id, canBeAsked: canBeAsked) { [self] group in
      guard let first = group.first else { return }
      if StatementStore.isOurs(adapter: provider.adapter), wish.file == nil { report.lines += group.count }
      let line = StatementRule.Line(
        count: group.count, ofOrder: max(first.linesOfOrder, group.count), meaning: first.line.meaning,
        amount: first.line.amount, isDamaged: group.contains { $0.line.isDamaged })
      let verdict = StatementRule.judge(line, first.ours)
      let theirs = group.reduce(Money?.none) { sum, match in
        guard match.line.meaning != .cancelled, let amount = match.line.amount?.magnitude else { return sum }
        return (sum ?? Money(tenThousandths: 0)) + amount
      }
      // A line at the edge that is nobody's here may be of a time that was not asked for, but that is no matter: we would know it.
      let isDue = group.contains { $0.line.meaning != .cancelled } || first.ours?.status == .completed
      report.totals.add(verdict.kind, ours: owed(first.ours), theirs: theirs, isAmountDue: isDue)
      guard !verdict.kind.isFine else { return }
      var difference = ReconcileReport.Difference(
        kind: verdict.kind, line: first.line.number, reference: first.line.reference ?? first.line.providerOrderID,
        orderID: first.orderID, shopReference: first.shopReference, statusHere: first.ours?.status.rawValue,
        statusThere: first.line.status, ours: first.ours?.cost, theirs: theirs, at: first.line.at, words: verdict.words,
        command: command(first, verdict))
      if let step = verdict.step, let order = first.orderID { try await settle(step, order, first.line, &difference) }
      try tell(difference)
    }
  }

  /// What is owed for a send; nil where that is not known, or nothing is.
  private func owed(_ ours: StatementRule.Ours?) -> Money? {
    guard let ours, !ours.send.provesNothingThere, ours.status != .failed, ours.status != .cancelled else { return nil }
    return ours.cost
  }

  private func command(_ match: StatementStore.Match, _ verdict: StatementRule.Verdict) -> String? {
    guard let id = match.orderID else { return nil }
    switch verdict.step {
    case .decide(.received): return "worker order resolve \(id) --received --note TEXT"
    case .decide(.completed): return "worker order resolve \(id) --completed --note TEXT"
    case .decide(.failed): return "worker order resolve \(id) --failed --note TEXT"
    case .decide, .contest: return "worker order show \(id)"
    case nil:
      guard let status = match.ours?.status, status.row.waitsFor == .person else { return "worker order show \(id)" }
      return "worker order resolve \(id)"
    }
  }

  private func findMissing(_ id: Int64) async throws {
    try await statements.missing(
      id, provider: provider.id, since: wish.since, until: missesUntil
    ) { [self] send in
      let isEdge = send.begunAt < wish.since + wish.edge || send.begunAt >= missesUntil - wish.edge
      report.totals.add(isEdge ? .edge : .missingThere, ours: send.cost, theirs: nil)
      guard !isEdge else { return }
      let isKnown = send.state == .accepted
      let hidden = hidesReferences ? "; it may be in a line that could not be read" : ""
      try tell(
        ReconcileReport.Difference(
          kind: .missingThere, line: nil, reference: send.reference, orderID: send.orderID,
          shopReference: send.shopReference, statusHere: send.status, statusThere: nil, ours: send.cost, theirs: nil,
          at: send.begunAt,
          words: (isKnown
            ? "the provider accepted it, and its statement lacks it"
            : "nobody knows whether the provider has it, and its statement lacks it: look at its panel") + hidden,
          command: isKnown || !send.isCurrent || send.status == "sending"
            ? "worker order show \(send.orderID)" : "worker order resolve \(send.orderID) --not-received --note TEXT"))
    }
  }

  // MARK: Settling

  private func settle(
    _ step: StatementRule.Step, _ id: OrderID, _ line: StatementStore.Line,
    _ difference: inout ReconcileReport.Difference
  ) async throws {
    guard !hidesReferences else {
      difference.words += "; another line could not be read and may be about it, so it settles nothing"
      return
    }
    guard let order = try await sources.store.order(id), order.sendReference == line.reference else { return }
    // Of a send whose answer was lost, what it cost is only expected.
    if order.cost == nil, let amount = line.amount?.magnitude, line.meaning != .cancelled,
      let expected = try await sources.store.catalogCost(of: order), expected * order.quantity != amount
    {
      difference.words += "; the catalogue asks \(expected * order.quantity) for it, so a person decides"
      return
    }
    report.settleable += 1
    guard wish.settles else { return }
    let source = "\(wish.file.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? "the provider's list")"
    let said = [line.status, line.amount?.description].compactMap(\.self).joined(separator: " ")
    let note = String(
      "\(wish.person.note) (statement \(source), line \(line.number): \(said))".unicodeScalars
        .prefix(PersonMove.noteCharactersMax).map(Character.init))
    do {
      switch step {
      case .decide(let choice):
        let decision = PersonDecision(order, sends: try await sources.store.sends(of: id))
        difference.settled = try await decision.make(
          choice, who: wish.person.name, note: note, schedule: schedule, sources
        ).to
      case .contest(let words):
        guard order.status.canBecome(.contested) else { return }
        try await statements.contest(
          order,
          Reason(.secondLook, "\(words). Look at the provider's panel for which is true, then say what it shows"),
          who: wish.person.name, note: note)
        difference.settled = .contested
      }
      report.settled += 1
    } catch PersonDecision.Refusal.notAllowed(let why) {
      difference.words += "; not settled: \(why)"
    } catch PersonDecision.Refusal.secondNeeded(let why, _, _) {
      difference.words += "; not settled: \(why)"
    } catch PersonDecision.Refusal.moved(let status, _) {
      difference.words += "; not settled: it moved meanwhile, and is \(status?.rawValue ?? "gone")"
    } catch StoreError.conflict {
      difference.words += "; not settled: it moved meanwhile"
    }
  }

  // MARK: Telling

  private func tell(_ difference: ReconcileReport.Difference) throws {
    report.differenceCount += 1
    if report.differences.count < ReconcileReport.listedMax { report.differences.append(difference) }
    if output != nil { try write(difference.csv) }
  }

  private func write(_ text: String) throws {
    guard let output else { return }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw ExitError("--csv: \(wish.csv ?? ""): \(String(cString: strerror(errno)))", code: 2)
      }
      bytes = bytes.dropFirst(count)
    }
  }
}
