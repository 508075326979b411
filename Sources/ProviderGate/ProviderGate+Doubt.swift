import Adapters
import Calls
import EventLoop
import Orders
import Store
import Telemetry

/// What is done when the sends of one shop fail, and nothing is known of the others'.
extension ProviderGate {
  /// Between two probes that one process makes because of doubts about one provider.
  static let doubtPause = Duration.seconds(10)

  /// Asks for the balance, which is no shop's request: if that fails too, it is the provider.
  func look(into doubt: String, _ provider: Provider) async {
    let now = ContinuousClock.now
    if let last = doubted[provider.id], now - last < Self.doubtPause { return }
    doubted[provider.id] = now
    // Who can't be probed shows by the next orders whether it is the provider.
    guard client.canProbe(ProviderAccount(provider)) else { return }
    let (outcome, exchange) = await client.probe(account: ProviderAccount(provider))
    let isWorking = if case .working = outcome { true } else { false }
    instruments.countCall(provider, exchange, isWorking ? "working" : "not_working")
    metrics.add(
      "sevk_provider_probes_total", ["provider": provider.name, "why": "doubt", "working": "\(isWorking)"])
    guard let state = try? await limiter.state(of: provider.id), let mode = Breaker.Mode(rawValue: state.mode) else {
      return
    }
    let breaker = Breaker(mode: mode, pause: state.pause, limit: state.limit)
    guard let change = breaker.afterProbe(outcome, ofDoubt: doubt) else {
      log.warning(
        "the provider works, and sends of one flow fail at it", ["provider": provider.name, "reason": doubt])
      return
    }
    await carryOut(change, provider, from: state.version, mode)
  }
}
