public import EventLoop
public import Orders
public import ProviderGate
import Queue
public import Redis
public import Store

/// What lets orders wait at their providers. Each thing is asked once, so any number of orders can be gone through.
@LoopActor
public final class ProviderWaits {
  /// Why orders of one product wait at a provider.
  public struct Wait: Sendable {
    public let provider: Provider
    public let state: ProviderState
    public let kind: Hindrance.Kind
    /// What one costs.
    public let price: ProviderPrice
  }

  /// Orders that a provider's balance is too low for.
  public struct Shortage: Sendable, Equatable {
    public var orders = 0
    /// What the dearest of them costs; nil when only the provider knows, which called the balance too low.
    public var cost: Money?
    /// What is there.
    public let balance: Money

    /// `7.50, and one costs 32.50`.
    public var words: String {
      "\(balance), " + (cost.map { "and one costs \($0)" } ?? "which it says is too low for them")
    }
  }

  private struct Key: Hashable {
    let isSend: Bool
    let tenant: Int64
    let product: String
    let provider: Int64?
  }

  private let directory: Directory
  private let store: Store
  private let limiter: ProviderLimiter
  private let shelf: StockShelf
  private var states: [Int64: ProviderState] = [:]
  private var known: [Key: Wait?] = [:]

  public init(directory: Directory, store: Store, redis: RedisClient) {
    self.directory = directory
    self.store = store
    limiter = ProviderLimiter(client: redis)
    shelf = StockShelf(store, directory)
  }

  /// A provider's state as it was when it was first asked for.
  public func state(of provider: Int64) async throws -> ProviderState {
    if let state = states[provider] { return state }
    let state = try await limiter.state(of: provider)
    states[provider] = state
    return state
  }

  /// What an order waits for at its provider; nil when that does not keep it.
  ///
  /// - Parameters:
  ///   - isSend: whether it waits to be sent; else it is asked about.
  ///   - provider: who had it last; nil before its first send.
  public func wait(isSend: Bool, tenant: Int64, product: String, provider: Int64?) async throws -> Wait? {
    let key = Key(isSend: isSend, tenant: tenant, product: product, provider: provider)
    if let wait = known[key] { return wait }
    let wait = try await read(key)
    known[key] = .some(wait)
    return wait
  }

  private func read(_ key: Key) async throws -> Wait? {
    var id = key.provider
    if id == nil { id = try await directory.routes(tenant: key.tenant, product: key.product).first?.providerID }
    guard let id, let provider = try await directory.provider(id) else { return nil }
    let state = try await state(of: id)
    guard key.isSend else {
      // What a provider has is asked about while it is paused, but not while it is down.
      if Breaker.Mode(rawValue: state.mode) == .open {
        return Wait(provider: provider, state: state, kind: .providerDown, price: ProviderPrice())
      }
      guard try await limiter.slowQuestions(of: id) != nil else { return nil }
      return Wait(provider: provider, state: state, kind: .questionsSlowed, price: ProviderPrice())
    }
    if let dear = try await tooDear(key, state) { return dear }
    if await shelf.lack(at: provider, tenant: key.tenant, product: key.product, count: 1) != nil {
      return Wait(provider: provider, state: state, kind: .stock, price: ProviderPrice())
    }
    let price = try await limiter.price(tenant: key.tenant, product: key.product, at: id, store)
    guard let kind = ProviderText.hindrance(provider, state, price: price)?.kind else { return nil }
    return Wait(provider: provider, state: state, kind: kind, price: price)
  }

  /// That every route of a product asks more than it may; nil where one does not.
  private func tooDear(_ key: Key, _ state: ProviderState) async throws -> Wait? {
    let routes = try await directory.routes(tenant: key.tenant, product: key.product)
    guard !routes.isEmpty, routes.allSatisfy({ $0.terms.costMax != nil }) else { return nil }
    var cheapest: (provider: Provider, price: ProviderPrice)?
    for route in routes {
      guard let most = route.terms.costMax, let provider = try await directory.provider(route.providerID) else {
        continue
      }
      let price = try? await limiter.price(of: "\(key.tenant)/\(key.product)", at: provider.id)
      let catalog = try await store.catalogPrice(tenant: key.tenant, product: key.product, provider: provider.id)
      guard let cost = RouteOutlook(provider, state, price, catalog: catalog).cost, cost > most else { return nil }
      if cheapest?.price.cost.map({ cost.tenThousandths < $0 }) ?? true {
        cheapest = (provider, ProviderPrice(cost: cost.tenThousandths))
      }
    }
    return cheapest.map { Wait(provider: $0.provider, state: state, kind: .price, price: $0.price) }
  }

  /// The providers whose balance is too low for orders that wait, by id.
  public func shortages(_ store: Store) async throws -> [Int64: Shortage] {
    var shortages: [Int64: Shortage] = [:]
    for waiting in try await store.waitingSends() {
      let wait = try await wait(
        isSend: true, tenant: waiting.tenantID, product: waiting.product, provider: waiting.providerID)
      guard let wait, let shortage = wait.shortage else { continue }
      shortages[wait.provider.id, default: shortage].add(waiting.count, wait.price)
    }
    return shortages
  }
}

extension ProviderWaits.Wait {
  /// nil unless it is the balance; without an order yet.
  public var shortage: ProviderWaits.Shortage? {
    guard kind == .balance, let balance = state.balance else { return nil }
    var shortage = ProviderWaits.Shortage(balance: Money(tenThousandths: balance))
    shortage.add(0, price)
    return shortage
  }
}

extension ProviderWaits.Shortage {
  /// - Parameter price: of one.
  public mutating func add(_ orders: Int, _ price: ProviderPrice?) {
    self.orders += orders
    // A cost that the balance covers is not why they wait.
    guard let cost = price?.cost.map({ Money(tenThousandths: $0) }), cost > balance else { return }
    self.cost = max(self.cost ?? cost, cost)
  }
}

extension ProviderLimiter {
  /// What a product costs by the provider's answers, else by its catalogue.
  func price(tenant: Int64, product: String, at provider: Int64, _ store: Store) async throws -> ProviderPrice {
    var price = try await price(of: "\(tenant)/\(product)", at: provider)
    if price.cost == nil {
      price.cost = try await store.catalogCost(tenant: tenant, product: product, provider: provider)?.tenThousandths
    }
    return price
  }
}
