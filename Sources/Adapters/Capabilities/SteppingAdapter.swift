public import Orders

/// Of a provider where one answer leads to another request before all is said: an order that is made and then confirmed, a
/// status that stands in one place and the code in another.
///
/// The requests go out one after the other, each on a connection of its own, within the account's timeout for all of them, and
/// at most ``stepsMax``. When one of them gets no answer, a question has failed, and a send is unknown: never "not sent", since
/// the first request has left.
public protocol SteppingAdapter: SendingAdapter, QueryingAdapter {
  /// The next request; nil when the replies so far are all that there is to ask for. It asks for nothing that a reply about
  /// another order, or one that nobody has described, would lead to.
  ///
  /// - Parameters:
  ///   - replies: to the requests so far, in their order; at least one.
  ///   - kind: `send` or `query`.
  func step(
    after replies: [WireReply], of kind: Exchange.Kind, reference: String, account: ProviderAccount
  ) -> WireRequest?

  /// What all replies to a send prove together.
  func readSend(_ replies: [WireReply], reference: String) -> SendOutcome
  /// What all replies to a question prove together.
  func readQuery(_ replies: [WireReply], about reference: String, account: ProviderAccount) -> QueryOutcome
}

extension SteppingAdapter {
  /// Most requests of one send or question.
  public static var stepsMax: Int { 4 }

  public func readQuery(_ reply: WireReply, about reference: String, account: ProviderAccount) -> QueryOutcome {
    readQuery([reply], about: reference, account: account)
  }
}
