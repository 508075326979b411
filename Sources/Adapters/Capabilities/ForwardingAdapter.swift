public import Orders

/// Of a provider that may fulfil an order by ordering it elsewhere, and so in a circle: it is told whose orders this one was passed on
/// from.
public protocol ForwardingAdapter: SendingAdapter {
  /// - Parameter chain: ends with the order that is sent.
  func send(
    reference: String, parameters: [String: String], chain: OrderChain, account: ProviderAccount
  ) -> WireRequest
}
