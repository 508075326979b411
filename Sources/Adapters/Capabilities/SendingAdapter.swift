public import Orders

/// Of a provider that takes orders.
public protocol SendingAdapter: Adapter {
  /// What is wrong with an order's parameters; empty when it may be sent.
  func validate(parameters: [String: String]) -> [ParameterProblem]

  func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest
  /// Reads the reply to the first and only send of a reference.
  func readSend(_ reply: WireReply) -> SendOutcome

  /// Whether a reply to a send may be about the account's money without saying so for certain: then the balance is
  /// looked at. One that is surely about it is `SendOutcome.accountTrouble`.
  func mayBeAboutBalance(_ reply: WireReply) -> Bool
}

extension SendingAdapter {
  public func mayBeAboutBalance(_ reply: WireReply) -> Bool { false }
}
