public import Orders

/// Of a provider that can be asked what became of an order.
public protocol QueryingAdapter: Adapter {
  /// By which name of an order it is asked, which is the `reference` of the questions below.
  static var asked: AskedBy { get }
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

/// By which name of an order a provider is asked about it.
public enum AskedBy: Sendable {
  /// Ours, which it was given with the send: it can be asked whatever became of the answer.
  case ourReference
  /// Its own (`Receipt.providerID`), since it takes none of ours. A send whose answer was lost can't be asked about.
  case providerOrderID
}

extension QueryingAdapter {
  public static var asked: AskedBy { .ourReference }

  public func readQuery(_ reply: WireReply, about reference: String, account: ProviderAccount) -> QueryOutcome {
    readQuery(reply, account: account)
  }

  public func wireReference(_ reference: String) -> String { reference }

  public func reference(ofWire text: String) -> String { text }
}
