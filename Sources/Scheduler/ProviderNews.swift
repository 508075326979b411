import CommandLine
import EventLoop
import Orders
import ProviderGate
import Redis
import Store

/// Tells operators of providers that take no orders and of money that runs out there, and when that is over: by events, as
/// there may be nobody who looks at metrics.
@LoopActor
struct ProviderNews {
  static let interval = Duration.seconds(10)
  /// What ends sooner is no news.
  private static let stayMin = Duration.seconds(15)

  private let directory: Directory
  private let limiter: ProviderLimiter
  private let notices: Notices

  init(store: Store, directory: Directory, redis: RedisClient) {
    self.directory = directory
    notices = Notices(store: store)
    limiter = ProviderLimiter(client: redis)
  }

  func look() async throws {
    for provider in try await directory.providers() {
      let state = try await limiter.state(of: provider.id)
      let isShort = try await limiter.productsShort(at: provider.id, balance: state.balance) > 0
      let isRefused = state.trouble == Breaker.Trouble.balance.rawValue
      let isDown = state.mode == Breaker.Mode.open.rawValue
      try await tell(provider, "provider", isDown, isDown ? .providerDown : .providerRecovered)
      try await tell(provider, "balance", isShort || isRefused, isShort || isRefused ? .balanceLow : .balanceEnough)
    }
  }

  private func tell(_ provider: Provider, _ topic: String, _ isBad: Bool, _ type: OperatorEvent) async throws {
    try await notices.note(
      topic, of: provider.id, isBad: isBad, after: Self.stayMin,
      event: (type, "\(topic)/\(provider.name)", JSONText.object(["provider": JSONText.quote(provider.name)])))
  }
}
