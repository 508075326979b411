public import EventLoop
public import Orders
import Store

/// The right to send one order: a slot at its provider.
@LoopActor
public final class SendPermit {
  private let gate: ProviderGate
  private let provider: Provider
  private let want: SlotRequest
  private let place: ProviderPlace
  private let flow: String
  private let begun = ContinuousClock.now
  private var isOver = false
  /// What the provider's catalogue asks for it; nil where it does not say.
  public var catalogCost: Money? { want.catalogCost.map { Money(tenThousandths: $0) } }

  init(_ gate: ProviderGate, _ provider: Provider, _ want: SlotRequest, _ place: ProviderPlace, flow: String) {
    self.gate = gate
    self.provider = provider
    self.want = want
    self.place = place
    self.flow = flow
  }

  /// Gives the slot back; only the first call counts, so that it may be deferred as well.
  ///
  /// - Parameters:
  ///   - outcome: what the send proved; nil when nothing was sent.
  ///   - exchange: what was on the wire.
  public func leave(_ outcome: SendOutcome? = nil, _ exchange: Exchange? = nil) {
    guard !isOver else { return }
    isOver = true
    var leave = ProviderLeave(
      token: want.token, version: place.version, noted: place.noted, result: .unused,
      took: ContinuousClock.now - begun, product: want.product, flow: flow)
    var trouble: Breaker.Trouble?
    switch outcome {
    case .accepted(let receipt), .delivered(_, _, let receipt):
      leave.result = .accepted
      leave.cost = receipt.cost?.tenThousandths
      leave.balance = receipt.balance?.tenThousandths
    case .refused(let text): (leave.result, leave.error) = (.refused, text)
    case .accountTrouble(let text, let isBalance):
      // It answered, and so says nothing about the network.
      (leave.result, leave.error) = (.refused, text)
      trouble = isBalance ? .balance : .access
    case .notSent(let text):
      // Who answers that it did nothing is there; its stock may have less than was thought.
      let isAnswered = exchange?.status != nil
      (leave.result, leave.error) = (isAnswered ? .refused : .notSent, text)
      if isAnswered { gate.shelf.forget(provider.id) }
    case .unknown(let text):
      (leave.result, leave.error) = (exchange?.isAboutRequest ?? false ? .odd : .unknown, text)
    case nil: break
    }
    gate.left(provider, leave, trouble, exchange)
  }
}
