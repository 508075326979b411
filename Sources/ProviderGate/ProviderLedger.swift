import CommandLine
import EventLoop
import Orders
import Store
import Telemetry

/// Keeps the balance of each provider current, and compares it with what the orders cost.
@LoopActor
final class ProviderLedger {
  /// What many sends brought is written together.
  static let pause = Duration.seconds(1)

  private let store: Store
  private let log: Log
  private let metrics: Metrics
  private let limiter: ProviderLimiter
  private let notices: Notices
  /// The newest balance of each provider that is not written yet.
  private var balances: [Int64: (balance: Money, at: ContinuousClock.Instant)] = [:]
  private var planned: Set<Int64> = []
  /// By the provider's id.
  private var tallies: [Int64: DropTally] = [:]

  init(store: Store, limiter: ProviderLimiter, _ instruments: Instruments) {
    self.store = store
    notices = Notices(store: store)
    (log, metrics) = (instruments.log, instruments.metrics)
    self.limiter = limiter
    metrics.describe(
      "sevk_provider_unexplained_debits_total", "counter", "Drops of the balance that the orders don't explain")
    metrics.describe(
      "sevk_provider_unexplained_debits_amount_total", "counter", "What those drops come to, in the account's currency")
    metrics.describe(
      "sevk_provider_withdrawals_total", "counter", "Drops of the balance too large for orders that were booked twice")
  }

  func note(_ provider: Provider, _ leave: ProviderLeave) {
    guard leave.result != .notSent, leave.result != .unused else { return }
    if let balance = leave.balance {
      let money = Money(tenThousandths: balance)
      balances[provider.id] = (money, ContinuousClock.now)
    }
    guard planned.insert(provider.id).inserted else { return }
    Task(executorPreference: EventLoop.shared) { await self.writeSoon(provider) }
  }

  private func writeSoon(_ provider: Provider) async {
    try? await EventLoop.sleep(for: Self.pause)
    planned.remove(provider.id)
    if let (balance, at) = balances.removeValue(forKey: provider.id) {
      // The next send brings a newer one.
      try? await ProviderUpdates(store: store).keepBalance(
        balance, of: provider.id, age: ContinuousClock.now - at)
    }
    do { try await compare(provider) } catch {
      log.debug("the balance was not compared", ["provider": provider.name, "reason": "\(error)"])
    }
  }

  private func compare(_ provider: Provider) async throws {
    guard let (sums, entries) = try await limiter.takeLedger(of: provider.id) else { return }
    var watch = BalanceWatch(sums)
    for entry in entries {
      guard entry.isAccepted else {
        watch.noteUnknown()
        continue
      }
      let drop = watch.note(
        cost: entry.cost.map { Money(tenThousandths: $0) }, balance: entry.balance.map { Money(tenThousandths: $0) },
        othersUnderWay: entry.othersUnderWay, notedMeanwhile: entry.notedMeanwhile)
      if let drop { await report(drop, balance: entry.balance, provider) }
    }
    try await limiter.keepSums(watch.text, of: provider.id)
  }

  private func report(_ drop: BalanceWatch.Drop, balance: Int64?, _ provider: Provider) async {
    let balance = balance.map { Money(tenThousandths: $0) }
    guard drop.mayBeBookedTwice else {
      log.error(
        "balance fell by more than orders booked twice would cost",
        ["provider": provider.name, "unexplained": "\(drop.amount)", "balance": balance.map { "\($0)" }])
      return metrics.add("sevk_provider_withdrawals_total", ["provider": provider.name])
    }
    if let line = tallies[provider.id, default: DropTally()].note(drop.amount, balance: balance) {
      write(line, provider)
      Task(executorPreference: EventLoop.shared) { await self.writeLater(provider) }
    }
    metrics.add("sevk_provider_unexplained_debits_total", ["provider": provider.name])
    metrics.add(
      "sevk_provider_unexplained_debits_amount_total", ["provider": provider.name],
      by: Double(drop.amount.tenThousandths) / 10_000)
    // Without the balance: tenants that share the account need not know it.
    let data = JSONText.object([
      "provider": JSONText.quote(provider.name), "amount": JSONText.quote("\(drop.amount)"),
      "currency": provider.currency.map { JSONText.quote($0) },
    ])
    do {
      try await notices.tell(
        ofProvider: provider.id, id: "debit/\(provider.id)/\(Clock.unixMilliseconds())",
        event: (.unexplainedDebit, "balance/\(provider.name)", data))
    } catch {
      log.warning(
        "operators were not told of an unexplained debit", ["provider": provider.name, "reason": "\(error)"])
    }
  }

  /// Writes what came in the minute after a line, until a minute was quiet.
  private func writeLater(_ provider: Provider) async {
    while true {
      try? await EventLoop.sleep(for: DropTally.pause)
      guard let line = tallies[provider.id]?.end() else { break }
      write(line, provider)
    }
    tallies[provider.id] = nil
  }

  /// `unexplained` is the sum of all `drops`.
  private func write(_ line: DropTally.Line, _ provider: Provider) {
    log.error(
      "balance fell more than the orders explain",
      [
        "provider": provider.name, "unexplained": "\(line.amount)", "balance": line.balance.map { "\($0)" },
        "drops": line.drops > 1 ? "\(line.drops)" : nil,
      ])
  }
}
