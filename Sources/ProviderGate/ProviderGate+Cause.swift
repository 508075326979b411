public import EventLoop
public import Orders
public import Store

extension ProviderGate {
  /// What an order waits for that the gate sent back, for people. Costs hardly more than a question a second for each provider:
  /// what was just asked is still known.
  public func cause(of why: ProviderPlace.Why, at provider: Provider, _ order: Order) async -> WaitCause {
    switch why {
    case .slots: return .slots
    case .rate: return .rate
    case .paused: return .paused
    case .balance:
      let lack = await shelf.lack(
        at: provider, tenant: order.tenantID, product: order.product, count: order.quantity)
      return lack == nil ? .balance : .stock
    case .outage:
      switch (await view(provider))?.trouble.flatMap({ Breaker.Trouble(rawValue: $0) }) {
      case .access: return .account
      case .balance: return .balance
      case nil: return .down
      }
    }
  }
}
