/// An order as the database has it. Ages and waits are by the database's clock: a process's own clock is never a fact.
public struct Order: Sendable, Equatable {
  public var id: OrderID
  /// Grows with every change of status, by two when a person moves one that is at a provider, and when a lost send is repeated under
  /// its reference; a writer that saw an older one writes nothing.
  public var version: Int
  public var status: Status
  public var tenantID: Int64
  public var product: String
  /// What the customer entered, by name.
  public var fields: [String: String]
  /// The upstream service's own name for the order, if it gave one.
  public var shopReference: String?
  /// Whom it is for, at the provider: what support finds it by.
  public var player: String?
  public var priority: Priority
  public var quantity: Int
  /// Why it is held, failed, unresolved, or what it waits for; for support.
  public var reason: String?
  /// The same for programs; nil where the status says all there is.
  public var reasonCode: ReasonCode?
  /// Who got it, or is getting it.
  public var providerID: Int64?
  /// Our name for the current send at that provider.
  public var sendReference: String?
  /// Sends so far, proved not sent ones included; the number of the current attempt.
  public var sends: Int
  /// Questions asked since the status last changed.
  public var checks: Int
  /// Of them, those that somebody wanted before their time; the last may still be to come.
  public var asks = 0
  /// Since the current send was begun or, once it has ended, since its end; nil before the first.
  public var sinceSend: Duration?
  /// Since it was recorded.
  public var age: Duration
  /// Until the next step is due; negative when overdue, nil when there is none.
  public var untilDue: Duration?
  /// What the provider took, if it said so.
  public var cost: Money?
  /// Whether a PIN is stored.
  public var hasPin: Bool
  /// Milliseconds of Unix time.
  public var createdAt: Int64
  public var updatedAt: Int64
  /// W3C trace context of the request that brought it, as ``TraceContext`` writes it; nil when it came without one.
  public var trace: String?
  /// What the shop keeps with it for itself, JSON as it wrote it; only where the order was read by itself.
  public var metadata: String?
  /// What an answer says that would settle the order, until another bears it out.
  public var witness: Witness?
  /// How far a person is with it; nil where no desk has, or had, it.
  public var stage: Stage?
  /// When its shop claimed a refund, in milliseconds of Unix time: from then on it is never sent. nil: it did not.
  public var refundClaimedAt: Int64?

  public init(
    id: OrderID, version: Int, status: Status, tenantID: Int64, product: String, fields: [String: String],
    shopReference: String?, priority: Priority, quantity: Int, reason: String?, providerID: Int64?,
    sendReference: String?, sends: Int, checks: Int, age: Duration, sinceSend: Duration?, untilDue: Duration?,
    cost: Money?,
    hasPin: Bool, createdAt: Int64, updatedAt: Int64, trace: String?
  ) {
    self.id = id
    self.version = version
    self.status = status
    self.tenantID = tenantID
    self.product = product
    self.fields = fields
    self.shopReference = shopReference
    self.priority = priority
    self.quantity = quantity
    self.reason = reason
    self.providerID = providerID
    self.sendReference = sendReference
    self.sends = sends
    self.checks = checks
    self.age = age
    self.sinceSend = sinceSend
    self.untilDue = untilDue
    self.cost = cost
    self.hasPin = hasPin
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.trace = trace
  }
}

extension Order {
  /// Whether its shop claimed a refund: no send begins any more.
  public var isRefundClaimed: Bool { refundClaimedAt != nil }

  /// Whether its money may be given back.
  public var refundSafety: RefundSafety { RefundSafety(status, reasonCode, hasBeenSent: sends > 0) }
}
