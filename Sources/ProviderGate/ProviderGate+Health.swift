import Adapters
import Calls
import EventLoop
import Orders
import Store
import Telemetry

/// Opening and closing: the decisions stand in ``Breaker``; here they are carried out.
extension ProviderGate {
  /// Looks at what the last sends showed.
  ///
  /// - Parameter mayBeAboutBalance: what the adapter says of the last one's answer.
  func judge(
    _ provider: Provider, _ outcomes: ProviderOutcomes, _ leave: ProviderLeave, mayBeAboutBalance: Bool
  ) async {
    if leave.result != .unused { books.note(provider, leave) }
    guard leave.result != .unused, let mode = Breaker.Mode(rawValue: outcomes.mode) else { return }
    let breaker = Breaker(mode: mode, pause: outcomes.pause, limit: outcomes.limit)
    let last = outcomes.last.map { Breaker.Sign(isAnswer: $0.isAnswer, age: $0.age, flow: $0.flow) }
    let flows = outcomes.flows.map {
      Breaker.Flow(name: $0.name, answeredAgo: $0.answeredAgo, oddInARow: $0.oddInARow)
    }
    let error = leave.error.isEmpty ? nil : leave.error
    let change = breaker.after(
      last: last, flows: flows, answered: outcomes.passed, error: error, concurrencyMax: provider.concurrencyMax)
    if let change {
      await carryOut(change, provider, from: outcomes.version, mode)
    } else if case .doubtful(let doubt) = breaker.verdict(last: last, flows: flows, error: error) {
      Task(executorPreference: EventLoop.shared) { await self.look(into: doubt, provider) }
    }
    // Some providers say "no connection" and "no money" in one text; the balance tells which.
    if leave.result == .unknown || leave.result == .refused, mayBeAboutBalance {
      await lookAtBalance(provider)
    }
  }

  /// A send was answered with trouble of the account. One such answer is enough: each further order would only get it too.
  func judge(
    _ provider: Provider, _ outcomes: ProviderOutcomes, _ leave: ProviderLeave, _ trouble: Breaker.Trouble
  ) async {
    metrics.add(
      "sevk_provider_account_troubles_total", ["provider": provider.name, "trouble": trouble.rawValue])
    if trouble == .balance, (try? await limiter.noteShort(leave.product, at: provider.id)) == true {
      // Its sends wait from now on, and by the balance that a probe shows: cheaper products go on. Where nobody knows how
      // much there is, nobody would see it rise, and all wait for a probe.
      await lookAtBalance(provider)
      _ = try? await limiter.noteShort(leave.product, at: provider.id)
      return
    }
    // A send that began before the last change says nothing about the time since.
    guard leave.version == outcomes.version, let state = try? await limiter.state(of: provider.id),
      state.version == outcomes.version, let mode = Breaker.Mode(rawValue: state.mode)
    else { return }
    let breaker = Breaker(mode: mode, pause: state.pause, limit: state.limit)
    guard let change = breaker.afterTrouble(trouble, leave.error, last: state.lastTrouble) else { return }
    await carryOut(change, provider, from: state.version, mode, trouble)
  }

  func carryOut(
    _ change: Breaker.Change, _ provider: Provider, from version: Int64, _ mode: Breaker.Mode,
    _ trouble: Breaker.Trouble? = nil
  ) async {
    do {
      let isOurs = try await limiter.change(
        provider.id, from: version, to: change.to.mode.rawValue, pause: change.to.pause, limit: change.to.limit,
        why: change.why, trouble: trouble?.rawValue)
      guard isOurs else { return }
    } catch {
      // The next send or probe comes to the same conclusion.
      return log.warning(
        "the provider's state could not be shared", ["provider": provider.name, "reason": "\(error)"])
    }
    let fields: KeyValuePairs<String, String?> = ["provider": provider.name, "reason": change.why]
    switch (mode, change.to.mode) {
    case (.closed, .open), (.ramp, .open): log.error("provider closed for sends", fields)
    case (.open, .open): log.warning("provider still closed for sends", fields)
    case (.open, .ramp): log.info("provider is tried again", fields)
    case (_, .closed): log.info("provider open for sends", fields)
    default: log.debug("provider", fields)
    }
  }

  /// Makes a probe that the shared state gave to this process.
  func startProbe(_ kind: ProviderProbe, _ provider: Provider) {
    Task(executorPreference: EventLoop.shared) { await self.probe(kind, provider) }
  }

  private func probe(_ kind: ProviderProbe, _ provider: Provider) async {
    let account = ProviderAccount(provider)
    // Who can't be probed is tried with an order as soon as a probe would be due.
    var outcome = ProbeOutcome.working(balance: nil)
    if client.canProbe(account) {
      let exchange: Exchange
      (outcome, exchange) = await client.probe(account: account)
      let isWorking = if case .working = outcome { true } else { false }
      instruments.countCall(provider, exchange, isWorking ? "working" : "not_working")
      metrics.add(
        "sevk_provider_probes_total",
        ["provider": provider.name, "why": kind == .outage ? "outage" : "balance", "working": "\(isWorking)"])
    }
    if case .working(let balance?) = outcome { await noteBalance(balance, provider) }
    guard kind == .outage, let state = try? await limiter.state(of: provider.id),
      state.mode == Breaker.Mode.open.rawValue
    else { return }
    let breaker = Breaker(mode: .open, pause: state.pause, limit: state.limit)
    await carryOut(breaker.afterProbe(outcome), provider, from: state.version, .open)
  }

  private func lookAtBalance(_ provider: Provider) async {
    // Not for each of many that fail together.
    if let state = try? await limiter.state(of: provider.id), let age = state.balanceAge, age < Self.viewAgeMax {
      return
    }
    let question = asking[provider.id] ?? SingleFlight()
    asking[provider.id] = question
    await question.run { await self.probe(.balance, provider) }
  }

  private func noteBalance(_ balance: Money, _ provider: Provider) async {
    try? await limiter.noteBalance(balance.tenThousandths, of: provider.id)
    try? await ProviderUpdates(store: store).keepBalance(balance, of: provider.id, age: .zero)
  }
}
