public import Adapters
public import EventLoop
public import Orders
public import Store

extension Store {
  /// The name by which a provider is asked about the current send of an order: ours or, where it takes none of ours, its own.
  /// Nil where there is none, so that nothing can be asked.
  @LoopActor
  public func askedName(of order: Order, by adapter: any Adapter) async throws -> String? {
    guard let adapter = adapter as? any QueryingAdapter else { return order.sendReference }
    switch type(of: adapter).asked {
    case .ourReference: return order.sendReference
    case .providerOrderID: return try await sendTerms(of: order)?.providerOrderID
    }
  }
}

extension Adapter {
  /// Digits of an invented name that is asked about beside `name`: as many as the provider gives its own.
  func inventedDigits(beside name: String) -> Int {
    guard let adapter = self as? any QueryingAdapter, type(of: adapter).asked == .providerOrderID else {
      return facts.referenceDigits
    }
    return min(max(name.utf8.count, 10), 18)
  }
}
