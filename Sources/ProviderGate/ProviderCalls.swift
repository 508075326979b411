import EventLoop
public import Orders
public import Store
public import Telemetry

extension Instruments {
  /// Says what ``countCall(_:_:_:)`` counts; for those who call providers.
  @LoopActor public func describeCalls() {
    metrics.describe("sevk_provider_calls_total", "counter", "Calls to providers, by what they proved")
    metrics.describe(
      "sevk_provider_protocol_faults_total", "counter",
      "Answers that came before their question, or in another length than their head announced")
    metrics.describe(
      "sevk_provider_unfamiliar_replies_total", "counter",
      "Answers that no row of their provider's contract explains")
    metrics.describe("sevk_provider_call_duration_seconds", "histogram", "How long calls to providers took")
  }

  /// Counts and traces a send or a check. The questions with which a lost send is compared are not counted.
  @LoopActor public func countCall(_ provider: Provider, _ exchange: Exchange, _ outcome: String) {
    metrics.add(
      "sevk_provider_calls_total",
      ["provider": provider.name, "kind": exchange.kind.rawValue, "outcome": outcome])
    if exchange.isProtocolFault { metrics.add("sevk_provider_protocol_faults_total", ["provider": provider.name]) }
    metrics.observe(
      "sevk_provider_call_duration_seconds", ["provider": provider.name, "kind": exchange.kind.rawValue],
      exchange.duration)
    tracer?.noteCall(provider, exchange, outcome)
  }
}
