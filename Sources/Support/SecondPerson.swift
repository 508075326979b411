import EventLoop
public import Orders
public import Store

/// To send again what a provider may have pays for it a second time where the person errs: above a sum that is set for the
/// provider, two people have to say so.
public struct SecondPerson: Sendable {
  public let provider: String
  /// In the provider's currency, as ``amount``.
  public let above: Money
  /// What another send costs; nil where nobody knows, which counts as more.
  public let amount: Money?
  public let currency: String?
  /// Who said so first, while that holds.
  public let first: SecondAsk?

  /// Why a second person is needed.
  public var words: String {
    let unit = currency.map { " \($0)" } ?? ""
    let costs = amount.map { "costs \($0)\(unit)" } ?? "costs a sum that nobody knows"
    return "sending it again \(costs), and \(provider) may have it: above \(above)\(unit) that takes two people"
  }

  /// Nil where one person is enough: the choice does not send again, no provider may have it, or it is no such sum.
  @LoopActor
  static func needed(
    for choice: PersonChoice, of decision: PersonDecision, _ store: Store
  ) async throws -> SecondPerson? {
    let open = decision.sends.filter { !$0.state.provesNothingThere || $0.mayHaveCost }
    guard choice == .notReceived, case .move(.pending, _) = decision.verdict(choice), !open.isEmpty else { return nil }
    let limits = try await store.secondPersonLimits(Array(Set(open.map(\.provider))))
    guard !limits.isEmpty else { return nil }
    let catalog = try await store.catalogCost(of: decision.order).map { $0 * max(1, decision.order.quantity) }
    for send in open {
      guard let limit = limits[send.provider] else { continue }
      // The dearest that is known: it may be sent by another route.
      let amount = [send.cost, catalog].compactMap(\.self).max()
      if let amount, amount <= limit.above { continue }
      return SecondPerson(
        provider: send.provider, above: limit.above, amount: amount, currency: limit.currency,
        first: try await store.secondAsk(of: decision.order))
    }
    return nil
  }
}
