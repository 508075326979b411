public import Orders

/// Of a provider that can be asked what became of an order.
public protocol QueryingAdapter: Adapter {
  func query(reference: String, account: ProviderAccount) -> WireRequest
  /// Takes the account, since how far a "not found" goes is a matter of the installation.
  func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome
  /// The same for an answer that says which order it is about: what is another's proves nothing.
  func readQuery(_ reply: WireReply, about reference: String, account: ProviderAccount) -> QueryOutcome
  /// Our reference as the provider is given it, and may repeat it.
  func wireReference(_ reference: String) -> String
  /// Our reference from the form in which the provider lists it; what is no such form stays as it is.
  func reference(ofWire text: String) -> String
}

extension QueryingAdapter {
  public func readQuery(_ reply: WireReply, about reference: String, account: ProviderAccount) -> QueryOutcome {
    readQuery(reply, account: account)
  }

  public func wireReference(_ reference: String) -> String { reference }

  public func reference(ofWire text: String) -> String { text }
}
