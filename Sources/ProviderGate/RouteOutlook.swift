public import EventLoop
public import Orders
public import Store

/// What is known of a route's provider when an order chooses among several.
public struct RouteOutlook: Sendable, Equatable {
  /// nil while it takes orders of the product, or nobody can say.
  public var shut: RouteChoice.Shut?
  /// What the product costs there: what the provider last took for it, or what its catalogue asks, whichever is newer.
  public var cost: Money?

  public init(shut: RouteChoice.Shut? = nil, cost: Money? = nil) {
    self.shut = shut
    self.cost = cost
  }

  /// - Parameters:
  ///   - state: nil when it can't be read: then only a person's pause is known.
  ///   - price: learnt from the provider's answers.
  ///   - catalog: what its catalogue asks, and how long ago it was read.
  public init(
    _ provider: Provider, _ state: ProviderState?, _ price: ProviderPrice?, catalog: (cost: Money, age: Duration)?
  ) {
    let learnt = price?.cost.map { Money(tenThousandths: $0) }
    let learntAge = price?.costAt.flatMap { moment in state?.age(of: moment) }
    if let catalog, learnt == nil || learntAge.map({ catalog.age < $0 }) ?? false {
      cost = catalog.cost
    } else {
      cost = learnt
    }
    if let lasted = provider.pausedFor {
      shut = .init(.paused, for: lasted)
    } else if let state, let lasted = state.shutFor {
      let trouble = state.trouble.flatMap { Breaker.Trouble(rawValue: $0) }
      shut = .init(trouble == .access ? .account : trouble == .balance ? .balance : .down, for: lasted)
    } else if let state, var price {
      // As `provider_enter.lua` has it: the catalogue counts until something was learnt.
      price.cost = price.cost ?? catalog?.cost.tenThousandths
      if price.isTooMuch(for: state.balance) {
        shut = .init(.balance, for: price.waitsSince.map { state.age(of: $0) } ?? .zero)
      }
    }
  }
}

extension RouteOutlook {
  /// The same so much later.
  func aged(by time: Duration) -> RouteOutlook {
    var outlook = self
    outlook.shut?.lasted += time
    return outlook
  }
}

/// Who tells what is known of a route's provider.
@LoopActor
public protocol RouteOutlooks: Sendable {
  func outlook(_ provider: Provider, for route: Route) async -> RouteOutlook
}
