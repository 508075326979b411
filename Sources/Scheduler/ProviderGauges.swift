import EventLoop
import Orders
import ProviderGate
import Redis
import Store

/// Which providers take orders, and what money is left there.
@LoopActor
struct ProviderGauges {
  static let interval = Duration.seconds(10)

  private let directory: Directory
  private let limiter: ProviderLimiter

  init(directory: Directory, redis: RedisClient) {
    self.directory = directory
    limiter = ProviderLimiter(client: redis)
  }

  var reading: GaugeService.Reading {
    GaugeService.Reading(
      name: "providers", every: Self.interval,
      gauges: [
        (
          "sevk_provider_breaker_state",
          "1 for the state it is in: closed (sends go), ramp (few go, to see how it does), open (none goes)"
        ),
        ("sevk_provider_paused", "1 while a person has paused sends to it"),
        (
          "sevk_provider_account_trouble",
          "1 while it is closed for sends, or just opened again, because it refuses the account: by login, address or"
            + " permission (access), or by its balance (balance)"
        ),
        ("sevk_provider_products_short", "Products that orders want and that the balance is too low for"),
        ("sevk_provider_balance", "What it last said is left, in the account's currency; absent until it said so"),
      ]
    ) { try await read() }
  }

  private func read() async throws -> [Gauge] {
    var gauges: [Gauge] = []
    for provider in try await directory.providers() {
      let state = try await limiter.state(of: provider.id)
      for mode in [Breaker.Mode.closed, .ramp, .open] {
        gauges.append(
          Gauge(
            "sevk_provider_breaker_state", ["provider": provider.name, "state": mode.rawValue],
            state.mode == mode.rawValue ? 1 : 0))
      }
      gauges.append(Gauge("sevk_provider_paused", ["provider": provider.name], provider.pausedAt == nil ? 0 : 1))
      for trouble in [Breaker.Trouble.access, .balance] {
        gauges.append(
          Gauge(
            "sevk_provider_account_trouble", ["provider": provider.name, "trouble": trouble.rawValue],
            state.trouble == trouble.rawValue ? 1 : 0))
      }
      gauges.append(
        Gauge(
          "sevk_provider_products_short", ["provider": provider.name],
          Double(try await limiter.productsShort(at: provider.id, balance: state.balance))))
      if let balance = state.balance ?? provider.balance?.tenThousandths {
        gauges.append(Gauge("sevk_provider_balance", ["provider": provider.name], Double(balance) / 10_000))
      }
    }
    return gauges
  }
}
