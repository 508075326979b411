import CommandLine
import EventLoop
import Orders
import ProviderGate
import Redis
import Store
import Telemetry

/// Tells shops of providers that take no orders and of money that runs out there, and when that is over: by their
/// endpoints, as a shop may have nobody who looks at metrics.
@LoopActor
struct ProviderNews {
  static let interval = Duration.seconds(10)
  /// What ends sooner is no news.
  private static let stayMin = Duration.seconds(15)

  private let directory: Directory
  private let limiter: ProviderLimiter
  private let store: DeliveryStore
  private let plan: @LoopActor ([DeliveryStore.Line]) async -> Void

  init(
    store: Store, directory: Directory, redis: RedisClient,
    plan: @escaping @LoopActor ([DeliveryStore.Line]) async -> Void
  ) {
    self.directory = directory
    self.plan = plan
    self.store = DeliveryStore(store: store)
    limiter = ProviderLimiter(client: redis)
  }

  func look() async throws {
    // Who has no endpoint hears nothing, and nothing is noted.
    guard !(try await store.tenants().isEmpty) else { return }
    for provider in try await directory.providers() {
      let state = try await limiter.state(of: provider.id)
      let isShort = try await limiter.productsShort(at: provider.id, balance: state.balance) > 0
      let isRefused = state.trouble == Breaker.Trouble.balance.rawValue
      try await tell(provider, "provider", state.mode == Breaker.Mode.open.rawValue, ["down", "recovered"])
      try await tell(provider, "balance", isShort || isRefused, ["balance_low", "balance_enough"])
    }
  }

  private func tell(_ provider: Provider, _ topic: String, _ isBad: Bool, _ words: [String]) async throws {
    guard
      let since = try await store.note(topic, of: provider.id, isBad: isBad, after: Self.stayMin)
    else { return }
    let type = "sevk.provider.\(words[isBad ? 0 : 1])"
    let id = "\(topic)/\(provider.id)/\(since)"
    let json = JSONText.object([
      "specversion": JSONText.quote("1.0"), "id": JSONText.quote(id), "source": JSONText.quote("sevk/{tenant}"),
      "type": JSONText.quote(type), "subject": JSONText.quote("\(topic)/\(provider.name)"),
      "time": JSONText.quote(Timestamp.rfc3339(since)), "sequence": JSONText.quote("\(since)"),
      "datacontenttype": JSONText.quote("application/json"),
      "data": JSONText.object(["provider": JSONText.quote(provider.name)]),
    ])
    await plan(try await store.announce(provider: provider.id, eventID: id, type: type, body: json))
  }
}
