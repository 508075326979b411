public import Orders

/// Of a provider that can be asked for something harmless, such as its balance, which shows that login, address and
/// permission work. One without it is tried with an order where another is probed.
public protocol ProbingAdapter: Adapter {
  func probe(account: ProviderAccount) -> WireRequest
  func readProbe(_ reply: WireReply) -> ProbeOutcome
}
