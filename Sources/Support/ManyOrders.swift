public import CommandLine
public import EventLoop
public import OrderWork
public import Orders
public import Store

/// Moves of many orders at once: the one way by which the command line, the dashboard and the API draw them up, show what they
/// would do, and carry them out. Each order is moved by its own fenced move (``PersonDecision``), or not at all.
@LoopActor
public struct ManyOrders {
  /// So many orders a run, the newest that fit.
  public nonisolated static let ordersMax = 1_000
  /// So many are looked through for them.
  private nonisolated static let pagesMax = 100
  private nonisolated static let pageSize = 500
  private nonisolated static let atOnce = 8

  /// What a run would do.
  public struct Preview: Sendable {
    /// One of its orders.
    public struct Line: Sendable {
      public let order: Order
      /// Why it would be refused; nil where it would not.
      public let why: String?
      /// Why it takes a second person; nil where it does not.
      public let second: SecondPerson?
      /// Where it goes, where it takes a second person.
      public let goesTo: SendingAgain?
      /// Nil where nobody knows.
      public let money: Money?
      public let currency: String
    }

    /// Newest first.
    public let lines: [Line]
    public var possible: [Line] { lines.filter { $0.why == nil } }
    public var takeTwo: Int { possible.count { $0.second != nil } }

    /// Whether this person sends some of them, and does not only say so first.
    public func sends(by person: String) -> Bool {
      possible.contains { line in line.second.map { $0.first.map { !$0.isBy(person) } ?? false } ?? false }
    }

    /// What becomes of those that take two people when this person says so.
    public func seconds(by person: String) -> [String] {
      struct Group: Hashable {
        let first: String?
        let note: String
        let isOwn: Bool
        let provider: String
        let currency: String
      }
      var groups: [Group: (count: Int, sum: Money?, since: Int64)] = [:]
      for line in possible {
        guard let second = line.second else { continue }
        let isOwn = second.first?.isBy(person) ?? false
        let isSent = second.first != nil && !isOwn
        let group = Group(
          first: second.first?.who, note: second.first?.note ?? "", isOwn: isOwn,
          provider: isSent ? line.goesTo?.provider ?? "" : "", currency: isSent ? line.goesTo?.currency ?? "" : "")
        var known = groups[group] ?? (0, Money(tenThousandths: 0), .max)
        let cost = line.goesTo?.cost ?? second.amount
        known = (
          known.count + 1, known.sum.flatMap { sum in cost.map { sum + $0 } },
          min(known.since, second.first?.milliseconds ?? .max)
        )
        groups[group] = known
      }
      return groups.map { group, known in
        let count = "\(known.count) \(known.count == 1 ? "takes" : "take") two people"
        guard let first = group.first else {
          return "\(count), and you are the first: nothing is sent before another person says the same"
        }
        let since = known.since == .max ? "" : " at \(LocalTime.minute(known.since, now: LocalTime.now))"
        guard !group.isOwn else { return "\(count), and you said so already\(since): another person has to" }
        let sum = known.sum.map { "\($0)\(group.currency.isEmpty ? "" : " \(group.currency)")" }
        return "\(count): \(first) was the first\(since) (\(group.note)), and you are the second."
          + " They are SENT now, \(group.provider.isEmpty ? "" : "to \(group.provider), ")for \(sum ?? "a sum that nobody knows")"
      }.sorted()
    }

    /// Of how many of what is possible nobody knows the sum.
    public var unknownSums: Int { possible.count { $0.money == nil } }

    /// The money at stake in what is possible, by currency; of a provider that says none it is empty.
    public var sums: [(currency: String, amount: Money)] {
      var sums: [String: Money] = [:]
      for line in possible {
        guard let money = line.money else { continue }
        sums[line.currency] = (sums[line.currency] ?? Money(tenThousandths: 0)) + money
      }
      return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The same in words.
    public var money: String {
      let unknown = unknownSums
      var parts = sums.map { "\($0.amount)\($0.currency.isEmpty ? "" : " \($0.currency)")" }
      if unknown > 0 { parts.append("a sum that nobody knows for \(unknown) of them") }
      return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
    }

    /// How many are refused, by why.
    public var refusals: [(why: String, count: Int)] {
      var counts: [String: Int] = [:]
      for line in lines { if let why = line.why { counts[why, default: 0] += 1 } }
      return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
  }

  private let sources: SupportSources
  private let schedule: CheckSchedule
  private let runs: OrderRuns

  /// - Parameter schedule: for providers that set none of their own.
  public nonisolated init(_ sources: SupportSources, schedule: CheckSchedule) {
    self.sources = sources
    self.schedule = schedule
    runs = OrderRuns(store: sources.store)
  }

  // MARK: Before

  /// Writes down which orders fit now, each as it is now.
  ///
  /// - Parameter tenant: whose the run is, where a shop draws it up.
  /// - Returns: the run; nil when none fits.
  /// - Throws: `UsageError` when too many had to be looked through.
  public func draw(
    _ move: ManyMove, _ selection: OrderSelection, who: String, tenant: Int64? = nil
  ) async throws -> Int64? {
    var search = selection.search
    search.limit = Self.pageSize
    var found: [(id: OrderID, version: Int)] = []
    var hasMore = false
    for page in 1... {
      let answer = try await sources.store.search(search, nowMilliseconds: LocalTime.now)
      found += answer.orders.map { ($0.id, $0.version) }
      guard let next = answer.next else { break }
      hasMore = found.count >= Self.ordersMax
      if hasMore { break }
      guard page < Self.pagesMax else {
        throw UsageError("too many orders have to be looked through; narrow the filter, with since and until for one")
      }
      search.after = next
    }
    hasMore = hasMore || found.count > Self.ordersMax
    guard !found.isEmpty else { return nil }
    let words = selection.words + (hasMore ? " (the newest \(Self.ordersMax); say it again for the rest)" : "")
    return try await runs.draw(move.name, filter: words, who: who, tenant: tenant, Array(found.prefix(Self.ordersMax)))
  }

  /// What a run would do now.
  public func preview(_ run: OrderRun, move: ManyMove) async throws -> Preview {
    let items = try await runs.items(of: run.id, nil, limit: Self.ordersMax)
    var lines: [Preview.Line] = []
    for start in stride(from: 0, to: items.count, by: Self.atOnce) {
      lines += try await withThrowingTaskGroup(of: (Int, Preview.Line?).self) { group in
        for index in start..<min(start + Self.atOnce, items.count) {
          group.addTask { (index, try await self.line(items[index], move)) }
        }
        var part: [(Int, Preview.Line?)] = []
        for try await line in group { part.append(line) }
        return part.sorted { $0.0 < $1.0 }.compactMap(\.1)
      }
    }
    return Preview(lines: lines)
  }

  private func line(_ item: OrderRun.Item, _ move: ManyMove) async throws -> Preview.Line? {
    guard let order = try await sources.store.order(item.id) else { return nil }
    let stakes = try await Stakes(order, sources.store)
    let decision = PersonDecision(order, sends: stakes.sends)
    var second: SecondPerson?
    if case .choice(let choice) = move { second = try await decision.secondPerson(for: choice, sources.store) }
    let goesTo = second == nil ? nil : try await SendingAgain.read(order, sources)
    let currency = try await order.providerID.asyncMap { try await sources.directory.provider($0)?.currency } ?? nil
    return Preview.Line(
      order: order, why: try await refusal(of: item, order, decision, move), second: second, goesTo: goesTo,
      money: move == .ask ? Money(tenThousandths: 0) : move.sendsAgain ? stakes.priceOfSend : stakes.sum,
      currency: currency ?? "")
  }

  /// Why an order is not moved along with the others; nil when it is.
  private func refusal(
    of item: OrderRun.Item, _ order: Order, _ decision: PersonDecision, _ move: ManyMove
  ) async throws -> String? {
    guard order.version == item.version else {
      return "it moved since it was looked at, and is now \(order.status.rawValue)"
    }
    guard case .choice(let choice) = move else { return AskNow.refusal(order) }
    if case .refused(let why) = decision.verdict(choice) { return why }
    if decision.speaksAgainstAcceptance(choice) {
      return "its provider accepted it: that it was cancelled there is said of one order at a time"
    }
    if choice == .completed, !order.hasPin,
      try await sources.directory.routes(tenant: order.tenantID, product: order.product).first?.isPinRequired ?? true
    {
      return "its product has a PIN, which is given for one order at a time"
    }
    return nil
  }

  // MARK: Carrying it out

  /// Goes through what is left of a run that this process has.
  ///
  /// - Parameters:
  ///   - told: called after each order.
  ///   - isStopping: whether to leave the rest to another process.
  /// - Returns: false when it was stopped, aborted or taken over.
  public func carryOut(
    _ id: Int64, process: String, isStopping: @LoopActor () -> Bool = { false },
    told: @LoopActor (OrderRun) -> Void = { _ in }
  ) async throws -> Bool {
    guard let run = try await runs.run(id), let move = ManyMove(run.what), let who = run.who, let note = run.note else {
      return false
    }
    while true {
      let items = try await runs.items(of: id, .waiting, limit: Self.pageSize)
      if items.isEmpty { break }
      for item in items {
        if isStopping() {
          try await runs.leave(id, process: process)
          return false
        }
        // Before each: whoever aborts has the next order left alone.
        guard try await runs.beat(id, process: process) else { return false }
        let (state, why) = await settle(item, move, who: who, person: run.person, note: note)
        try await runs.note(item.id, of: id, state, why: why)
        if let now = try await runs.run(id) { told(now) }
      }
    }
    try await runs.end(id, process: process)
    return true
  }

  private func settle(
    _ item: OrderRun.Item, _ move: ManyMove, who: String, person: String?, note: String
  ) async -> (OrderRun.ItemState, String?) {
    do {
      guard let order = try await sources.store.order(item.id) else { return (.refused, "it is not there") }
      let decision = PersonDecision(order, sends: try await sources.store.sends(of: order.id))
      if order.version != item.version, try await wasMade(item, move, who: who, note: note) { return (.done, nil) }
      if let why = try await refusal(of: item, order, decision, move) { return (.refused, why) }
      guard case .choice(let choice) = move else { return try await ask(order, who: who, note: note) }
      _ = try await decision.make(choice, who: who, person: person, note: note, schedule: schedule, sources)
      return (.done, nil)
    } catch let refusal as PersonDecision.Refusal {
      switch refusal {
      case .notAllowed(let why): return (.refused, why)
      case .pinGiven: return (.refused, "another order has its PIN")
      case .moved(let status, _): return (.refused, "it moved meanwhile, and is now \(status?.rawValue ?? "gone")")
      case .secondNeeded(let why, let isNoted, let saidAt):
        if isNoted { return (.wanted, why) }
        // For whoever reads it later, in whatever zone.
        let before = saidAt.map { "\(who) said so already at \(Timestamp.rfc3339($0)), and somebody else has to: " }
        return (.refused, (before ?? "") + why)
      }
    } catch {
      // What is not known is said to be: the order's own story tells whether it was moved.
      return (.refused, "\(error); its story says whether it was moved")
    }
  }

  /// Whether a process before this one had moved it already, and could not note that any more.
  private func wasMade(_ item: OrderRun.Item, _ move: ManyMove, who: String, note: String) async throws -> Bool {
    try await sources.store.audits(of: item.id).contains {
      $0.version > item.version && $0.who == who && $0.choice?.rawValue == move.name && $0.note.hasPrefix(note)
    }
  }

  private func ask(_ order: Order, who: String, note: String) async throws -> (OrderRun.ItemState, String?) {
    let asking = AskNow(store: sources.store, directory: sources.directory, broker: sources.broker)
    switch try await asking.ask(order, for: (who, note)) {
    case .asked: return (.done, nil)
    case .tooSoon: return (.done, "it was asked about a moment ago already")
    case .refused(let why): return (.refused, why)
    }
  }
}

extension Optional {
  @LoopActor
  fileprivate func asyncMap<T>(_ body: @LoopActor (Wrapped) async throws -> T) async rethrows -> T? {
    switch self {
    case .some(let value): try await body(value)
    case .none: nil
    }
  }
}
