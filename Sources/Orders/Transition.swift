/// One move of one order without a person: what is written in one transaction (order row, attempt row, event, exchange).
///
/// It names the version it starts from. If the order has moved on meanwhile, nothing is written: that is the fence
/// against a process that was stopped and came back.
public struct Transition: Sendable {
  public let id: OrderID
  public let fromVersion: Int
  public let from: Status
  public let to: Status
  public let reason: Reason
  /// The order whose PIN the provider gave this one too: why it is held.
  public var pinOf: OrderID?
  /// Set when a send begins: the provider, our reference, and so a new attempt.
  public var send: (providerID: Int64, sendReference: String)?
  /// The terms that are kept with a send that begins. The move is refused, as a conflict, when the provider's account
  /// has become another one since they were read.
  public var terms: (isPinRequired: Bool, accountEpoch: Int)?
  /// A keyed hash of what the request of a send that begins says, where the provider may be sent the same once more
  /// (``SameReference``).
  public var sentPrint: [UInt8]?
  /// Kept with a send that begins: why this route (nil where there was no other), and what the provider's catalogue asks.
  public var choice: (why: RouteChoice.Why, words: String)?
  public var catalogCost: Money?
  /// Kept with a send that begins: what the order waited for before.
  public var waits: OrderWaits?
  /// What became of the current attempt, when that is known.
  public var sendState: SendState?
  public var cost: Money?
  public var balance: Money?
  /// The provider's own name for the order, beside our reference.
  public var providerOrderID: String?
  /// Until the next step is due; required unless the order is final or held.
  public var dueIn: Duration?
  /// The sealed PIN.
  public var sealedPin: [UInt8]?
  /// A keyed hash of the PIN: the move is refused, as a conflict, when another order has the same.
  public var pinFingerprint: [UInt8]?
  public var exchange: Exchange?
  /// What is witnessed and not proved yet; nil takes back what was.
  public var witness: Witness?

  /// - Parameter reason: where the status alone does not say it.
  /// - Precondition: the life of an order allows the move (see ``Status``). What contests an end is no such move: it keeps
  ///   what was delivered.
  public init(_ order: Order, to status: Status, _ reason: Reason = Reason(nil)) {
    precondition(
      order.status.canBecome(status) && !order.status.row.fromDeskAlone.contains(status),
      "an order can't go from \(order.status) to \(status)")
    id = order.id
    fromVersion = order.version
    from = order.status
    to = status
    self.reason = reason
  }
}

/// What became of one send.
public enum SendState: String, Sendable {
  case sending, accepted, refused
  case notSent = "not_sent"
  case unknown
  case notReceived = "not_received"
}
