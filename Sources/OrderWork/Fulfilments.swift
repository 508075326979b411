import CrashPoints
public import EventLoop
public import Jobs
public import Orders
import Postgres
public import Store
public import Telemetry

/// What people say of orders at desks: the one way in which a partner, a customer or a shop moves such an order, whatever brought
/// their word (the partner API, the desk, Telegram, the order page, the shop's API, support).
///
/// A word is judged by ``AfterPartner`` from one look at the order, and written in one statement from the version and revision that
/// were seen. If somebody else's word was written meanwhile, nothing was, and it is judged anew: so of two partners who accept one
/// order one has it, and the other is told so.
@LoopActor
public struct Fulfilments {
  /// What became of a word.
  public enum Answer: Sendable {
    /// It is done, or was so already: the order as it is from then on.
    case done(FulfilmentStore.Loaded)
    /// The order is in another version than whoever speaks has seen: the order as it is. Nothing was changed.
    case conflict(FulfilmentStore.Loaded)
    /// No, why, and what a partner may say instead.
    case refused(String, allowed: [PartnerWord.Target], FulfilmentStore.Loaded)
    /// The hand-over code is wrong. With no tries left the order waits for a person from now on.
    case wrongCode(triesLeft: Int, allowed: [PartnerWord.Target], FulfilmentStore.Loaded)
    /// The order is no business of theirs, or at no desk.
    case notFound
  }

  /// Words of others that may come between before a word is given up.
  private static let turnsMax = 20

  private let store: Store
  private let fulfilments: FulfilmentStore
  private let directory: Directory
  private let broker: (any Broker)?
  private let schedule: CheckSchedule
  private let log: Log
  private let metrics: Metrics

  /// - Parameters:
  ///   - broker: takes the job that follows; nil where the caller plans it.
  ///   - schedule: for providers that set none of their own.
  public init(
    store: Store, directory: Directory, broker: (any Broker)?, schedule: CheckSchedule, _ instruments: Instruments
  ) {
    (self.store, self.directory, self.broker, self.schedule) = (store, directory, broker, schedule)
    fulfilments = FulfilmentStore(store)
    (log, metrics) = (instruments.log, instruments.metrics)
    metrics.describe(
      "sevk_partner_words_total", "counter", "What was said of orders at desks, by what and what became of it")
  }

  // MARK: What may be said

  /// A partner moves an order.
  ///
  /// - Parameters:
  ///   - version: of the order, as they have seen it; nil: whichever it is.
  ///   - code: for the hand-over, as it was typed or scanned; only of `completed`.
  ///   - price: what they want for it; only of `accepted`.
  public func partner(
    _ partner: Int64, _ id: OrderID, expecting version: Int?, _ to: PartnerWord.Target, note: String = "",
    price: Money? = nil, code: String? = nil
  ) async throws -> Answer {
    try await say(id, to.rawValue, tenant: nil, expecting: version) { loaded in
      var word = PartnerWord(to, note: Self.cut(note), price: price)
      if to == .completed, let code, let right = try await fulfilments.handOverCode(of: loaded) {
        word.code = HandOver.matches(code, code: right) ? .right : .wrong
      }
      return .partner(partner, word)
    }
  }

  /// The customer or the shop chooses one of the partners who responded.
  public func choose(
    _ partner: Int64, for id: OrderID, by asker: CancelRequest.Asker, tenant: Int64?, expecting version: Int? = nil
  ) async throws -> Answer {
    try await say(id, "chosen", tenant: tenant, expecting: version) { _ in .chosen(partner, by: asker) }
  }

  /// The customer, the shop or support wants an order cancelled: it is, where nobody has it; else the partner is asked.
  ///
  /// - Parameter tenant: whose order it has to be; nil: anybody's.
  public func cancel(_ id: OrderID, _ request: CancelRequest, tenant: Int64?) async throws -> Answer {
    let request = CancelRequest(by: request.by, who: Self.cut(request.who), note: Self.cut(request.note))
    return try await say(id, "cancel", tenant: tenant, expecting: nil) { _ in .cancelWanted(request) }
  }

  // MARK: The clock

  /// What the clock says of an order.
  enum Tick: Sendable {
    /// It was due, and is so now.
    case moved(Order)
    /// Nothing is due before that.
    case notYet(Duration)
    /// There is nothing to wait for: it is at no desk, or a person gave it back to whoever has it.
    case noDeadline(FulfilmentStore.Loaded?)
  }

  func tick(_ id: OrderID) async throws -> Tick {
    var last: FulfilmentStore.Loaded?
    for _ in 0..<Self.turnsMax {
      guard let loaded = try await fulfilments.load(id) else { return .noDeadline(nil) }
      last = loaded
      switch AfterPartner.decide(.clock, loaded.now) {
      case .notYet(let wait): return wait.map { .notYet($0) } ?? .noDeadline(loaded)
      case .change(let change):
        if let order = try await write(change, over: loaded, "late") { return .moved(order) }
      case .asItIs, .refused, .wrongCode, .notFound: return .noDeadline(loaded)
      }
    }
    return .noDeadline(last)
  }

  // MARK: Judged and written

  private func say(
    _ id: OrderID, _ name: String, tenant: Int64?, expecting version: Int?,
    _ word: (FulfilmentStore.Loaded) async throws -> FulfilmentWord
  ) async throws -> Answer {
    let (result, answer) = try await judged(id, name, tenant, version, word)
    metrics.add("sevk_partner_words_total", ["word": name, "result": result])
    return answer
  }

  private func judged(
    _ id: OrderID, _ name: String, _ tenant: Int64?, _ version: Int?,
    _ word: (FulfilmentStore.Loaded) async throws -> FulfilmentWord
  ) async throws -> (String, Answer) {
    for _ in 0..<Self.turnsMax {
      guard let loaded = try await fulfilments.load(id), tenant == nil || loaded.tenantID == tenant else { break }
      let verdict = AfterPartner.decide(try await word(loaded), loaded.now)
      if verdict == .notFound { break }
      if let version, version != loaded.now.version { return ("conflict", .conflict(loaded)) }
      switch verdict {
      case .notFound: break
      case .asItIs, .notYet: return ("done", .done(loaded))
      case .refused(let why, let allowed): return ("refused", .refused(why, allowed: allowed, loaded))
      case .wrongCode(let change, let left, let allowed):
        guard try await write(change, over: loaded, name) != nil else { continue }
        return ("wrong_code", .wrongCode(triesLeft: left, allowed: allowed, try await again(loaded)))
      case .change(let change):
        guard try await write(change, over: loaded, name) != nil else { continue }
        return ("done", .done(try await again(loaded)))
      }
    }
    return ("not_found", .notFound)
  }

  private func again(_ before: FulfilmentStore.Loaded) async throws -> FulfilmentStore.Loaded {
    // One that has gone on to another provider by now is at no desk.
    try await fulfilments.load(before.now.orderID) ?? before
  }

  /// - Returns: the order as it is then; nil when somebody else's word was written meanwhile.
  private func write(
    _ wanted: FulfilmentChange, over loaded: FulfilmentStore.Loaded, _ name: String
  ) async throws -> Order? {
    let id = loaded.now.orderID
    var change = wanted
    if change.to == .pending {
      guard let order = try await store.order(id) else { return nil }
      if !(try await RouteFinder.hasNext(afterRefusalOf: order, store, directory)) {
        change.to = .failed
        change.reason = Reason(change.reason.code, "\(change.reason.text ?? ""); there is no other route")
      }
    }
    let provider = try await directory.provider(loaded.now.providerID)
    let doneWithin = (provider?.schedule(schedule) ?? schedule).deadline
    var random = SystemRandomNumberGenerator()
    let code = change.makesCode ? HandOver.make(using: &random) : nil
    do {
      guard try await fulfilments.write(change, over: loaded, doneWithin: doneWithin, code: code) != nil else {
        return nil
      }
    } catch let error as PostgresError where error.isUnknownOutcome {
      // Written or not: who reads it again sees which.
      guard let now = try await fulfilments.load(id)?.now, now.revision == loaded.now.revision + 1,
        now.stage == change.stage, now.holder == change.holder, now.status == change.to
      else { return nil }
    }
    CrashPoint.reach(.checkRecorded)
    guard let order = try await store.order(id) else { return nil }
    if change.isTold {
      log.info(
        "order at a desk",
        [
          "order": "\(id)", "word": name, "status": change.to.rawValue, "stage": change.stage.rawValue,
          "partner": change.holder.map { loaded.now.name($0) }, "reason": change.reason.text,
          "provider": directory.providerNameKnown(loaded.now.providerID), "trace": order.traceID,
        ])
    }
    if change.to != .sent || change.deadline != .kept { await plan(order) }
    return order
  }

  /// Brings the order's job in line. What Redis does not take is found by the reconciler.
  private func plan(_ order: Order) async {
    guard let broker else { return }
    let id = order.id.description
    let wanted = order.status.work
    if let wanted {
      let delay = max(order.untilDue ?? .zero, .zero)
      let job = OrderJob.make(wanted, of: order, flow: directory.flow(order), delay: delay)
      let result = try? await broker.enqueue([job])
      // It waits for another time, and looks at its order when it runs.
      if result == [.duplicate(.delayed)] || result == [.duplicate(.dead)] {
        _ = try? await broker.revive(id, in: wanted.queue)
      }
    }
    for other in Status.Work.allCases where other != wanted { _ = try? await broker.delete(id, in: other.queue) }
  }

  /// Most characters of what people write.
  public static let noteCharactersMax = 1_000

  private static func cut(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value != 0 }.prefix(noteCharactersMax)))
  }
}
