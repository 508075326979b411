/// An order at a desk, as the database has it: what a word about it is judged by.
public struct Fulfilment: Sendable, Equatable {
  /// An order's offer to one partner.
  public struct Offer: Sendable, Equatable {
    public let partner: Int64
    public var state: OfferState
    /// What they want for it; nil where they did not say.
    public var price: Money?
    /// What they said with it; empty where nothing.
    public var note: String
    /// They would have done it: that counts again when the order is offered anew.
    public var hasResponded: Bool
    /// They had it and gave it up: it is never offered to them again.
    public var hasGivenUp: Bool

    public init(
      _ partner: Int64, _ state: OfferState, price: Money? = nil, note: String = "", hasResponded: Bool = false,
      hasGivenUp: Bool = false
    ) {
      self.partner = partner
      self.state = state
      self.price = price
      self.note = note
      self.hasResponded = hasResponded
      self.hasGivenUp = hasGivenUp
    }
  }

  public var orderID: OrderID
  /// Of the order: what a partner's page has seen.
  public var version: Int
  /// Of the order. Words count only while it is `sent`.
  public var status: Status
  /// Grows with each word that is written, whether the order's version does or not.
  public var revision: Int
  public var flow: Flow
  public var rule: OfferRule
  public var whenNobody: WhenNobody
  public var acceptWithin: Duration
  public var handOver: HandOver
  public var stage: Stage
  /// The partner who has it.
  public var holder: Int64?
  /// In the order of the desk; those who were never asked have none.
  public var offers: [Offer]
  /// Whom it may be offered to today, in the order of the desk: active partners of the order's tenant.
  public var candidates: [Int64]
  public var cancel: CancelRequest?
  /// Wrong codes since the last right one.
  public var tries: Int
  /// Until the clock has a say: nobody took it, or it is not done in time. Nil: never.
  public var untilDeadline: Duration?
  /// Its shop claimed the refund: nobody else is asked any more.
  public var isRefundClaimed: Bool
  /// Partners' names, for people.
  public var names: [Int64: String]
  public var providerID: Int64

  public init(
    orderID: OrderID, version: Int, status: Status, revision: Int, flow: Flow, rule: OfferRule, whenNobody: WhenNobody,
    acceptWithin: Duration, handOver: HandOver, stage: Stage, holder: Int64?, offers: [Offer], candidates: [Int64],
    cancel: CancelRequest?, tries: Int, untilDeadline: Duration?, isRefundClaimed: Bool, names: [Int64: String],
    providerID: Int64
  ) {
    self.orderID = orderID
    self.version = version
    self.status = status
    self.revision = revision
    self.flow = flow
    self.rule = rule
    self.whenNobody = whenNobody
    self.acceptWithin = acceptWithin
    self.handOver = handOver
    self.stage = stage
    self.holder = holder
    self.offers = offers
    self.candidates = candidates
    self.cancel = cancel
    self.tries = tries
    self.untilDeadline = untilDeadline
    self.isRefundClaimed = isRefundClaimed
    self.names = names
    self.providerID = providerID
  }

  public func offer(to partner: Int64) -> Offer? { offers.first { $0.partner == partner } }

  /// For people.
  public func name(_ partner: Int64?) -> String { partner.flatMap { names[$0] } ?? "a partner" }
}
