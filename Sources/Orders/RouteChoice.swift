/// Which of a product's routes an order takes. Pure.
public enum RouteChoice {
  /// A provider that a route leads to, how this order's sends to it ended, and what is known of it now.
  public struct Candidate: Sendable, Equatable {
    public var providerID: Int64
    public var refusals: Int
    public var sendsNotSent: Int
    /// The order's fields are not what this route wants, which says nothing against the others.
    public var isUnfit = false
    /// Routes that follow each other and have one share the orders among them by it.
    public var share: Int?
    /// What the provider asks, where that is known.
    public var cost: Money?
    /// It takes no order that costs more; what nobody knows the price of, it takes.
    public var costMax: Money?
    /// nil while its sends go, or wait for nothing but their turn.
    public var shut: Shut?
    /// An order goes on to another route when this one has been shut for so long; nil: it waits.
    public var failoverAfter: Duration?

    public init(
      providerID: Int64, refusals: Int = 0, sendsNotSent: Int = 0, share: Int? = nil, cost: Money? = nil,
      costMax: Money? = nil, shut: Shut? = nil, failoverAfter: Duration? = nil
    ) {
      self.providerID = providerID
      self.refusals = refusals
      self.sendsNotSent = sendsNotSent
      self.share = share
      self.cost = cost
      self.costMax = costMax
      self.shut = shut
      self.failoverAfter = failoverAfter
    }

    var isTooDear: Bool {
      guard let cost, let costMax else { return false }
      return cost > costMax
    }

    /// Shut for so long that an order need not wait for it any more.
    var isGivenUp: Bool {
      guard let shut, let failoverAfter else { return false }
      return shut.lasted >= failoverAfter
    }
  }

  /// What keeps a provider from taking any order of the product, and since when.
  public struct Shut: Sendable, Equatable {
    public enum Why: String, Sendable, CaseIterable { case paused, down, account, balance, stock }
    public var why: Why
    public var lasted: Duration
    public init(_ why: Why, for lasted: Duration) {
      self.why = why
      self.lasted = lasted
    }
  }

  /// Why an order took the route it took: kept with the send, and counted. None ever changes its meaning.
  public enum Why: String, Sendable, CaseIterable {
    /// It comes first.
    case first
    /// It was drawn among routes that share the orders.
    case share
    /// It is the cheapest.
    case cost
    /// The ones before it refused the order.
    case refused
    /// The ones before it could not be reached, or did not receive the order.
    case notReached = "not_reached"
    /// The one before it had been shut for too long.
    case failover
    /// The ones before it ask more than their routes allow.
    case tooDear = "too_dear"

    /// One before it would have taken the order as well, now or later.
    public var isPreference: Bool {
      switch self {
      case .share, .cost, .failover, .tooDear: true
      case .first, .refused, .notReached: false
      }
    }
  }

  /// What an order does.
  public struct Choice: Sendable, Equatable {
    /// Of the route to take, or to wait for.
    public var index: Int
    public var why: Why
    /// Every route asks more than it may: the order waits, and is not to be sent by ``index`` either.
    public var isTooDear = false
    /// Where an order that waits for a shut provider goes instead, and after how long; nil when it only waits.
    public var goesOn: GoesOn?

    init(_ index: Int, _ why: Why) {
      self.index = index
      self.why = why
    }
  }

  /// Where else an order goes that waits.
  public struct GoesOn: Sendable, Equatable {
    public var index: Int
    public var after: Duration
    /// Whether that provider takes orders now. Where not, whichever opens first has it.
    public var isOpen: Bool
  }

  /// The route to take; nil when every provider has refused, or none takes the order's fields.
  ///
  /// The first in ``ranking(_:order:isByCost:)`` is taken first. A provider that refused is not asked again. One that could
  /// not be reached steps back behind those that failed less often, so that an outage moves orders on without giving the
  /// first choice up. One that asks too much is left out. Where the one whose turn it is has been shut for as long as its
  /// route allows, the next that is open has it; when it opens, it is taken again.
  ///
  /// Only ever called for an order that is proved not to be at any provider (`pending`).
  ///
  /// - Parameters:
  ///   - candidates: by position.
  ///   - order: draws among shares, the same for each try; nil where no share matters.
  ///   - isByCost: whether the cheaper comes first.
  public static func next(among candidates: [Candidate], order: OrderID? = nil, isByCost: Bool = false) -> Choice? {
    let ranking = ranking(candidates, order: order, isByCost: isByCost)
    let left = ranking.filter { candidates[$0].refusals == 0 && !candidates[$0].isUnfit }
    // A stable sort, by hand.
    let line = left.enumerated().sorted {
      (candidates[$0.element].sendsNotSent, $0.offset) < (candidates[$1.element].sendsNotSent, $1.offset)
    }.map(\.element)
    let allowed = line.filter { !candidates[$0].isTooDear }
    guard let first = allowed.first else {
      guard let dear = line.first else { return nil }
      var choice = Choice(dear, .tooDear)
      choice.isTooDear = true
      return choice
    }
    let others = allowed.dropFirst()
    let open = others.first { candidates[$0].shut == nil }
    if candidates[first].isGivenUp, let open { return Choice(open, .failover) }
    var choice = Choice(first, why(first, candidates, ranking, line, isByCost: isByCost))
    if let shut = candidates[first].shut, let after = candidates[first].failoverAfter, let other = open ?? others.first
    {
      choice.goesOn = GoesOn(index: other, after: max(after - shut.lasted, .zero), isOpen: open != nil)
    }
    return choice
  }

  /// Why the first that is left is the one.
  private static func why(
    _ index: Int, _ candidates: [Candidate], _ ranking: [Int], _ line: [Int], isByCost: Bool
  ) -> Why {
    if line.prefix(while: { $0 != index }).contains(where: { candidates[$0].isTooDear }) { return .tooDear }
    let before = ranking.prefix { $0 != index }.filter { !candidates[$0].isUnfit }
    if before.contains(where: { candidates[$0].refusals > 0 }) { return .refused }
    if before.contains(where: { candidates[$0].sendsNotSent > candidates[index].sendsNotSent }) { return .notReached }
    if isByCost, candidates[index].cost != nil, candidates.count > 1 { return .cost }
    return candidates[index].share != nil && candidates.count { $0.share != nil } > 1 ? .share : .first
  }
}
