public import Adapters
import Calls
public import EventLoop
public import Jobs
import Kinds
public import Orders
import ProviderGate
public import Store
public import Telemetry

/// Takes in what providers say by themselves: verifies it by the adapter, finds the order, and has the provider asked. What a notice is
/// worth is decided in ``AfterReport``.
@LoopActor
public final class NoticeTaker {
  /// What became of a notice; the name is the label of `sevk_provider_notices_total`.
  public enum Result: String, Sendable {
    /// The question is due now.
    case asked
    /// A report, kept until a question bears it out.
    case kept
    /// It contradicts what was said before: a person's.
    case held
    /// Asked a moment ago.
    case tooSoon = "too_soon"
    /// There is nothing to ask about the order now.
    case nothing
    case unknownOrder = "unknown_order"
    /// The order is another provider's, or its two names are of two orders.
    case otherOrder = "other_order"
    /// A wrong signature, or nothing that makes sense.
    case rejected
  }

  private let store: Store
  private let directory: Directory
  private let schedule: CheckSchedule
  private let adapters: AdapterRegistry
  private let log: Log
  private let metrics: Metrics
  private let ask: AskNow

  public init(
    store: Store, directory: Directory, broker: any Broker, schedule: CheckSchedule, adapters: AdapterRegistry = .sevk,
    _ instruments: Instruments
  ) {
    (self.store, self.directory) = (store, directory)
    (self.schedule, self.adapters) = (schedule, adapters)
    (log, metrics) = (instruments.log, instruments.metrics)
    ask = AskNow(store: store, directory: directory, broker: broker)
    metrics.describe(
      "sevk_provider_notices_total", "counter", "What providers posted by themselves, by what became of it")
  }

  /// The provider of that name, with an adapter that reads its notices; nil where there is none.
  public func provider(named name: String) async throws -> Provider? {
    guard let provider = try await directory.providers().first(where: { $0.name == name }),
      adapters.adapter(named: provider.adapter) is any NoticeAdapter
    else { return nil }
    return provider
  }

  /// - Returns: what became of it; why, where it was rejected.
  public func take(_ request: NoticeRequest, from provider: Provider) async throws -> (Result, String) {
    guard let adapter = adapters.adapter(named: provider.adapter) as? any NoticeAdapter else {
      return (.rejected, "the adapter \(provider.adapter) reads no notices")
    }
    let (result, why): (Result, String)
    switch adapter.readNotice(request, account: ProviderAccount(provider)) {
    case .rejected(let text): (result, why) = (.rejected, text)
    case .hint(let subject):
      #if SEVK_SABOTAGE
        if Sabotage.current == .believeNotice { try? await believe(request, subject, provider) }
      #endif
      (result, why) = try await take(subject, nil, provider)
    case .report(let subject, let outcome): (result, why) = try await take(subject, outcome, provider)
    }
    metrics.add("sevk_provider_notices_total", ["provider": provider.name, "result": result.rawValue])
    return (result, why)
  }

  #if SEVK_SABOTAGE
    /// What no notice may do.
    private func believe(_ request: NoticeRequest, _ subject: Notice.Subject, _ provider: Provider) async throws {
      let text = String(decoding: request.body, as: UTF8.self)
      guard text.contains("DECLINED") || text.contains("FAILED"),
        case .found(let send) = try await store.send(
          reference: subject.reference, providerOrderID: subject.providerID, provider: provider.id),
        let order = try await store.order(send.orderID), order.status.work == .check
      else { return }
      var move = Transition(order, to: .failed, Reason(.providerCancelled, "a notice said so"))
      move.sendState = .refused
      try await store.applyPersistently(move)
    }
  #endif

  private func take(
    _ subject: Notice.Subject, _ outcome: QueryOutcome?, _ provider: Provider
  ) async throws -> (Result, String) {
    let found: NoticedSend
    switch try await store.send(
      reference: subject.reference, providerOrderID: subject.providerID, provider: provider.id)
    {
    case .none: return (.unknownOrder, "")
    case .others: return (.otherOrder, "the order is not one of \(provider.name)")
    case .found(let send): found = send
    }
    guard let order = try await store.order(found.orderID) else { return (.unknownOrder, "") }
    return try await take(order, found, outcome, provider)
  }

  private func take(
    _ order: Order, _ send: NoticedSend, _ said: QueryOutcome?, _ provider: Provider
  ) async throws -> (Result, String) {
    var outcome = said
    let terms = try await store.sendTerms(of: order)
    if terms?.isPinRequired ?? false { outcome = said?.demandingPin }
    let schedule = provider.schedule(schedule)
    var earlier = order.witness
    if let said = earlier, !said.isAboutSend, !store.isComparable(said.fingerprint) { earlier = nil }
    let print = try outcome.map { try store.fingerprint(ofWitness: $0.substance, of: order.id) } ?? []
    let decision = AfterReport.decide(
      outcome, isCurrent: send.number == order.sends && terms?.accountEpoch == provider.accountEpoch, order.status,
      fingerprint: print, earlier: earlier, schedule: schedule)
    if said != nil {
      log.info(
        "a provider reported by itself", ["order": "\(order.id)", "provider": provider.name, "trace": order.traceID])
    }
    do {
      switch decision {
      case .ask: return try await (asked(order), "")
      case .nothing(let why): return (.nothing, why)
      case .keep(let witness, let pause):
        let code: ReasonCode = order.status == .unresolved ? .answerLost : .askingAgain
        let note = Reason(code, "the provider reported by itself what became of it; asking before that is believed")
        try await store.askAgain(order, after: pause, note, exchange: nil, witness: witness)
        await ask.bringForward(order)
        return (.kept, "")
      case .hold(let reason):
        try await store.applyPersistently(Transition(order, to: .held, reason))
        log.error("order held", ["order": "\(order.id)", "reason": reason.text, "trace": order.traceID])
        return (.held, "")
      }
    } catch StoreError.conflict {
      // Somebody else moved it on: what a question says then decides.
      guard let now = try await store.order(order.id) else { return (.unknownOrder, "") }
      return try await (asked(now), "")
    }
  }

  private func asked(_ order: Order) async throws -> Result {
    switch try await ask.ask(order) {
    case .asked: .asked
    case .tooSoon: .tooSoon
    case .refused: .nothing
    }
  }
}
