public import Orders

/// Of a provider that can be asked what became of an order.
public protocol QueryingAdapter: Adapter {
  func query(reference: String, account: ProviderAccount) -> WireRequest
  /// Takes the account, since how far a "not found" goes is a matter of the installation.
  func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome
}
