public import Adapters
public import Store
public import Orders

extension ProviderAccount {
  /// The account of a configured provider.
  public init(_ provider: Provider) {
    self.init(
      id: provider.id, name: provider.name, adapter: provider.adapter, baseURL: provider.baseURL,
      credentials: provider.credentials, timeout: provider.timeout, trustNotFoundAfter: provider.trustNotFoundAfter)
  }
}

extension ProcessFrame {
  /// Counts a call to a provider, and traces it.
  public func countCall(_ provider: Provider, _ exchange: Exchange, _ outcome: String) {
    metrics.add(
      "sevk_provider_calls_total",
      ["provider": provider.name, "kind": exchange.kind.rawValue, "outcome": outcome])
    metrics.observe(
      "sevk_provider_call_duration_seconds", ["provider": provider.name, "kind": exchange.kind.rawValue],
      exchange.duration)
    tracer?.noteCall(provider, exchange, outcome)
  }
}
