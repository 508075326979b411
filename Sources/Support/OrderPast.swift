import EventLoop
public import Orders
public import Store

/// What was kept of an order: its sends, what people did to it, and what was said about it on the wire.
public struct OrderPast: Sendable {
  /// Oldest first.
  public var sends: [Send]
  /// Oldest first.
  public var audits: [Audit]
  /// Oldest first; empty where nothing is told of them.
  var steps: [TimelineStep]
  /// The orders that the provider gave this order's PIN as well, as far as they still wait for a person.
  var pinAlsoGivenTo: [OrderID]

  public init(
    sends: [Send], audits: [Audit] = [], steps: [TimelineStep] = [], pinAlsoGivenTo: [OrderID] = []
  ) {
    self.sends = sends
    self.audits = audits
    self.steps = steps
    self.pinAlsoGivenTo = pinAlsoGivenTo
  }

  @LoopActor
  public static func read(_ order: Order, _ store: Store) async throws -> OrderPast {
    // What was said on the wire names the provider's address, which reasons leave out.
    let isTold = order.status.work == .check || order.status == .pending && order.sends > 0
    return OrderPast(
      sends: try await store.sends(of: order.id), audits: try await store.audits(of: order.id),
      steps: isTold ? try await store.timeline(of: order.id) : [],
      pinAlsoGivenTo: order.hasPin ? try await store.ordersWaiting(withPinOf: order.id) : [])
  }

  /// What a person decided last, if the order has not moved since.
  func decision(_ order: Order) -> Audit? {
    // That somebody asked, or wants a second person, moves nothing.
    audits.last { $0.choice != nil }.flatMap { $0.version == order.version ? $0 : nil }
  }

  /// What came back from the current send; nil when nothing did or it is not kept any more.
  func answer(_ order: Order) -> Exchange? {
    let exchange = steps.reversed().lazy.compactMap { step -> Exchange? in
      guard case .exchange(let exchange, order.sends) = step.kind, exchange.kind == .send else { return nil }
      return exchange
    }.first
    return exchange?.error == nil ? exchange : nil
  }

  /// Why the newest call of the kind for the current send got no answer, with the provider's address; nil when it got one
  /// or is not kept any more.
  func failure(_ order: Order, _ kind: Exchange.Kind) -> String? {
    steps.reversed().lazy.compactMap { step -> Exchange? in
      guard case .exchange(let exchange, order.sends) = step.kind, exchange.kind == kind else { return nil }
      return exchange
    }.first?.error
  }

  /// Why the last question got no answer that could be read; nil when it got one or is not kept any more.
  func questionFailure(_ order: Order) -> String? {
    let last = steps.reversed().lazy.compactMap { step -> Exchange? in
      guard case .exchange(let exchange, order.sends) = step.kind, exchange.kind == .query else { return nil }
      return exchange
    }.first
    return last?.error ?? last?.status.flatMap { $0 == 200 ? nil : "HTTP status \($0)" }
  }

  /// Why the order became unresolved: a later question has overwritten the reason of the order itself.
  var reasonUnresolved: String? {
    steps.reversed().lazy.compactMap { step -> String? in
      guard case .status(.unresolved, let reason) = step.kind else { return nil }
      return reason
    }.first
  }

  /// How many of the newest questions ended without an answer or with the same as the last.
  func questionsAlike(_ order: Order) -> Int {
    let queries = steps.reversed().compactMap { step -> Exchange? in
      guard case .exchange(let exchange, order.sends) = step.kind, exchange.kind == .query else { return nil }
      return exchange
    }
    guard let last = queries.first else { return 0 }
    return min(order.checks, queries.prefix { $0.error != nil || $0.reply == last.reply }.count)
  }
}
